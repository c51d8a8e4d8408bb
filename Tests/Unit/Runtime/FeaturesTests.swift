import BoxCgroup
import BoxDocument
import BoxOCI
import BoxRootfs
import BoxSecurity
import Testing

@testable import BoxRuntime

/// The specification's features.json: every key that there is, its type, and what its strings may be.
private indirect enum Shape: Sendable {
    case flag
    case text
    case texts(@Sendable (String) -> Bool)
    case object([String: Shape], open: Bool = false)

    static func one(of names: [String]) -> Shape { .texts { names.contains($0) } }

    func holds(_ node: Node) -> Bool {
        switch (self, node.value) {
        case (.flag, .bool), (.text, .string): true
        case (.texts(let fits), .array(let elements)):
            elements.allSatisfy {
                if case .string(let text) = $0.value { fits(text) } else { false }
            }
        case (.object(let shapes, let open), .object(let members)):
            members.allSatisfy { member in
                shapes[member.key].map { $0.holds(member.node) } ?? (open && Shape.text.holds(member.node))
            } && (open || shapes.count == members.count)
        default: false
        }
    }
}

private let schema = Shape.object([
    "ociVersionMin": .text, "ociVersionMax": .text, "hooks": .texts { _ in true },
    "mountOptions": .texts { !$0.isEmpty }, "annotations": .object([:], open: true),
    "potentiallyUnsafeConfigAnnotations": .texts { _ in true },
    "linux": .object([
        "namespaces": .one(of: ["mount", "pid", "network", "uts", "ipc", "user", "cgroup", "time"]),
        "capabilities": .texts { $0.hasPrefix("CAP_") && $0.allSatisfy { $0 == "_" || "A"..."Z" ~= $0 } },
        "cgroup": .object(["v1": .flag, "v2": .flag, "systemd": .flag, "systemdUser": .flag, "rdma": .flag]),
        "seccomp": .object([
            "enabled": .flag,
            "actions": .one(
                of: ["KILL", "KILL_PROCESS", "KILL_THREAD", "TRAP", "ERRNO", "TRACE", "ALLOW", "LOG", "NOTIFY"].map {
                    "SCMP_ACT_" + $0
                }),
            "operators": .one(of: ["NE", "LT", "LE", "EQ", "GE", "GT", "MASKED_EQ"].map { "SCMP_CMP_" + $0 }),
            "archs": .texts { $0.hasPrefix("SCMP_ARCH_") }, "knownFlags": .one(of: filterFlags),
            "supportedFlags": .one(of: filterFlags),
        ]),
        "apparmor": .object(["enabled": .flag]), "selinux": .object(["enabled": .flag]),
        "intelRdt": .object(["enabled": .flag]), "netDevices": .object(["enabled": .flag]),
        "memoryPolicy": .object([
            "modes": .texts { $0.hasPrefix("MPOL_") }, "flags": .texts { $0.hasPrefix("MPOL_F_") },
        ]
        ),
        "mountExtensions": .object(["idmap": .object(["enabled": .flag])]),
    ]),
])

private let filterFlags = ["TSYNC", "LOG", "SPEC_ALLOW", "WAIT_KILLABLE_RECV"].map { "SECCOMP_FILTER_FLAG_" + $0 }

/// Features are what the code does: each name is tried where it is used.
@Suite struct FeaturesTests {
    private let document = Features.document(annotations: [("a.b", "c")])

    private func texts(_ path: String...) throws -> [String] {
        var node = document
        for key in path { node = try #require(node[key]) }
        guard case .array(let elements) = node.value else { throw BoxError(.internal, "no array at \(path)") }
        return elements.compactMap { if case .string(let text) = $0.value { text } else { nil } }
    }

    @Test func hasTheShapeOfTheSpecification() {
        #expect(schema.holds(document))
        #expect(!schema.holds(Features.document(annotations: []).without("hooks")), "the check sees nothing")
    }

    @Test func versionsAreRead() throws {
        #expect(document["ociVersionMin"]?.value == .string("1.0.0"))
        #expect(document["ociVersionMax"]?.value == .string("1.3.0"))
    }

    @Test func listsHoldEachNameOnce() throws {
        for list in [
            try texts("hooks"), try texts("mountOptions"), try texts("linux", "namespaces"),
            try texts("linux", "capabilities"), try texts("linux", "seccomp", "archs"),
        ] { #expect(Set(list).count == list.count, "\(list)") }
        #expect(try texts("linux", "seccomp", "archs").count == 23)
        #expect(try texts("linux", "namespaces").count == 8)
    }

    @Test func everyMountOptionIsUnderstood() throws {
        let all = try texts("mountOptions")
        for must in ["ro", "rbind", "rro", "rnosymfollow", "iversion", "lazytime", "idmap", "silent", "rslave"] {
            #expect(all.contains(must))
        }
        let superblock: Set = [
            "sync", "async", "dirsync", "lazytime", "nolazytime", "mand", "nomand", "iversion", "noiversion",
        ]
        for option in all where !superblock.contains(option) {
            #expect(try MountOptions.parse([option], type: "tmpfs", field: "mounts[0]").data.isEmpty, "\(option)")
        }
    }

    @Test func everyCapabilityIsUnderstood() throws {
        let names = try texts("linux", "capabilities")
        #expect(names.contains("CAP_SYS_ADMIN"))
        for name in names { #expect(CapabilitySet(name: name) != nil) }
    }

    /// What the compiler of plans refuses as not available is not a feature.
    @Test func theSystemdManagerIsNamedIfItWorks() throws {
        var spec = Spec.starter()
        spec.linux.cgroupsPath = "system.slice:box:b"
        spec.box.cgroupManager = .systemd
        var cgroup = CgroupHost()
        cgroup.mountPoint = "/sys/fs/cgroup"
        let host = HostFacts(
            cgroup: cgroup, initialUserNamespace: true, overlay: .init(redirectDir: true, metacopy: true))
        var works = true
        do throws(BoxError) {
            _ = try Compiler.compile(spec, at: BoxPlace(id: "b", bundle: "/b", stateRoot: "/s"), host: host)
        } catch {
            works = error.kind != .unsupported
        }
        #expect(document["linux"]?["cgroup"]?["systemd"]?.value == .bool(works))
    }

    @Test func everySeccompNameIsUnderstood() throws {
        var profile = Seccomp(defaultAction: "SCMP_ACT_ALLOW")
        profile.architectures = try texts("linux", "seccomp", "archs")
        let actions = try texts("linux", "seccomp", "actions")
        for (index, action) in actions.enumerated() {
            profile.syscalls.append(Seccomp.Syscall(names: [["getpid", "getppid"][index % 2]], action: action))
        }
        for op in try texts("linux", "seccomp", "operators") {
            var rule = Seccomp.Syscall(names: ["openat2"], action: "SCMP_ACT_KILL")
            rule.args = [Seccomp.Argument(index: 0, value: 1, op: op)]
            profile.syscalls.append(rule)
        }
        profile.flags = try texts("linux", "seccomp", "knownFlags")
        #expect(actions.count == 9 && profile.flags.count == 4)
        #expect(try SeccompCompiler.compile(profile).unknownSyscalls.isEmpty)
    }
}

extension Node {
    fileprivate func without(_ key: String) -> Node {
        guard case .object(let members) = value else { return self }
        return Node(.object(members.filter { $0.key != key }))
    }
}
