internal import BoxDocument

extension Spec {
    func validateMounts() throws(BoxError) {
        for (index, mount) in mounts.enumerated() {
            let place = try mount.insideDestination(index)
            // Programs of the box, and this runtime's like, believe what they read there (CVE-2019-19921).
            if place == "/proc" && mount.type != "proc" && !mount.isBind && !mount.options.contains("remount") {
                throw invalid("mounts[\(index)].type", "only a proc or a bind mount may lie on /proc")
            }
            if place == "/" && !mount.options.contains("remount") {
                throw invalid(
                    "mounts[\(index)].destination", "must lie below the root, found \"/\"",
                    remedy: "name the root file system in root.path")
            }
            if let source = mount.source { try refuseNul(source, "mounts[\(index)].source") }
            for (option, text) in mount.options.enumerated() {
                try refuseNul(text, "mounts[\(index)].options[\(option)]")
            }
            try mount.validateMappings("mounts[\(index)]")
        }
    }
}

extension Mount {
    fileprivate var isBind: Bool { type == "bind" || options.contains("bind") || options.contains("rbind") }

    fileprivate func insideDestination(_ index: Int) throws(BoxError) -> String {
        if destination.utf8.first != UInt8(ascii: "/") {
            throw invalid(
                "mounts[\(index)].destination", "must be an absolute path, found \(JSON.quoted(destination))",
                remedy: destination.isEmpty ? nil : "write \(JSON.quoted("/" + destination))")
        }
        return try requireInside(destination, "mounts[\(index)].destination")
    }

    fileprivate func validateMappings(_ field: @autoclosure () -> String) throws(BoxError) {
        if uidMappings.isEmpty && gidMappings.isEmpty { return }
        if gidMappings.isEmpty { throw invalid("\(field()).gidMappings", "must be given together with uidMappings") }
        if uidMappings.isEmpty { throw invalid("\(field()).uidMappings", "must be given together with gidMappings") }
        try validate(mappings: uidMappings, "\(field()).uidMappings")
        try validate(mappings: gidMappings, "\(field()).gidMappings")
    }
}

/// The rules of user_namespaces(7): at most 340 ranges, none empty, none overlapping, -1 in none.
func validate(mappings: [IDMapping], _ field: String) throws(BoxError) {
    if mappings.count > 340 { throw invalid(field, "has more than 340 ranges, found \(mappings.count)") }
    for (index, mapping) in mappings.enumerated() {
        if mapping.size == 0 { throw invalid("\(field)[\(index)].size", "must be greater than 0, found 0") }
        for (key, start) in [("containerID", mapping.containerID), ("hostID", mapping.hostID)]
        where UInt64(start) + UInt64(mapping.size) > UInt64(UInt32.max) {
            throw invalid("\(field)[\(index)].size", "\(key) \(start) plus \(mapping.size) ends beyond 4294967294")
        }
        for (other, before) in mappings[..<index].enumerated() {
            let box = overlap(before.containerID, before.size, mapping.containerID, mapping.size)
            if box || overlap(before.hostID, before.size, mapping.hostID, mapping.size) {
                throw invalid(
                    "\(field)[\(index)]", "overlaps \(field)[\(other)] \(box ? "inside the box" : "on the host")")
            }
        }
    }
}

private func overlap(_ one: UInt32, _ oneSize: UInt32, _ two: UInt32, _ twoSize: UInt32) -> Bool {
    UInt64(one) < UInt64(two) + UInt64(twoSize) && UInt64(two) < UInt64(one) + UInt64(oneSize)
}
