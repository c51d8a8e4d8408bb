internal import BoxCgroup
internal import BoxDocument
internal import BoxOCI
internal import BoxRuntime

/// A config.json, or a part of one in the place where it belongs, taken all the way to a plan.
struct ConfigText {
    private let bytes: [UInt8]

    init(_ bytes: [UInt8]) { self.bytes = bytes }

    /// The bytes as the value of `keys` in a small config.json.
    func accepts(below keys: String...) -> Bool {
        accepts { part in
            var node = part
            for key in keys.reversed() { node = Node(.object([Member(key, node)])) }
            return node.laid(over: Self.frame)
        }
    }

    func accepts(_ place: (Node) -> Node) -> Bool {
        do throws(BoxError) {
            let document = place(try parse())
            let spec = try Spec(document: document)
            let again = try Spec(document: spec.document)
            precondition(spec == again, "a config.json that was written reads otherwise")
            try spec.validate(in: document)
            _ = try Compiler.compile(
                spec, at: BoxPlace(id: "b", bundle: "/bundle", stateRoot: "/state"), host: Self.host)
            return true
        } catch {
            precondition(!error.message.isEmpty && error.position?.line ?? 1 >= 0)
            return false
        }
    }

    private func parse() throws(BoxError) -> Node {
        do throws(DocumentError) {
            return try JSON.parse(bytes)
        } catch {
            throw BoxError(.invalidSpec, error.message, position: error.position)
        }
    }

    private static let host: HostFacts = {
        var cgroup = CgroupHost()
        cgroup.mountPoint = "/sys/fs/cgroup"
        cgroup.controllers = ["cpu", "cpuset", "hugetlb", "io", "memory", "misc", "pids", "rdma"]
        return HostFacts(
            cgroup: cgroup, initialUserNamespace: true, overlay: .init(redirectDir: true, metacopy: true))
    }()

    private static let frame: Node = {
        var spec = Spec()
        var process = Process()
        process.args = ["true"]
        spec.process = process
        spec.root = Root(path: "rootfs")
        spec.linux.namespaces = Namespace.Kind.allCases.filter { $0 != .user }.map { Namespace($0) }
        return spec.document
    }()
}

extension Node {
    /// This with what `below` has and this has not, objects taken together.
    fileprivate func laid(over below: Node) -> Node {
        guard case .object(let mine) = value, case .object(let others) = below.value else { return self }
        let merged = mine.map { member in
            Member(member.key, below[member.key].map { member.node.laid(over: $0) } ?? member.node)
        }
        return Node(.object(merged + others.filter { self[$0.key] == nil }))
    }
}
