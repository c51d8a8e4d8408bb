internal import BoxOCI

extension LaunchPlan {
    /// Makes of the plan of a new box that of one whose processes criu brings back: what is outside of the box is made as
    /// ever, what is inside comes from the images. `.unsupported` for what criu cannot put a box into.
    mutating func restore(from options: RestoreOptions) throws(BoxError) {
        try CheckpointLimits.check(spec)
        restore = options
        prepare.removeAll {
            switch $0.action {
            case .openStartSocket, .connectAgent: true
            default: false
            }
        }
        enter = []
        clone = []
        attend.removeAll {
            switch $0.action {
            case .joinResctrlGroup, .holdMounts: false
            default: true
            }
        }
        // Their kinds and paths are criu's affair from here on.
        initialise.removeAll {
            switch $0.action {
            case .mount, .bind, .bindDevice: false
            default: true
            }
        }
    }
}
