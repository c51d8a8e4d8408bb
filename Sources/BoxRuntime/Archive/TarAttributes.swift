internal import BoxSystem

/// Which extended attributes travel with a file: what gives a program its capabilities, and users' own. What the kernel, a
/// security module or an overlay keeps for itself does not: in an image it would be somebody else's word for it.
enum TarAttributes {
    static func travels(_ name: String) -> Bool {
        name == "security.capability" || name.hasPrefix("user.") && !name.hasPrefix("user.overlay.")
    }

    static func read(_ descriptor: CInt) throws(Errno) -> [String: [UInt8]] {
        var found: [String: [UInt8]] = [:]
        for name in try File.attributeNames(of: descriptor) where travels(name) {
            found[name] = try File.attribute(name, of: descriptor)
        }
        return found
    }

    /// The names of those that were left out: that do not travel, or that the file system does not have.
    static func write(_ attributes: [String: [UInt8]], to descriptor: CInt) throws(Errno) -> [String] {
        var left = attributes.keys.filter { !travels($0) }
        for (name, value) in attributes where travels(name) {
            let isTaken = try tolerating(.notSupportedOnSocket) { () throws(Errno) in
                try File.setAttribute(name, value, on: descriptor)
            }
            if !isTaken { left.append(name) }
        }
        return left
    }
}
