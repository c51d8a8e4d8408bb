internal import BoxOCI

extension RunOptions {
    static let defaultPath = "/usr/local/sbin:/usr/local/bin:/usr/sbin:/usr/bin:/sbin:/bin"

    /// A clean environment: PATH, HOME, TERM on a terminal, `container`, then the files, then `-e`; the last wins.
    /// Nothing of the caller's gets in unnamed: it may hold tokens.
    func environment(home: String, _ context: SpecContext) throws(BoxError) -> [String] {
        var variables = [Pair("PATH", Self.defaultPath), Pair("HOME", home)]
        if tty || (interactive && context.inputIsTerminal) {
            variables.append(Pair("TERM", context.callerEnvironment["TERM"] ?? "xterm"))
        }
        variables.append(Pair("container", "swiftbox"))
        for variable in try given(context) { set(variable, in: &variables) }
        return variables.map { "\($0.name)=\($0.value)" }
    }

    /// What was asked for, each with its value, for who does not know the caller's files and environment.
    func givenVariables(_ context: SpecContext) throws(BoxError) -> [String] {
        var variables: [Pair] = []
        if tty || (interactive && context.inputIsTerminal), let terminal = context.callerEnvironment["TERM"] {
            variables.append(Pair("TERM", terminal))
        }
        for variable in try given(context) { set(variable, in: &variables) }
        return variables.map { "\($0.name)=\($0.value)" }
    }

    /// The files', then those of `-e`, in their order.
    private func given(_ context: SpecContext) throws(BoxError) -> [Pair] {
        var variables: [Pair] = []
        for path in envFiles { variables += try fileVariables(path, context) }
        for text in env { variables.append(try variable(text, flag: "--env", shown: text, context)) }
        return variables
    }

    private func set(_ variable: Pair, in variables: inout [Pair]) {
        if let index = variables.firstIndex(where: { $0.name == variable.name }) {
            variables[index] = variable
        } else {
            variables.append(variable)
        }
    }

    /// `NAME=VALUE`, or `NAME` for the caller's value.
    private func variable(
        _ text: String, flag: String, shown: String, _ context: SpecContext
    ) throws(BoxError) -> Pair {
        let (name, value) = cutPair(text) ?? (text, nil)
        guard !name.isEmpty, !name.contains("="), name.utf8.allSatisfy({ $0 > 32 && $0 != 127 }) else {
            throw refusal(flag, shown, "must be NAME=VALUE or NAME, the name without blanks")
        }
        guard let value = value ?? context.callerEnvironment[name] else {
            throw refusal(
                flag, shown, "\(name) is not set in the environment of swiftbox",
                remedy: "give it a value: \(name)=VALUE, or \(name)= for an empty one")
        }
        return Pair(name, value)
    }

    /// A line a variable; blank lines and those that begin with `#` are left out. Quotes are part of the value.
    private func fileVariables(_ path: String, _ context: SpecContext) throws(BoxError) -> [Pair] {
        let flag = "--env-file"
        let bytes = try context.readFile(context.absolute(path), flag)
        if bytes.contains(0) { throw refusal(flag, path, "holds a NUL byte, so it is no text") }
        guard let text = String(validating: bytes, as: UTF8.self) else {
            throw refusal(flag, path, "is not UTF-8 text")
        }
        var variables: [Pair] = []
        for (index, raw) in text.split(omittingEmptySubsequences: false, whereSeparator: \.isNewline).enumerated() {
            let line = raw.drop { $0 == " " || $0 == "\t" }
            if line.isEmpty || line.hasPrefix("#") { continue }
            variables.append(
                try variable(String(line), flag: flag, shown: "\(path), line \(index + 1)", context))
        }
        return variables
    }
}
