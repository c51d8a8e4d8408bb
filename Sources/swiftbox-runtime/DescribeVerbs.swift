internal import BoxDocument
internal import BoxOCI
internal import BoxRuntime
internal import BoxSecurity
internal import BoxSystem

/// `features`.
struct FeaturesVerb: Verb {
    static let help = """
        features
            print what this runtime can do, as features.json of the specification has it
        """

    init(_ arguments: inout Arguments) throws(BoxError) {
        try arguments.refuseFlags("features")
        try arguments.end("features")
    }

    func run(_ global: GlobalFlags, _ log: RuntimeLog) throws(BoxError) -> Int32 {
        var annotations = [
            ("swiftbox.runtime.version", Release.version), ("swiftbox.libseccomp.version", SeccompLibrary.version),
        ]
        if let commit = Release.commit { annotations.append(("swiftbox.runtime.commit", commit)) }
        let document = Features.document(annotations: annotations)
        StandardStreams.printOut(String(decoding: JSON.write(document, pretty: true), as: UTF8.self))
        return 0
    }
}

/// `spec`: a config.json to start from.
struct SpecVerb: Verb {
    static let help = """
        spec [--bundle DIR] [--file FILE] [--rootless]
            write a config.json to start from into the bundle DIR (-b; default: the working directory), or to FILE (-f),
            which must not be there yet; with --rootless for a box of the ordinary user who asks
        """
    private var bundle = "."
    private var file: String?
    private var rootless = false

    init(_ arguments: inout Arguments) throws(BoxError) {
        while let flag = try arguments.nextFlag() {
            switch flag {
            case "--bundle", "-b": bundle = try arguments.value(of: flag)
            case "--file", "-f": file = try arguments.value(of: flag)
            case "--rootless": rootless = true
            default: throw Arguments.unknown(flag, "spec")
            }
        }
        try arguments.end("spec")
    }

    /// A file that is there already is somebody's work: it stays.
    func run(_ global: GlobalFlags, _ log: RuntimeLog) throws(BoxError) -> Int32 {
        let spec = Spec.starter(rootless: rootless ? (Caller.userID, Caller.groupID) : nil)
        let path = file ?? bundle + "/config.json"
        let failure: (Errno) -> BoxError = { errno in
            errno == .fileExists
                ? BoxError(.alreadyExists, "\(path) is there already", remedy: "remove it first")
                : BoxError(.kernel, "cannot write \(path)", errno: errno)
        }
        try explaining(failure) { () throws(Errno) in
            let output = try File.open(
                path, FileFlags.create | FileFlags.exclusive | FileFlags.writeOnly, mode: 0o666)
            do throws(Errno) {
                try File.write(JSON.write(spec.document, pretty: true) + [0x0A], to: output.raw)
                try output.close()
            } catch let cause {
                try File.remove(path)
                throw cause
            }
        }
        return 0
    }
}
