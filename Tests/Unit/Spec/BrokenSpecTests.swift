import BoxOCI
import BoxSpec
import Testing

/// A spec file with one fault: where it is, whose it is and a piece of what is said.
struct BrokenSpec: Sendable, CustomTestStringConvertible {
    let text: String
    let line: Int
    let column: Int
    let key: String?
    let fragment: String

    init(_ text: String, _ line: Int, _ column: Int, _ key: String?, _ fragment: String) {
        (self.text, self.line, self.column, self.key, self.fragment) = (text, line, column, key, fragment)
    }

    var testDescription: String { "\(key ?? "text"): \(fragment)" }
}

@Suite struct BrokenSpecTests {
    static let all: [BrokenSpec] = [
        BrokenSpec("command: [true\n", 2, 1, nil, "expected ',' or ']'"),
        BrokenSpec("- command\n", 1, 1, nil, "must be a map of keys"),
        BrokenSpec("user: 1\nuser: 2\n", 2, 1, nil, "\"user\" stands twice"),
        BrokenSpec("name: *x\n", 1, 7, nil, "no anchor"),
        BrokenSpec("name: a\n---\nname: b\n", 2, 1, nil, "a second document"),
        BrokenSpec("comand: x\n", 1, 1, "comand", "is no key of a spec file"),
        BrokenSpec("user: 1\nMEM_LIMIT: 1g\n", 2, 1, "MEM_LIMIT", "is no key"),
        BrokenSpec("build: .\n", 1, 1, "build", "nothing is built"),
        BrokenSpec("x-mine: 1\nports: [80]\n", 2, 1, "ports", "it needs box networks"),
        BrokenSpec("healthcheck: {test: x, interval: soon}\n", 1, 14, "healthcheck", "is not a duration"),
        BrokenSpec("services: {a: {}}\n", 1, 1, "services", "one box"),
        BrokenSpec("mem_limit:\n", 1, 1, "mem_limit", "has no value"),
        BrokenSpec("mem_limit: 12q\n", 1, 12, "mem_limit", "12q: is not a size"),
        BrokenSpec("mem_limit: [1g]\n", 1, 12, "mem_limit", "must be a word or a number, not a list"),
        BrokenSpec("mem_limit: 64\n", 1, 12, "mem_limit", "is 64 bytes"),
        BrokenSpec("memswap_limit: 1g\n", 1, 16, "memswap_limit", "needs --memory"),
        BrokenSpec("cpus: many\n", 1, 7, "cpus", "many: must be a number of processors"),
        BrokenSpec("cpus: 1\ncpu_quota: 50ms\n", 1, 7, "cpus", "--cpu-quota"),
        BrokenSpec("pids_limit: 1.5\n", 1, 13, "pids_limit", "1.5"),
        BrokenSpec("read_only: yes\n", 1, 12, "read_only", "must be true or false, not \"yes\""),
        BrokenSpec("command: []\n", 1, 10, "command", "is empty"),
        BrokenSpec("command: sh -c 'open\n", 1, 10, "command", "a quote is not closed"),
        BrokenSpec("command:\n  - sh\n  - {a: b}\n", 3, 5, "command[1]", "not a map"),
        BrokenSpec("environment:\n  A: [1]\n", 2, 6, "environment.A", "not a list"),
        BrokenSpec("environment:\n  - A=1\n  - \"B C\"\n", 3, 5, "environment[1]", "without blanks"),
        BrokenSpec("environment: NAME=1\n", 1, 14, "environment", "must be a map or a list"),
        BrokenSpec("env_file: vars-that-are-not-there\n", 1, 11, "env_file", "vars-that-are-not-there"),
        BrokenSpec("volumes:\n  - .:/src\n  - data:/x\n", 3, 5, "volumes[1]", "named volumes"),
        BrokenSpec("volumes: .:/src\n", 1, 10, "volumes", "must be a list"),
        BrokenSpec("volumes: [\".:/src:rw,fast\"]\n", 1, 11, "volumes[0]", "unknown option fast"),
        BrokenSpec("volumes:\n  - {type: bind, sorce: /a, target: /b}\n", 2, 18, "volumes[0].sorce", "is no key of"),
        BrokenSpec("volumes:\n  - .:/src\n  - ./b:/src\n", 3, 5, "volumes[1]", "is a mount point already"),
        BrokenSpec("ulimits:\n  nofile: {soft: 1}\n", 2, 11, "ulimits.nofile", "needs both soft and hard"),
        BrokenSpec("ulimits: {flies: 3}\n", 1, 18, "ulimits.flies", "flies"),
        BrokenSpec("cap_add: [NET_ADMIN, FLY]\n", 1, 22, "cap_add[1]", "no such capability"),
        BrokenSpec("sysctls: {kernel.core_pattern: x}\n", 1, 32, "sysctls.kernel.core_pattern", "kernel.core_pattern"),
        BrokenSpec("network_mode: bridge\n", 1, 15, "network_mode", "is not available"),
        BrokenSpec("user: nobody-knows\n", 1, 7, "user", "nobody-knows"),
        BrokenSpec("working_dir: src\n", 1, 14, "working_dir", "must be an absolute path"),
        BrokenSpec("rootfs:\n  layer: [a]\n", 2, 3, "rootfs.layer", "is no key of rootfs"),
        BrokenSpec(
            "blkio_config:\n  device_read_bps:\n    - {path: /dev/vda}\n", 3, 7, "blkio_config.device_read_bps[0]",
            "needs path and rate"),
        BrokenSpec("seccomp: ./none.json\n", 1, 10, "seccomp", "./none.json"),
        BrokenSpec("copy_out: out:x\n", 1, 11, "copy_out", "must be absolute"),
        BrokenSpec("copy_out_limit: 1m\n", 1, 17, "copy_out_limit", "none is given"),
        BrokenSpec("restart: sometimes\n", 1, 10, "restart", "is no restart policy"),
        BrokenSpec("version: 2\n", 1, 10, "version", "does not know"),
        BrokenSpec("container_name: a b\n", 1, 17, "container_name", "a b"),
        BrokenSpec("bundle: b\nmem_limit: 1g\n", 2, 12, "mem_limit", "cannot be used with a bundle"),
    ]

