internal import BoxDocument
internal import BoxEngine

/// What stands at the top of a create body.
extension CreateBody {
    static let config: [String: Take] = [
        "Hostname": { (b, f) throws(APIError) in b.wanted.options.hostname = try f.string() },
        "User": { (b, f) throws(APIError) in b.wanted.options.user = try f.string() },
        "AttachStdin": { (b, f) throws(APIError) in b.wanted.attachStdin = try f.flag() },
        "AttachStdout": { (b, f) throws(APIError) in b.wanted.attachStdout = try f.flag() },
        "AttachStderr": { (b, f) throws(APIError) in b.wanted.attachStderr = try f.flag() },
        // What the image says about itself; nothing is published by it.
        "ExposedPorts": { (_, f) throws(APIError) in _ = try f.members() },
        "Tty": { (b, f) throws(APIError) in b.wanted.options.tty = try f.flag() },
        "OpenStdin": { (b, f) throws(APIError) in b.wanted.openStdin = try f.flag() },
        "StdinOnce": { (b, f) throws(APIError) in b.wanted.stdinOnce = try f.flag() },
        "Env": { (b, f) throws(APIError) in try b.takeEnvironment(f) },
        "Cmd": { (b, f) throws(APIError) in b.wanted.options.command = try f.words() },
        "Entrypoint": { (b, f) throws(APIError) in try b.takeEntrypoint(f) },
        "Healthcheck": { (b, f) throws(APIError) in b.wanted.healthCheck = try CreateBody.healthCheck(f) },
        "ArgsEscaped": { (_, f) throws(APIError) in throw f.unsupported("is of Windows") },
        "Image": { (b, f) throws(APIError) in b.wanted.image = try f.string() },
        "Volumes": { (b, f) throws(APIError) in b.volumes = try f.members().map(\.name) },
        "WorkingDir": { (b, f) throws(APIError) in b.wanted.options.workdir = try f.string() },
        "NetworkDisabled": { (b, _) throws(APIError) in b.wanted.options.network = "none" },
        "Labels": { (b, f) throws(APIError) in
            b.wanted.labels = Dictionary(try f.dictionary()) { $1 }
        },
        "StopSignal": { (b, f) throws(APIError) in b.wanted.options.stopSignal = try f.string() },
        "StopTimeout": { (b, f) throws(APIError) in b.wanted.stopTimeout = Int(try f.integer()) },
        "Domainname": refuse("domain names of boxes are not available in this version of swiftbox"),
        "MacAddress": refuse("the networks none and host have no addresses of their own"),
        "OnBuild": refuse("only an image that is built has it"),
        "Shell": refuse("only an image that is built has it"),
    ]

    private mutating func takeEnvironment(_ field: Asked) throws(APIError) {
        for text in try field.strings() {
            if text.contains("=") {
                wanted.options.env.append(text)
            } else {
                warnings.append("\(field.path): \(JSON.quoted(text)) has no value and is left out")
            }
        }
    }

    private mutating func takeEntrypoint(_ field: Asked) throws(APIError) {
        let words = try field.words()
        if words == [""] {
            wanted.clearsEntrypoint = true
        } else if let program = words.first {
            wanted.options.entrypoint = program
            wanted.options.entrypointArguments = Array(words.dropFirst())
        }
    }

    /// nil where only the image's is to be taken over, which has none.
    private static func healthCheck(_ field: Asked) throws(APIError) -> HealthCheck? {
        var check = HealthCheck(test: [])
        for member in try field.members() where !member.node.isNothing {
            switch member.name {
            case "Test": check.test = try member.strings()
            case "Interval": check.interval = try member.integer()
            case "Timeout": check.timeout = try member.integer()
            case "StartPeriod": check.startPeriod = try member.integer()
            case "Retries": check.retries = Int(try member.integer())
            case "StartInterval": throw member.unsupported("is not available in this version of swiftbox")
            default: throw member.unsupported("is no field that swiftbox knows")
            }
        }
        if check.test.isEmpty { throw field.unsupported("images have no health checks here, so Test must be given") }
        guard ["NONE", "CMD", "CMD-SHELL"].contains(check.test[0]) else {
            throw field.invalid(".Test must begin with NONE, CMD or CMD-SHELL")
        }
        return check.test[0] == "NONE" ? nil : check
    }
}
