public import BoxDocument

extension Spec {
    /// The config.json that decodes to this spec; absent and empty values are left out.
    public var document: Node {
        .object {
            $0.set("ociVersion", ociVersion)
            $0.set("process", process?.node)
            $0.set("root", root?.node)
            $0.set("hostname", hostname)
            $0.set("domainname", domainname)
            $0.set("mounts", mounts) { $0.node }
            $0.setUnlessEmpty("hooks", hooks.node)
            $0.set("annotations", annotations)
            $0.setUnlessEmpty("linux", linux.node)
            $0.setUnlessEmpty("swiftbox", box.node)
        }
    }
}

extension Spec {
    /// The text of the document, compact; with `linux.seccomp` as somebody else has written it, where that was passed over when
    /// the spec was read.
    public func text(profile: ArraySlice<UInt8>? = nil) -> [UInt8] {
        guard let profile, case .object(let members) = document.value else { return JSON.write(document) }
        var linux = JSON.write(self.linux.node)
        linux.removeLast()
        if linux.count > 1 { linux.append(UInt8(ascii: ",")) }
        var text = JSON.write(Node(.object(members.filter { $0.key != "linux" })))
        // There is a version at least.
        text.removeLast()
        return text + #","linux":"#.utf8 + linux + #""seccomp":"#.utf8 + profile + "}}".utf8
    }
}

extension Root {
    var node: Node {
        .object {
            $0.set("path", path)
            $0.flag("readonly", readonly)
        }
    }
}

extension Mount {
    var node: Node {
        .object {
            $0.set("destination", destination)
            $0.set("type", type)
            $0.set("source", source)
            $0.set("options", options)
            $0.set("uidMappings", uidMappings) { $0.node }
            $0.set("gidMappings", gidMappings) { $0.node }
        }
    }
}

extension IDMapping {
    var node: Node {
        .object {
            $0.set("containerID", containerID)
            $0.set("hostID", hostID)
            $0.set("size", size)
        }
    }
}

extension Hooks {
    var node: Node {
        .object {
            $0.set("prestart", prestart) { $0.node }
            $0.set("createRuntime", createRuntime) { $0.node }
            $0.set("createContainer", createContainer) { $0.node }
            $0.set("startContainer", startContainer) { $0.node }
            $0.set("poststart", poststart) { $0.node }
            $0.set("poststop", poststop) { $0.node }
        }
    }
}

extension Hook {
    var node: Node {
        .object {
            $0.set("path", path)
            $0.set("args", args)
            $0.set("env", env)
            $0.set("timeout", timeout)
        }
    }
}

extension BoxExtension {
    var node: Node {
        .object {
            $0.set("rootfs", rootfs?.node)
            $0.flag("autoUserNamespace", autoUserNamespace)
            $0.flag("bestEffort", bestEffort)
            $0.set("defaults", defaults)
            $0.set("flags", flags)
            $0.flag("init", initProcess)
            $0.set("scratchSize", scratchSize)
            $0.set("timeout", timeout)
            $0.set("cpuTimeout", cpuTimeout)
            $0.set("stopTimeout", stopTimeout)
            $0.flag("logDenials", logDenials)
            $0.flag("accounting", accounting)
            $0.set("cgroupManager", cgroupManager?.rawValue)
            $0.set("copyOut", copyOut) { $0.node }
            $0.set("copyOutLimit", copyOutLimit)
            $0.set("hostPaths", hostPaths.map(Node.texts))
        }
    }
}

extension Node {
    /// A list that is written even where it is empty: none is not any.
    fileprivate static func texts(_ texts: [String]) -> Node { Node(.array(texts.map { Node(.string($0)) })) }
}

extension CopyOut {
    var node: Node {
        .object {
            $0.set("from", from)
            $0.set("to", to)
        }
    }
}

extension RootSource {
    var node: Node {
        .object {
            switch base {
            case .host: $0.set("base", "host")
            case .layers(let layers): $0.set("layers", Node(.array(layers.map { Node(.string($0)) })))
            }
            $0.set("upper", upper)
            $0.set("hide", hide)
            $0.set("hostPaths", hostPaths.map(Node.texts))
        }
    }
}
