internal import ArgumentParser
internal import BoxDocument
internal import BoxOCI
internal import BoxSpec
internal import BoxSystem

struct SpecCommand: ParsableCommand {
    static let configuration = CommandConfiguration(
        commandName: "spec", abstract: "Check, show and make spec files: boxes described by a file.",
        discussion: """
            A spec file is YAML or JSON. Its keys are those of a Compose service where Compose has one, and rootfs, \
            bundle, limits, seccomp, copy_out, … beside them. "swiftbox run -f FILE" runs it; flags override: \
            scalars replace, lists append.
            """,
        subcommands: [Check.self, Show.self, Convert.self, Schema.self])

    struct Check: ParsableCommand {
        static let configuration = CommandConfiguration(
            abstract: "Say all that is wrong with spec files, each with its line and key; exit status 1 then.")

        enum Format: String, ExpressibleByArgument, CaseIterable { case text, json, sarif }

        @Option(help: "text, json or sarif (for annotations in CI).") var format = Format.text
        @Argument(help: "The files; - is standard input.", completion: .file()) var files: [String]

        func run() throws {
            var findings: [SpecFinding] = []
            for path in files {
                let file = try SpecText.read(path)
                let errors = file.check { (options) throws(BoxError) in
                    try SpecContext.ofHost(id: "000000000000", options: options)
                }
                findings.append(SpecFinding(file: path, errors: errors))
            }
            switch format {
            case .text: StandardStreams.printOut(findings.map(\.text).joined(separator: "\n"))
            case .json: StandardStreams.printOut(SpecFinding.json(findings))
            case .sarif: StandardStreams.printOut(SpecFinding.sarif(findings, version: Swiftbox.version))
            }
            if findings.contains(where: { !$0.errors.isEmpty }) { throw ExitCode(1) }
        }
    }

    struct Show: ParsableCommand {
        static let configuration = CommandConfiguration(
            abstract: "Print the OCI configuration that a spec file stands for.",
            usage: "swiftbox spec show FILE [FLAGS OF run] [-- COMMAND]",
            discussion: "Flags of run override what the file says, as they do for run.")

        @OptionGroup(visibility: .hidden) var flags: RunFlags

        func run() throws {
            var flags = flags
            if flags.rootFlags.file == nil, let path = flags.words.first, !path.hasPrefix("-") {
                flags = try RunFlags.parse(["--file", path] + flags.words.dropFirst())
            }
            let request = try flags.typed(help: Self.self).request()
            StandardStreams.printOut(String(decoding: JSON.write(request.spec.document, pretty: true), as: UTF8.self))
        }
    }

    struct Convert: ParsableCommand {
        static let configuration = CommandConfiguration(
            abstract: "Make a spec file of a docker run command line, or of a service of a Compose file.",
            usage: """
                swiftbox spec convert -- docker run [FLAGS] IMAGE [COMMAND]
                swiftbox spec convert --compose FILE [--service NAME]
                """,
            discussion: """
                The file goes to standard output. What has no counterpart is listed in its first lines as comments, \
                and on standard error; nothing is dropped silently.
                """)

        @Option(help: .init("A Compose file.", valueName: "file"), completion: .file()) var compose: String?
        @Option(help: .init("One of its services.", valueName: "name")) var service: String?
        @Argument(parsing: .captureForPassthrough, help: .hidden) var words: [String] = []

        func run() throws {
            let conversion: Conversion
            if let compose {
                conversion = try Conversion(
                    compose: SpecText.bytes(compose, "--compose"), path: compose, service: service)
            } else {
                var words = words.first == "--" ? Array(words.dropFirst()) : words
                if ["docker", "podman"].contains(words.first) { words.removeFirst() }
                if words.first == "container" { words.removeFirst() }
                guard words.first == "run" else {
                    if words.first == "--help" { throw CleanExit.helpRequest(Self.self) }
                    throw BoxError(
                        .invalidSpec, "nothing to convert", remedy: "swiftbox spec convert -- docker run IMAGE COMMAND")
                }
                conversion = try Conversion(dockerRun: Array(words.dropFirst()))
            }
            StandardStreams.printOut(conversion.text.dropLast().description)
            for line in conversion.leftOut { Report.warning("left out: \(line)") }
        }
    }

    struct Schema: ParsableCommand {
        static let configuration = CommandConfiguration(
            abstract: "Print the JSON Schema of spec files, for editors.")

        func run() { StandardStreams.printOut(SpecSchema.text) }
    }
}

/// A spec file's bytes.
enum SpecText {
    private static let limit = 1 << 20

    /// `-` is standard input. Relative paths in the file start at its directory.
    static func read(_ path: String) throws(BoxError) -> SpecFile {
        let (bytes, working) = try explaining({ unreadable("--file", path, $0) }) { () throws(Errno) in
            let bytes = path == "-" ? try File.readAll(0, limit: limit) : try File.contents(of: path, limit: limit)
            return (bytes, try OwnProcess.workingDirectory())
        }
        let whole = path.hasPrefix("/") ? path : working + "/" + path
        return SpecFile(bytes, path: path, directory: path == "-" ? working : File.split(whole).parent)
    }

    static func bytes(_ path: String, _ flag: String) throws(BoxError) -> [UInt8] {
        try explaining({ unreadable(flag, path, $0) }) { () throws(Errno) in try File.contents(of: path, limit: limit) }
    }

    private static func unreadable(_ flag: String, _ path: String, _ errno: Errno) -> BoxError {
        BoxError(
            errno == .noSuchFileOrDirectory ? .notFound : .kernel, "\(flag) \(path): cannot be read", field: flag,
            errno: errno)
    }
}
