import Glibc
import TestBed
import Testing

extension Conformance {
    /// Mounts with their own id mappings.
    @Suite struct IDMaps {
        private func mapping(_ container: Int, _ host: Int, _ size: Int) -> [[String: Int]] {
            [["containerID": container, "hostID": host, "size": size]]
        }

        private func bind(_ source: String, _ options: [String], _ container: Int, _ host: Int) -> [String: Any] {
            [
                "destination": "/m", "type": "bind", "source": source, "options": options,
                "uidMappings": mapping(container, host, 1000), "gidMappings": mapping(container, host, 1000),
            ]
        }

        /// A file of 10:20 on a file system that can be idmapped.
        private func source(_ bed: Bed) throws -> String {
            let source = try bed.newDirectory("source")
            try makeFolder(source + "/sub")
            for name in ["file", "sub/file"] {
                try bed.write("", to: "\(source)/\(name)")
                chown("\(source)/\(name)", 10, 20)
            }
            return source
        }

        /// `containerID` is what a file has, `hostID` what it is seen as by the host; with no user namespace, that is all.
        @Test func mountIsIDMapped() throws {
            let bed = try Bed.here
            let config = try Config(script: "stat -c 'file=%u:%g' /m/file; stat -c 'sub=%u:%g' /m/sub/file")
            let box = try bed.container(config.with("mounts.+", bind(source(bed), ["bind", "idmap"], 0, 5000)))
            try box.run().expect(["file": "5010:5020", "sub": "5010:5020"])
        }

        @Test func mappingsAloneAreEnough() throws {
            let bed = try Bed.here
            let config = try Config(script: "stat -c 'file=%u:%g' /m/file")
            let box = try bed.container(config.with("mounts.+", bind(source(bed), ["bind"], 0, 5000)))
            try box.run().expect(["file": "5010:5020"])
        }

        /// ridmap reaches the mounts below, idmap does not.
        @Test func mountsBelowAreIDMapped() throws {
            let bed = try Bed.here
            let source = try source(bed)
            let config = try Config(script: "stat -c 'sub=%u:%g' /m/sub/below")
            let box = try bed.container(config.with("mounts.+", bind(source, ["rbind", "ridmap"], 0, 5000)))
            let cover =
                "mount -t tmpfs none \(source)/sub && touch \(source)/sub/below && chown 30:40 \(source)/sub/below"
            let words = ["run", "-b", box.bundle, box.id]
            try bed.withMounts(cover, words).expect(["sub": "5030:5040"])
            try box.write(config.with("mounts.+", bind(source, ["rbind", "idmap"], 0, 5000)))
            try bed.withMounts(cover, words).expect(["sub": "30:40"])
        }

        /// In a user namespace `idmap` without mappings takes the container's own: files seem to belong to its ids.
        @Test func mountTakesTheMappingsOfTheContainer() throws {
            let bed = try Bed.here
            var config = try Config(script: "stat -c 'file=%u:%g' /m/file")
            config.set("linux.namespaces.+", ["type": "user"])
            config.set("linux.uidMappings", mapping(0, 700000, 1000))
            config.set("linux.gidMappings", mapping(0, 700000, 1000))
            config.set("mounts.6", nil)
            config.set(
                "mounts.+",
                ["destination": "/m", "type": "bind", "source": try source(bed), "options": ["bind", "idmap"]]
                    as [String: Any])
            let box = try bed.container(config)
            try bed.openWay(to: box.bundle)
            try makeFolder(box.rootfs + "/m")
            try box.run().expect(["file": "10:20"])
        }

        /// Both or neither: one half is a mistake.
        @Test func badMappingsOfAMount() throws {
            let bed = try Bed.here
            let plain = try Config("/bin/true")
            var half = bind(try source(bed), ["bind", "idmap"], 0, 5000)
            half["gidMappings"] = nil
            try bed.expectRefusals(of: [("gidMappings", plain.with("mounts.+", half))])
        }
    }
}

extension Bed {
    /// Lets everybody pass to a path of the bed: who is mapped is not root there.
    func openWay(to path: String) throws {
        var way = ""
        for part in path.split(separator: "/") {
            way += "/\(part)"
            if way.hasPrefix(Bed.temporaryDirectory) { chmod(way, 0o755) }
        }
    }
}
