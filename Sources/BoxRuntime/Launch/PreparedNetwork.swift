internal import BoxSystem

/// A network namespace that is made before its box is known: making one takes half of what cloning the init process
/// takes. Its maker is in it until it leaves, and a child that is cloned meanwhile is, too. For one box, and for a
/// process with one thread.
final class PreparedNetwork {
    private let home: CInt
    private var isInside = true

    /// Enters it (unshare(2)).
    init() throws(Errno) {
        let home = try File.open("/proc/self/ns/net", FileFlags.readOnly)
        try Namespaces.network.unshare()
        self.home = home.release()
    }

    deinit { _ = Descriptor(owning: home) }

    /// Whether init processes of the plan may be born into it: a namespace belongs to the user namespace of its maker.
    func serves(_ plan: LaunchPlan) -> Bool {
        isInside && plan.enter.isEmpty && plan.clone.contains(.network) && !plan.clone.contains(.user)
    }

    /// Back to where its maker came from. Again is nothing.
    func leave() throws(Errno) {
        if !isInside { return }
        try Namespaces.network.join(home)
        isInside = false
    }
}
