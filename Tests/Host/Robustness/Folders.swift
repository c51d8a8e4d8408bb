import TestBed

extension Bed {
    /// A directory below the test's own, with what is missing above it; its path.
    func makeFolder(_ name: String) throws -> String {
        let path = directory + "/" + name
        try command("mkdir", "-p", path)
        return path
    }

    func exists(_ path: String) throws -> Bool { try command("test", "-e", path).status == 0 }
}
