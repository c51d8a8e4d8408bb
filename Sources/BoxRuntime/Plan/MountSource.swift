public import BoxSystem

/// A mount that the runtime copies before there is a box, as its caller sees it (open_tree(2)).
public struct MountSource: Equatable, Sendable {
    public var path: String
    public var recursive: Bool
    /// The user namespace whose map the copy gets, and whether the mounts below get it as well.
    public var idMap: Slot?
    public var mapsBelow = false
    /// `.slave` follows the mounts that the host makes there, `.shared` also shows the host what the box mounts; nil
    /// neither.
    public var follows: Propagation?
    /// Directories below one of which it must lie when it is taken; nil is anywhere.
    public var within: [String]?

    public init(_ path: String, recursive: Bool = true, idMap: Slot? = nil) {
        self.path = path
        self.recursive = recursive
        self.idMap = idMap
    }

    var detail: String {
        var words = [path]
        if !recursive { words.append("not what is mounted below") }
        if idMap != nil { words.append("id-mapped") }
        switch follows {
        case .slave?: words.append("with the host's mounts")
        case .shared?: words.append("shared with the host")
        default: break
        }
        return words.joined(separator: ", ")
    }
}
