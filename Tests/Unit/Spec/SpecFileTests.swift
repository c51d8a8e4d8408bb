import BoxDocument
import BoxOCI
import BoxSpec
import BoxYAML
import Foundation
import Testing

@Suite struct SpecFileTests {
    private func read(_ text: String) -> SpecFile { SpecFile(Array(text.utf8), path: "box.yaml", directory: "/repo") }

    @Test func everyKeyIsTheFlagOfItsName() {
        let file = read(
            """
            version: "1"
            x-note: ignored
            command: make -j2 'a b'
            entrypoint: [/bin/env, -i]
            environment: {A: 1, B: two, C: , D: true}
            env_file: vars
            volumes: [".:/src:ro", "/abs:/abs", {type: tmpfs, target: /t, tmpfs: {size: 1m, mode: 0o755}}]
            rootfs: {layers: [app, /base], upper: changes}
            user: 1000:7
            cpus: 1.5
            mem_limit: 1073741824
            ulimits: {nofile: {soft: 1, hard: 2}, nproc: 5}
            sysctls: ["net.core.somaxconn=1"]
            seccomp: profile.json
            limits: {memory.zswap.max: 0}
            blkio_config: {weight: 50, device_read_iops: [{path: /dev/vda, rate: 7}]}
            copy_out: [/out:out]
            init: true
            tty: false
            """)
        var expected = RunOptions()
        expected.command = ["make", "-j2", "a b"]
        (expected.entrypoint, expected.entrypointArguments) = ("/bin/env", ["-i"])
        expected.env = ["A=1", "B=two", "C", "D=true"]
        expected.envFiles = ["/repo/vars"]
        expected.volumes = ["/repo:/src:ro", "/abs:/abs"]
        expected.mounts = ["type=tmpfs,dst=/t,tmpfs-size=1m,tmpfs-mode=755"]
        (expected.rootfs, expected.layers, expected.upper) = ("/repo/app", ["/base"], "/repo/changes")
        expected.user = "1000:7"
        (expected.cpus, expected.memory) = ("1.5", "1073741824")
        expected.ulimits = ["nofile=1:2", "nproc=5"]
        expected.sysctls = ["net.core.somaxconn=1"]
        expected.securityOpts = ["seccomp=/repo/profile.json"]
        expected.cgroup = ["memory.zswap.max=0"]
        (expected.ioWeight, expected.deviceReadIOPS) = ("50", ["/dev/vda:7"])
        expected.copyOut = ["/out:/repo/out"]
        expected.initProcess = true
        #expect(file.problems.isEmpty, "\(file.problems)")
        #expect(file.options == expected)
    }

