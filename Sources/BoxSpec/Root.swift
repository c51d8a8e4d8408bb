internal import BoxOCI

extension RunOptions {
    /// Whether the host's own root is the lower layer: nobody named another.
    var usesHostRoot: Bool { rootfs == nil }

    /// `--rootfs`, `--layer`, `--upper`, `--read-only`, `--scratch-size` → `root` and `box.rootfs`.
    func applyRoot(to spec: inout Spec, _ context: SpecContext) throws(BoxError) {
        if let layer = layers.first, rootfs == nil {
            throw refusal("--layer", layer, "lies below a --rootfs, and none is given")
        }
        var source = RootSource(.host)
        if let rootfs {
            var directories = [try directory(rootfs, "--rootfs", context)]
            for layer in layers {
                let path = try directory(layer, "--layer", context)
                if directories.contains(path) { throw refusal("--layer", layer, "the directory is a layer already") }
                directories.append(path)
            }
            source.base = .layers(directories)
            spec.record("--rootfs \(rootfs)", "root.path")
            spec.record("--rootfs \(rootfs)", "swiftbox.rootfs.layers[0]")
            for (index, layer) in layers.enumerated() {
                spec.record("--layer \(layer)", "swiftbox.rootfs.layers[\(index + 1)]")
            }
        }
        try applyUpper(to: &source, &spec, context)
        spec.root = Root(path: "rootfs", readonly: readOnly)
        if readOnly { spec.record("--read-only", "root.readonly") }
        spec.box.rootfs = source
    }

    private func applyUpper(
        to source: inout RootSource, _ spec: inout Spec, _ context: SpecContext
    ) throws(BoxError) {
        if let upper {
            if readOnly { throw conflict("--upper", with: "--read-only", "a read-only root keeps no changes") }
            source.upper = try directory(upper, "--upper", context)
            if case .layers(let all) = source.base, let path = source.upper, all.contains(path) {
                throw refusal("--upper", upper, "is a layer already, and layers are never written")
            }
            spec.record("--upper \(upper)", "swiftbox.rootfs.upper")
        }
        if let scratchSize {
            if readOnly { throw conflict("--scratch-size", with: "--read-only", "nothing can be written") }
            if upper != nil { throw conflict("--scratch-size", with: "--upper", "changes go to that directory") }
            spec.box.scratchSize = try Size.bytes(scratchSize, atLeast: 1 << 16, flag: "--scratch-size")
            spec.record("--scratch-size \(scratchSize)", "swiftbox.scratchSize")
        }
    }

    private func directory(_ path: String, _ flag: String, _ context: SpecContext) throws(BoxError) -> String {
        if path.isEmpty { throw refusal(flag, path, "must be a directory") }
        let absolute = context.absolute(path)
        if absolute == "/" {
            throw refusal(
                flag, path, "is the host's own root", remedy: "leave out \(flag): the host's root is the default")
        }
        return absolute
    }
}
