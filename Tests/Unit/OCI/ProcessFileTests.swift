import BoxDocument
import BoxOCI
import Testing

/// process.json, which is `process` of config.json standing alone: the same errors at the same places.
@Suite struct ProcessFileTests {
    private static let broken: [Broken] = [
        Broken("§{}", "process.cwd", "is missing"),
        Broken("§[]", "process", "must be an object, found an array"),
        Broken("{\"cwd\": \"/\",§}", nil, "not JSON: expected a key in quotes"),
        Broken("{\"cwd\": §7}", "process.cwd", "must be a string, found a number"),
        Broken("{\"args\": [\"a\"], \"cwd\": §\"tmp\"}", "process.cwd", "must be an absolute path"),
        Broken("§{\"cwd\": \"/\"}", "process.args", "names no command to run"),
        Broken("{\"cwd\": \"/\", \"args\": [§\"\"]}", "process.args[0]", "is empty"),
        Broken(
            "{\"cwd\": \"/\", \"args\": [\"a\"],\n \"env\": [\"A=1\", §\"B\"]}", "process.env[1]", "must be NAME=VALUE"),
        Broken(
            "{\"cwd\": \"/\", \"args\": [\"a\"],\n\"user\": {\"uid\": §4294967295}}", "process.user.uid",
            "the kernel has no such id"),
        Broken(
            "{\"cwd\": \"/\", \"args\": [\"a\"], \"user\": {\"uid\": §\"0\"}}", "process.user.uid",
            "must be a whole number, found a string"),
        Broken(
            "{\"cwd\": \"/\", \"args\": [\"a\"], \"capabilities\": {\"ambient\": [§\"kill\"]}}",
            "process.capabilities.ambient[0]", "must be a name such as"),
        Broken(
            "{\"cwd\": \"/\", \"args\": [\"a\"], \"rlimits\": [{\"type\": \"RLIMIT_CPU\", \"soft\": §2, \"hard\": 1}]}",
            "process.rlimits[0].soft", "must not be above the hard limit 1"),
        Broken(
            "{\"cwd\": \"/\", \"args\": [\"a\"], \"scheduler\": {\"policy\": §\"FIFO\"}}", "process.scheduler.policy",
            "must be one of"),
    ]

    @Test(arguments: broken)
    func isRefusedWhereItIsWrong(_ broken: Broken) throws {
        let text = broken.text.utf8.split(separator: Array("§".utf8), omittingEmptySubsequences: false)
        let error = #expect(throws: BoxError.self) { try Process.read(json: Array(text.joined())) }
        #expect(error?.field == broken.field)
        #expect(error?.message.contains(broken.message) == true, "\(error?.description ?? "")")
        let before = try #require(text.first)
        let line = before.count { $0 == 0x0A } + 1
        let column = before.reversed().prefix { $0 != 0x0A }.count + 1
        #expect(error?.position == Position(line: line, column: column))
    }

    @Test func isReadAsConfigJSONReadsIt() throws {
        let process = "{\"cwd\": \"/a\", \"args\": [\"b\"], \"env\": [\"C=d\"], \"user\": {\"uid\": 5, \"gid\": 6}}"
        let config = "{\"ociVersion\": \"1.3.0\", \"root\": {\"path\": \"r\"}, \"process\": \(process)}"
        #expect(try Process.read(json: Array(process.utf8)) == Spec.read(json: Array(config.utf8)).process)
    }
}