    @Test func flagsReplaceScalarsAndAddToLists() {
        var flags = RunOptions()
        (flags.memory, flags.env, flags.command) = ("2g", ["B=2"], ["true"])
        let merged = read("mem_limit: 1g\ncpus: 2\nenvironment: [A=1]\ncommand: [false]\n").options.overridden(
            by: flags)
        #expect(
            merged.memory == "2g" && merged.cpus == "2" && merged.env == ["A=1", "B=2"] && merged.command == ["true"])
    }

    /// A flag that is at fault is not the file's.
    @Test func aFlagsErrorIsNotBlamedOnTheFile() {
        let file = read("mem_limit: 1g\n")
        let error = BoxError(.invalidSpec, "--memory 12q: is not a size", field: "--memory")
        #expect(file.locating(error) == error)
        let own = file.locating(BoxError(.unsupported, "cannot apply --memory 1g", field: "--memory 1g"))
        #expect(own.position?.column == 12 && own.field == "mem_limit")
    }

    @Test func theSchemaInTheRepositoryIsTheCodes() throws {
        let root = URL(filePath: #filePath).deletingLastPathComponent().appending(
            path: "../../../configs/spec.schema.json")
        #expect(try String(contentsOf: root, encoding: .utf8) == SpecSchema.text + "\n")
    }

    /// What the reader takes, the schema takes; what a schema can see to be wrong, it refuses.
    @Test func theSchemaAgreesWithTheReader() throws {
        let schema = try JSON.parse(Array(SpecSchema.text.utf8))
        for broken in BrokenSpecTests.all where broken.key != nil {
            let bytes = Array(broken.text.utf8)
            // A key that stands twice is no YAML at all.
            guard !broken.fragment.contains("stands twice") else { continue }
            let node = try YAML.parse(bytes)
            let file = SpecFile(Array(broken.text.utf8), path: "", directory: "/")
            let shapeIsWrong = !file.problems.isEmpty && !Self.needsMoreThanASchema(broken)
            #expect(SchemaCheck.accepts(node, schema) == !shapeIsWrong, "\(broken.text)")
        }
    }

    private static func needsMoreThanASchema(_ broken: BrokenSpec) -> Bool {
        ["a quote is not closed", "is empty", "is not a duration", "is no restart policy"].contains(broken.fragment)
            || broken.fragment.hasPrefix("needs")
    }

    @Test func dockersCommandLineBecomesAFile() throws {
        let words = [
            "--rm", "-it", "-v/a:/b:ro", "--volume=/c:/d", "-e", "A=1", "-p", "80:80", "-m512m", "--gpus", "all",
            "debian", "sh", "-c", "x",
        ]
        let conversion = try Conversion(dockerRun: words)
        #expect(
            conversion.leftOut.count == 3 && conversion.leftOut.contains { $0.hasPrefix("image debian") },
            "\(conversion.leftOut)")
        let file = read(conversion.text)
        #expect(file.problems.isEmpty)
        var expected = RunOptions()
        (expected.interactive, expected.tty, expected.memory) = (true, true, "512m")
        (expected.volumes, expected.env, expected.command) = (["/a:/b:ro", "/c:/d"], ["A=1"], ["sh", "-c", "x"])
        #expect(file.options == expected)
    }

    @Test func aComposeServiceBecomesAFile() throws {
        let compose =
            "services:\n  web:\n    image: nginx\n    restart: always\n    mem_limit: 1g\n    volumes: ['./a:/b']\n    odd: 1\n"
        let conversion = try Conversion(compose: Array(compose.utf8), path: "compose.yaml", service: nil)
        #expect(conversion.leftOut.map { $0.prefix { $0 != ":" } } == ["image", "restart", "odd"])
        #expect(read(conversion.text).options.memory == "1g")
        #expect(throws: BoxError.self) {
            try Conversion(compose: Array(compose.utf8), path: "compose.yaml", service: "db")
        }
    }
}

/// As much of JSON Schema as ours uses.
enum SchemaCheck {
    static func accepts(_ node: Node, _ schema: Node) -> Bool {
        if let type = schema["type"], !isType(node, type) { return false }
        if case .array(let values)? = schema["enum"]?.value, !values.contains(node) { return false }
        if case .array(let shapes)? = schema["oneOf"]?.value, shapes.count(where: { accepts(node, $0) }) != 1 {
            return false
        }
        if case .array(let elements) = node.value, let items = schema["items"],
            !elements.allSatisfy({ accepts($0, items) })
        {
            return false
        }
        guard case .object(let members) = node.value else { return true }
        return members.allSatisfy { member in
            if let known = schema["properties"]?[member.key] { return accepts(member.node, known) }
            if member.key.hasPrefix("x-") && schema["patternProperties"] != nil { return true }
            guard let rest = schema["additionalProperties"] else { return true }
            return rest.value != .bool(false) && accepts(member.node, rest)
        }
    }

    private static func isType(_ node: Node, _ type: Node) -> Bool {
        if case .array(let types) = type.value { return types.contains { isType(node, $0) } }
        guard case .string(let name) = type.value else { return false }
        switch node.value {
        case .null: return name == "null"
        case .bool: return name == "boolean"
        case .integer, .unsigned, .double: return name == "number"
        case .string: return name == "string"
        case .array: return name == "array"
        case .object: return name == "object"
        }
    }
}
