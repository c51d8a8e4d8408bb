public import BoxDocument
internal import BoxOCI
internal import BoxRootfs
internal import BoxSecurity

/// What this runtime can do, as the specification's features.json has it. Names are read from the tables that do the
/// work, so that it cannot say what is not so. Only `supportedFlags` and `capabilities` depend
/// on the host.
public enum Features {
    /// - Parameter annotations: what the program says of itself, in the names it chooses.
    public static func document(annotations: [(String, String)]) -> Node {
        object([
            ("ociVersionMin", text("1.0.0")), ("ociVersionMax", text(Spec().ociVersion)),
            ("hooks", texts(hooks)), ("mountOptions", texts(MountOptions.recognized)), ("linux", linux),
            ("annotations", object(annotations.map { ($0, text($1)) })),
            // Configuration is read from config.json's own keys alone; no annotation changes what is done.
            ("potentiallyUnsafeConfigAnnotations", texts([])),
        ])
    }

    private static var linux: Node {
        object([
            ("namespaces", texts(Namespace.Kind.allCases.map(\.rawValue).sorted())),
            ("capabilities", texts(CapabilitySet.ofKernel().intersection(.all).names)),
            (
                "cgroup",
                flags([("v1", false), ("v2", true), ("systemd", true), ("systemdUser", false), ("rdma", true)])
            ),
            ("seccomp", seccomp), ("apparmor", flags([("enabled", true)])), ("selinux", flags([("enabled", true)])),
            ("intelRdt", flags([("enabled", true)])),
            ("memoryPolicy", memoryPolicy),
            ("mountExtensions", object([("idmap", flags([("enabled", MountOptions.recognized.contains("idmap"))]))])),
            ("netDevices", flags([("enabled", true)])),
        ])
    }

    private static var hooks: [String] {
        ["prestart", "createRuntime", "createContainer", "startContainer", "poststart", "poststop"]
    }

    private static var seccomp: Node {
        object([
            ("enabled", Node(.bool(true))), ("actions", texts(SeccompVocabulary.actions)),
            ("operators", texts(SeccompVocabulary.operators)), ("archs", texts(SeccompVocabulary.architectures)),
            ("knownFlags", texts(SeccompVocabulary.flags)),
            ("supportedFlags", texts(SeccompVocabulary.flagsOfKernel)),
        ])
    }

    private static var memoryPolicy: Node {
        object([
            ("modes", texts(MemoryPolicy.modes.sorted())), ("flags", texts(MemoryPolicy.knownFlags.sorted())),
        ])
    }

    private static func object(_ members: [(String, Node)]) -> Node {
        Node(.object(members.map { Member($0.0, $0.1) }))
    }
    private static func flags(_ members: [(String, Bool)]) -> Node { object(members.map { ($0, Node(.bool($1))) }) }
    private static func texts(_ texts: [String]) -> Node { Node(.array(texts.map(text))) }
    private static func text(_ text: String) -> Node { Node(.string(text)) }
}
