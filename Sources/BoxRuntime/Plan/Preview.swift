public import BoxOCI
public import BoxSystem

extension LaunchPlan {
    /// The plan that `runForeground` would carry out for the request on this host now. Nothing is made, no right is
    /// needed: the block of ids is the first that could be free, and id maps are tried only by who may.
    ///
    /// - Parameter tryingIDMaps: takes a process with one thread
    public static func preview(
        _ request: LaunchRequest, tryingIDMaps: Bool = Caller.userID == 0
    ) throws(BoxError) -> LaunchPlan {
        var spec = request.spec
        if spec.box.autoUserNamespace {
            spec.linux.uidMappings = [IDMapping(containerID: 0, hostID: 8 * IDBlock.size, size: IDBlock.size)]
            spec.linux.gidMappings = spec.linux.uidMappings
        }
        // The ids of who is not root yet: his own, and a run of others where there is one.
        if spec.box.autoUserNamespace, Caller.userID != 0 {
            spec.linux.uidMappings = [IDMapping(containerID: 0, hostID: 0, size: 1)]
            spec.linux.gidMappings = spec.linux.uidMappings
        }
        let host = try HostFacts.probe(for: spec, tryingIDMaps: tryingIDMaps)
        let place = BoxPlace(id: request.id, bundle: request.bundle, stateRoot: request.stateRoot)
        return try Compiler.compile(spec, at: place, host: host)
    }
}
