public import BoxDocument

extension Spec {
    /// The bytes of a config.json: decoded, and checked by `validate()`; every error has its position.
    public static func read(json: [UInt8]) throws(BoxError) -> Spec {
        try read(parse(json))
    }

    private static func read(_ document: Node) throws(BoxError) -> Spec {
        let spec = try Spec(document: document)
        try spec.validate(in: document)
        return spec
    }

    /// The same, and where the text of `linux.seccomp` stands. Where `isKnown` says of that text that it was read and checked
    /// before, it is passed over, and the spec is without it.
    public static func read(
        json: [UInt8], isKnown: (ArraySlice<UInt8>) -> Bool
    ) throws(BoxError) -> (spec: Spec, profile: Range<Int>?) {
        let (document, profile): (Node, Range<Int>?)
        do {
            (document, profile) = try JSON.parse(json, omitting: seccompKeys)
        } catch {
            // What is wrong first may stand in the profile.
            return (try read(json: json), nil)
        }
        if let profile, !isKnown(json[profile]) { return (try read(json: json), profile) }
        return (try read(document), profile)
    }

    private static let seccompKeys = ["linux", "seccomp"]

    /// The same of a text that was checked when it was written.
    /// Without `withSeccomp` as if it had no `linux.seccomp`.
    public static func decode(json: [UInt8], withSeccomp: Bool = true) throws(BoxError) -> Spec {
        try Spec(document: parse(json, omitting: withSeccomp ? [] : seccompKeys))
    }

    private static func parse(_ json: [UInt8], omitting omitted: [String] = []) throws(BoxError) -> Node {
        do {
            return try JSON.parse(json, omitting: omitted).document
        } catch {
            throw BoxError(.invalidSpec, "not JSON: \(error.message)", position: error.position)
        }
    }

    /// Decodes without `validate()`: right types, known names, nothing required missing.
    /// Unknown keys and those of other platforms are ignored; null is absence.
    public init(document: Node) throws(BoxError) {
        self.init()
        let root = Field(document)
        var version: String?
        for field in try root.members() {
            switch field.name {
            case "ociVersion": version = try field.version()
            case "process": process = try Process(reading: field)
            case "root": self.root = try Root(reading: field)
            case "hostname": hostname = try field.text()
            case "domainname": domainname = try field.text()
            case "mounts": mounts = try field.array(Mount.init(reading:))
            case "hooks": hooks = try Hooks(reading: field)
            case "annotations": annotations = try field.pairs()
            case "linux": linux = try Linux(reading: field)
            case "swiftbox": box = try BoxExtension(reading: field)
            // Of other platforms; what they hold says nothing here.
            case "solaris", "windows", "vm", "zos", "freebsd": _ = try field.members()
            default: break
            }
        }
        guard let version else { throw root.missing("ociVersion") }
        ociVersion = version
    }
}

extension Field {
    /// SemVer 2.0.0 of the first major version.
    fileprivate func version() throws(BoxError) -> String {
        let value = try string()
        let core = value.utf8.prefix { $0 != UInt8(ascii: "-") && $0 != UInt8(ascii: "+") }
        let numbers = core.split(separator: UInt8(ascii: "."), omittingEmptySubsequences: false)
        guard numbers.count == 3, numbers.allSatisfy({ isNumber($0) }) else {
            throw invalid("must be a version such as 1.3.0, found \(JSON.quoted(value))")
        }
        guard numbers[0].elementsEqual("1".utf8) else {
            throw invalid("must be a version 1.x of the specification, found \(JSON.quoted(value))", .unsupported)
        }
        return value
    }

    private func isNumber(_ digits: Substring.UTF8View) -> Bool {
        digits.allSatisfy { UInt8(ascii: "0")...UInt8(ascii: "9") ~= $0 }
            && (digits.count == 1 || digits.first ?? UInt8(ascii: "0") != UInt8(ascii: "0"))
    }
}

extension Root {
    init(reading value: Field) throws(BoxError) {
        var path: String?
        var readonly = false
        for field in try value.members() {
            switch field.name {
            case "path": path = try field.string()
            case "readonly": readonly = try field.bool()
            default: break
            }
        }
        guard let path else { throw value.missing("path") }
        self.init(path: path, readonly: readonly)
    }
}

extension Mount {
    init(reading value: Field) throws(BoxError) {
        var found: String?
        self.init(destination: "")
        for field in try value.members() {
            switch field.name {
            case "destination": found = try field.string()
            case "type": type = try field.text()
            case "source": source = try field.text()
            case "options": options = try field.strings()
            case "uidMappings": uidMappings = try field.array(IDMapping.init(reading:))
            case "gidMappings": gidMappings = try field.array(IDMapping.init(reading:))
            default: break
            }
        }
        guard let found else { throw value.missing("destination") }
        destination = found
    }
}

extension IDMapping {
    init(reading value: Field) throws(BoxError) {
        var containerID: UInt32?
        var hostID: UInt32?
        var size: UInt32?
        for field in try value.members() {
            switch field.name {
            case "containerID": containerID = try field.integer()
            case "hostID": hostID = try field.integer()
            case "size": size = try field.integer()
            default: break
            }
        }
        guard let containerID else { throw value.missing("containerID") }
        guard let hostID else { throw value.missing("hostID") }
        guard let size else { throw value.missing("size") }
        self.init(containerID: containerID, hostID: hostID, size: size)
    }
}

extension Hooks {
    init(reading value: Field) throws(BoxError) {
        self.init()
        for field in try value.members() {
            switch field.name {
            case "prestart": prestart = try field.array(Hook.init(reading:))
            case "createRuntime": createRuntime = try field.array(Hook.init(reading:))
            case "createContainer": createContainer = try field.array(Hook.init(reading:))
            case "startContainer": startContainer = try field.array(Hook.init(reading:))
            case "poststart": poststart = try field.array(Hook.init(reading:))
            case "poststop": poststop = try field.array(Hook.init(reading:))
            default: break
            }
        }
    }
}

extension Hook {
    init(reading value: Field) throws(BoxError) {
        var found: String?
        self.init(path: "")
        for field in try value.members() {
            switch field.name {
            case "path": found = try field.string()
            case "args": args = try field.strings()
            case "env": env = try field.strings()
            case "timeout": timeout = try field.integer()
            default: break
            }
        }
        guard let found else { throw value.missing("path") }
        path = found
    }
}
