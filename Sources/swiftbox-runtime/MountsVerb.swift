internal import BoxOCI
internal import BoxRuntime
internal import BoxSecurity
internal import BoxSystem

/// `mounts`: changes the mounts of a box that runs, as crun's does.
struct MountsVerb: Verb {
    static let help = """
        mounts add ID FILE
        mounts remove ID FILE
            make or take away mounts of a box that runs; FILE (`-` for standard input) is a JSON array
            of mounts as in config.json, or an object with one under `mounts`. All mounts of FILE are
            added or none; relative sources start at the bundle. Of what is to be removed only the
            destinations count, and the mount on top is taken
        """
    private let adds: Bool
    private let id: String
    private let file: String

    init(_ arguments: inout Arguments) throws(BoxError) {
        try arguments.refuseFlags("mounts")
        let usage = "swiftbox-runtime mounts add|remove ID FILE"
        let verb = arguments.next()
        guard let verb, ["add", "remove"].contains(verb) else {
            throw BoxError(.invalidSpec, "mounts needs add or remove", found: verb, remedy: usage)
        }
        adds = verb == "add"
        try arguments.refuseFlags("mounts \(verb)")
        guard let id = arguments.next(), let file = arguments.next() else {
            throw BoxError(.invalidSpec, "mounts \(verb) needs the id of a box and a file", remedy: usage)
        }
        try BoxName.check(id, field: "ID")
        (self.id, self.file) = (id, file)
        try arguments.end("mounts \(verb)")
    }

    func run(_ global: GlobalFlags, _ log: RuntimeLog) throws(BoxError) -> Int32 {
        // A process of this program goes into the box.
        try SealedProgram.enter()
        let text = try explaining({ BoxError(.kernel, "cannot read \(file)", errno: $0) }) { () throws(Errno) in
            file == "-" ? try File.readAll(0) : try File.contents(of: file)
        }
        let mounts = try Mount.list(json: text)
        if adds {
            try MountChange.add(mounts, to: id, stateRoot: global.root)
        } else {
            try MountChange.remove(mounts, from: id, stateRoot: global.root)
        }
        return 0
    }
}
