public import BoxSystem

/// Paths of the host of which only some may be shown.
public enum HostPath {
    /// Opens a path by O_PATH, links followed, and looks where it has come to: EACCES where that is below none of the
    /// directories, which are absolute and free of links. What is done on the descriptor no renaming can lead elsewhere.
    public static func open(_ path: String, within directories: [String]) throws(Errno) -> Descriptor {
        let place = try File.open(path, FileFlags.path)
        if contains(try File.readLink("/proc/self/fd/\(place.raw)"), directories) { return place }
        throw .permissionDenied
    }

    /// Text alone; a path that climbs is below none.
    public static func contains(_ path: String, _ directories: [String]) -> Bool {
        let parts = path.split(separator: "/")
        return !parts.contains("..") && directories.contains { parts.starts(with: $0.split(separator: "/")) }
    }
}
