import ArgumentParser
import Testing

@testable import swiftbox

/// The quick way from words to what was typed says what the parser says, or nothing.
@Suite struct QuickReaderTests {
    private struct Flag {
        let letter: String?
        let name: String
        let takesValue: Bool
    }

    /// All flags of `run`, by its help.
    private static let flags: [Flag] = RunCommand.helpMessage(columns: 200).split(separator: "\n").compactMap { line in
        let words = line.split(separator: " ").map(String.init)
        guard line.hasPrefix("  -"), let place = words.firstIndex(where: { $0.hasPrefix("--") }), place < 2 else {
            return nil
        }
        let name = words[place].split(separator: "/")[0]
        return Flag(
            letter: place == 1 ? String(words[0].dropLast()) : nil, name: String(name).replacing(",", with: ""),
            takesValue: words.count > place + 1 && words[place + 1].hasPrefix("<"))
    }

    /// Flags that the parser alone reads.
    private static let left: Set<String> = ["--sig-proxy", "--help", "--version"]

    private func parsed(_ words: [String]) throws -> TypedRun {
        try RunFlags.parse(words).typed(help: RunCommand.self)
    }

    private func check(_ words: [String], _ comment: Comment? = nil) throws {
        let quick = try #require(QuickReader.read(words[...]), comment)
        #expect(try quick == parsed(words), "\(words)")
    }

    /// All at once, each with a value of its own: a parser that builds with this many flags takes its time.
    @Test func everyFlagIsReadAsTheParserReadsIt() throws {
        #expect(Self.flags.count > 90)
        var apart: [String] = []
        var joined: [String] = []
        var letters: [String] = []
        for (number, flag) in Self.flags.enumerated() where !Self.left.contains(flag.name) {
            let value = "a=\(number):b"
            #expect(QuickReader.read([flag.name] + (flag.takesValue ? [value] : [])) != nil, "\(flag.name)")
            apart += [flag.name] + (flag.takesValue ? [value] : [])
            joined.append(flag.takesValue ? "\(flag.name)=-\(value)" : flag.name)
            if let letter = flag.letter { letters += [letter] + (flag.takesValue ? [value] : []) }
        }
        #expect(letters.count > 15)
        try check(apart + ["prog", "--memory", "-x"])
        try check(joined + ["--", "-prog", "--"])
        try check(letters + ["prog"])
    }

    @Test func flagsTogether() throws {
        try check(["-it", "--rm", "-m", "512m", "-e", "A=1", "-e", "B", "--cpus=1.5", "-v", "/a:/b", "sh", "-c", "x"])
        try check(["-itd", "--image", "box", "--name", "n", "--health-cmd", "true", "--", "sleep", "1"])
        try check(["--bundle", "b"])
        try check(["-i", "-i", "prog"])
        try check(["prog"])
        try check(["--", "prog"])
    }

    @Test(arguments: [
        [], ["-h"], ["--help"], ["--help", "prog"], ["--memory"], ["--memory", "-1", "prog"], ["--memory", "", "prog"],
        ["--memory=", "prog"], ["--memory", "1m", "--memory", "2m", "prog"], ["--tty=true", "prog"], ["-m1g", "prog"],
        ["-", "prog"], ["-ix", "prog"], ["-mi", "1g", "prog"], ["--memor", "1g", "prog"],
        ["--publish", "80:80", "prog"],
        ["-p", "80:80"], ["--sig-proxy", "false", "prog"], ["-e=1", "prog"], ["COMMAND", "x"].map { "--" + $0 },
        ["-é", "prog"], ["--pids-limit", "-1", "prog"],
    ])
    func isLeftToTheParser(_ words: [String]) {
        #expect(QuickReader.read(words[...]) == nil)
    }
}
