/// Ours alone, so unlike in the rest of config.json an unknown key is a mistake.
extension BoxExtension {
    init(reading value: Field) throws(BoxError) {
        self.init()
        for field in try value.members() {
            switch field.name {
            case "rootfs": rootfs = try RootSource(reading: field)
            case "autoUserNamespace": autoUserNamespace = try field.bool()
            case "bestEffort": bestEffort = try field.bool()
            case "defaults": defaults = try field.strings()
            case "flags": flags = try field.pairs()
            case "init": initProcess = try field.bool()
            case "scratchSize": scratchSize = try field.integer()
            case "timeout": timeout = try field.integer()
            case "cpuTimeout": cpuTimeout = try field.integer()
            case "stopTimeout": stopTimeout = try field.integer()
            case "logDenials": logDenials = try field.bool()
            case "accounting": accounting = try field.bool()
            case "cgroupManager":
                cgroupManager = CgroupManager(rawValue: try field.name(among: CgroupManager.allCases.map(\.rawValue)))
            case "copyOut": copyOut = try field.array { (one) throws(BoxError) in try CopyOut(reading: one) }
            case "copyOutLimit": copyOutLimit = try field.integer()
            case "hostPaths": hostPaths = try field.strings()
            default: throw field.unknown()
            }
        }
    }
}

extension CopyOut {
    init(reading value: Field) throws(BoxError) {
        var from: String?
        var to: String?
        for field in try value.members() {
            switch field.name {
            case "from": from = try field.string()
            case "to": to = try field.string()
            default: throw field.unknown()
            }
        }
        guard let from else { throw value.missing("from") }
        guard let to else { throw value.missing("to") }
        self.init(from: from, to: to)
    }
}

extension RootSource {
    init(reading value: Field) throws(BoxError) {
        var host = false
        var layers: [String]?
        self.init(.host)
        for field in try value.members() {
            switch field.name {
            case "base":
                _ = try field.name(among: ["host"])
                host = true
            case "layers": layers = try field.strings()
            case "upper": upper = try field.text()
            case "hide": hide = try field.strings()
            case "hostPaths": hostPaths = try field.strings()
            default: throw field.unknown()
            }
        }
        if let layers {
            if host { throw value.invalid("must have base or layers, not both") }
            base = .layers(layers)
        } else if !host {
            throw value.missing("base")
        }
    }
}

extension Field {
    fileprivate func unknown() -> BoxError { invalid("is no key that swiftbox knows") }
}