    @Test(arguments: all) func pointsAtTheFault(_ broken: BrokenSpec) throws {
        let errors = Self.check(broken.text)
        #expect(errors.count == 1, "\(errors)")
        let error = try #require(errors.first)
        #expect(error.position?.line == broken.line && error.position?.column == broken.column, "\(error)")
        #expect(error.field == broken.key, "\(error)")
        #expect(error.file == "box.yaml")
        #expect(error.description.contains(broken.fragment), "\(error)")
        #expect(error.description.hasPrefix("box.yaml:\(broken.line):\(broken.column): "), "\(error)")
    }

    @Test func thereAreForty() { #expect(Self.all.count >= 40) }

    /// All at once, each its own.
    @Test func findsEveryFaultOfAFile() {
        let text =
            "mem_limit: 12q\ncpus: many\nvolumes: [\"a:/b\", \".:/src\", \".:/src\"]\npids: 3\ncap_drop: [FLY, KILL, HOP]\n"
        let keys = Self.check(text).map { $0.field ?? "" }
        #expect(keys == ["mem_limit", "cpus", "volumes[0]", "volumes[2]", "pids", "cap_drop[0]", "cap_drop[2]"])
    }

    @Test(arguments: [
        ("comand", "command"), ("memory_limit", "mem_limit"), ("volume", "volumes"), ("cap-add", "cap_add"),
    ])
    func namesTheNearestKey(typed: String, meant: String) {
        #expect(Self.check("\(typed): x\n").first?.remedy?.contains(meant) == true, "\(Self.check("\(typed): x\n"))")
    }

    static func check(_ text: String) -> [BoxError] {
        SpecFile(Array(text.utf8), path: "box.yaml", directory: "/here").check { (_) throws(BoxError) in
            Compiling.context()
        }
    }
}
