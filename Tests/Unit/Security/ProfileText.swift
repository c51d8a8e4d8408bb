import BoxOCI

/// A seccomp profile as `configs/seccomp/default.json` writes it: names wrapped, a rule with arguments in one line.
enum ProfileText {
    static func write(_ profile: Seccomp) -> String {
        """
        {
          "defaultAction": "\(profile.defaultAction)",
          "defaultErrnoRet": \(profile.defaultErrnoRet ?? 1),
          "architectures": [\(profile.architectures.map { "\"\($0)\"" }.joined(separator: ", "))],
          "syscalls": [
        \(profile.syscalls.map(rule).joined(separator: ",\n"))
          ]
        }

        """
    }

    private static func rule(_ rule: Seccomp.Syscall) -> String {
        var text = "    {\n      \"names\": [\n\(names(rule.names))\n      ],\n      \"action\": \"\(rule.action)\""
        if let errno = rule.errnoRet { text += ",\n      \"errnoRet\": \(errno)" }
        if !rule.args.isEmpty {
            text += ",\n      \"args\": [\(rule.args.map(argument).joined(separator: ", "))]"
        }
        return text + "\n    }"
    }

    private static func names(_ names: [String]) -> String {
        var lines = ["       "]
        for (index, name) in names.enumerated() {
            let word = " \"\(name)\"" + (index + 1 < names.count ? "," : "")
            if lines[lines.count - 1].count + word.count > 110 { lines.append("       ") }
            lines[lines.count - 1] += word
        }
        return lines.joined(separator: "\n")
    }

    private static func argument(_ argument: Seccomp.Argument) -> String {
        let two = argument.op == "SCMP_CMP_MASKED_EQ" ? "\"valueTwo\": \(argument.valueTwo), " : ""
        return "{ \"index\": \(argument.index), \"value\": \(argument.value), \(two)\"op\": \"\(argument.op)\" }"
    }
}
