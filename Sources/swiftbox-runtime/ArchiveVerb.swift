internal import BoxOCI
internal import BoxRuntime
internal import BoxSystem

/// `archive`: files of a box, or of an image, from and to tars; for swiftboxd.
struct ArchiveVerb: Verb {
    static let help = """
        archive get [--config FILE] [--contents] ID PATH
        archive put [--config FILE] [--no-overwrite-dir-non-dir] ID PATH
        archive stat [--config FILE] ID PATH
        archive unpack DIR
            write what is at PATH in a box as a tar to standard output; unpack one from standard input below the directory
            PATH of a box, or below DIR; describe PATH. No link leads out of the box, or of DIR.
          --config FILE                 of a box that does not run: the config.json of its last run
          --contents                    of a directory: what is in it
          --no-overwrite-dir-non-dir    a directory does not take a file's place, nor the other way round
        """
    private var verb: String
    private var config: String?
    private var contents = false
    private var keepsKinds = false
    private var words: [String]

    init(_ arguments: inout Arguments) throws(BoxError) {
        verb = arguments.next() ?? ""
        while let flag = try arguments.nextFlag() {
            switch flag {
            case "--config": config = try absolute(arguments.value(of: flag))
            case "--contents": contents = true
            case "--no-overwrite-dir-non-dir": keepsKinds = true
            // The archive's owners are kept in any case.
            case "--copy-uid-gid": continue
            default: throw Arguments.unknown(flag, "archive")
            }
        }
        words = arguments.rest()
        let wanted = ["get": 2, "put": 2, "stat": 2, "unpack": 1][verb]
        guard let wanted, words.count == wanted else {
            throw BoxError(
                .invalidSpec, "archive needs get, put or stat with ID and PATH, or unpack with DIR", field: "archive")
        }
        if verb != "unpack" { try BoxName.check(words[0], field: "ID") }
    }

    func run(_ global: GlobalFlags, _ log: RuntimeLog) throws(BoxError) -> Int32 {
        let place: BoxArchive.Place =
            verb == "unpack"
            ? .directory(try absolute(words[0]))
            : config.map { .stopped(config: $0) } ?? .running(id: words[0], stateRoot: global.root)
        switch verb {
        case "get": try BoxArchive.get(words[1], of: place, contents: contents, to: 1)
        case "stat": StandardStreams.printOut(String(decoding: try BoxArchive.stat(words[1], of: place), as: UTF8.self))
        default:
            let path = verb == "unpack" ? "/" : words[1]
            let devices = try BoxArchive.put(0, to: path, of: place, keepsKinds: keepsKinds)
            if devices > 0 {
                log.warn("\(devices) device nodes of the archive are left out: a box has a /dev of its own")
            }
        }
        return 0
    }
}
