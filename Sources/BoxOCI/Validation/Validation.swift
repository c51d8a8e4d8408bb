public import BoxDocument

extension Spec {
    /// What can be wrong with a spec that needs no host to be seen: impossible values and combinations,
    /// for a box that is to run a process. Changes nothing; `.invalidSpec` or `.unsupported` names the field.
    public func validate() throws(BoxError) {
        guard let process else {
            throw invalid("process", "is missing", remedy: "say what is to be run: process.args and process.cwd")
        }
        try process.validate()
        try validateRoot()
        try validateNames()
        try validateMounts()
        try hooks.validate()
        try refuseDuplicates(annotations, in: "annotations")
        try linux.validate(box)
        try refuseNameTwice()
        try box.validate()
    }

    /// The same; an error also has the position of its field in `document`, the text this spec was read from.
    public func validate(in document: Node) throws(BoxError) {
        do {
            try validate()
        } catch {
            var located = error
            located.position = error.field.map { document.position(of: $0) }
            throw located
        }
    }

    private func validateRoot() throws(BoxError) {
        if box.rootfs != nil { return }
        guard let root else {
            throw invalid("root", "is missing", remedy: "name the root file system in root.path")
        }
        if root.path.isEmpty { throw invalid("root.path", "is empty") }
        try refuseNul(root.path, "root.path")
    }

    private func validateNames() throws(BoxError) {
        if let hostname { try validate(name: hostname, "hostname") }
        if let domainname { try validate(name: domainname, "domainname") }
    }

    private func validate(name: String, _ field: String) throws(BoxError) {
        if linux.namespace(.uts) == nil {
            throw invalid(
                field, "cannot be set without a uts namespace: it would change the host's",
                remedy: "add {\"type\": \"uts\"} to linux.namespaces")
        }
        if name.utf8.count > 64 { throw invalid(field, "is longer than 64 bytes, found \(name.utf8.count)") }
        if !name.utf8.allSatisfy({ isLetterOrDigit($0) || $0 == 0x2D || $0 == 0x2E || $0 == 0x5F }) {
            throw invalid(field, "may hold only letters, digits, '-', '_' and '.', found \(JSON.quoted(name))")
        }
    }
}

extension Hooks {
    func validate() throws(BoxError) {
        try validate(prestart, "hooks.prestart")
        try validate(createRuntime, "hooks.createRuntime")
        try validate(createContainer, "hooks.createContainer")
        try validate(startContainer, "hooks.startContainer")
        try validate(poststart, "hooks.poststart")
        try validate(poststop, "hooks.poststop")
    }

    private func validate(_ hooks: [Hook], _ field: String) throws(BoxError) {
        for (index, hook) in hooks.enumerated() {
            try requireAbsolute(hook.path, "\(field)[\(index)].path")
            if let timeout = hook.timeout, timeout <= 0 {
                throw invalid("\(field)[\(index)].timeout", "must be greater than 0, found \(timeout)")
            }
            try validateEnvironment(hook.env, "\(field)[\(index)].env")
        }
    }
}

extension BoxExtension {
    func validate() throws(BoxError) {
        if let scratchSize, scratchSize == 0 {
            throw invalid("swiftbox.scratchSize", "must be greater than 0, found 0")
        }
        if timeout == 0 { throw invalid("swiftbox.timeout", "must be at least a millisecond") }
        if cpuTimeout == 0 { throw invalid("swiftbox.cpuTimeout", "must be at least a millisecond") }
        guard let rootfs else { return }
        if case .layers(let layers) = rootfs.base {
            if layers.isEmpty { throw invalid("swiftbox.rootfs.layers", "must name at least one directory") }
            for (index, layer) in layers.enumerated() {
                try requireAbsolute(layer, "swiftbox.rootfs.layers[\(index)]")
            }
        }
        if let upper = rootfs.upper { try requireAbsolute(upper, "swiftbox.rootfs.upper") }
        for (index, path) in rootfs.hide.enumerated() {
            try requireAbsolute(path, "swiftbox.rootfs.hide[\(index)]")
        }
    }
}
