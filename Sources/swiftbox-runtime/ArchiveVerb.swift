internal import BoxOCI
internal import BoxRuntime
internal import BoxSystem

/// `archive`: files of a box, or of an image, from and to tars; for swiftboxd.
struct ArchiveVerb: Verb {
    static let help = """
        archive get [--config FILE] [--contents] ID PATH
        archive put [--config FILE] [--no-overwrite-dir-non-dir] ID PATH
        archive stat [--config FILE] ID PATH
        archive changes --config FILE ID
        archive unpack DIR
            write what is at PATH in a box as a tar to standard output; unpack one from standard input below the directory
            PATH of a box, or below DIR; describe PATH; list what a box
            has changed in its root, as JSON (Kind 0: changed, 1: added, 2: deleted). No link leads out of the box, or of DIR.
          --config FILE                 of a box that does not run: the config.json of its last run; changes needs it in any case
          --contents                    of a directory: what is in it; of /: without what is mounted there
          --max-bytes N, --max-entries N  that an archive may have which is unpacked
          --no-overwrite-dir-non-dir    a directory does not take a file's place, nor the other way round

        Exit status: 0, or 2 where there is no such file or box, 3 what cannot be done, 4 a broken archive, 5 where the box
        does not run, else 1.
        """

    static func status(of error: BoxError) -> Int32 { BoxArchive.status(of: error) }

    private var verb: String
    private var config: String?
    private var contents = false
    private var keepsKinds = false
    private var limit = ArchiveLimit()
    private var words: [String]

    init(_ arguments: inout Arguments) throws(BoxError) {
        verb = arguments.next() ?? ""
        while let flag = try arguments.nextFlag() {
            switch flag {
            case "--config": config = try absolute(arguments.value(of: flag))
            case "--contents": contents = true
            case "--no-overwrite-dir-non-dir": keepsKinds = true
            case "--max-bytes": limit.bytes = UInt64(try Self.number(flag, &arguments))
            case "--max-entries": limit.entries = try Self.number(flag, &arguments)
            // The archive's owners are kept in any case.
            case "--copy-uid-gid": continue
            default: throw Arguments.unknown(flag, "archive")
            }
        }
        words = arguments.rest()
        let wanted = ["get": 2, "put": 2, "stat": 2, "changes": 1, "unpack": 1][verb]
        guard let wanted, words.count == wanted else {
            throw BoxError(
                .invalidSpec, "archive needs get, put or stat with ID and PATH, changes with ID, or unpack with DIR",
                field: "archive")
        }
        if verb == "changes" && config == nil {
            throw BoxError(.invalidSpec, "archive changes needs --config FILE", field: "--config")
        }
        if verb != "unpack" { try BoxName.check(words[0], field: "ID") }
    }

    private static func number(_ flag: String, _ arguments: inout Arguments) throws(BoxError) -> Int {
        let text = try arguments.value(of: flag)
        guard let number = Int(text), number > 0 else {
            throw BoxError(.invalidSpec, "must be a number, found \(text)", field: flag)
        }
        return number
    }

    func run(_ global: GlobalFlags, _ log: RuntimeLog) throws(BoxError) -> Int32 {
        let place: BoxArchive.Place =
            verb == "unpack"
            ? .directory(try absolute(words[0]))
            : config.map { .stopped(config: $0, staging: global.root) }
                ?? .running(id: words[0], stateRoot: global.root)
        switch verb {
        case "changes": try BoxArchive.changes(config: config ?? "", staging: global.root, to: 1)
        case "get": try BoxArchive.get(words[1], of: place, contents: contents, to: 1)
        case "stat": StandardStreams.printOut(String(decoding: try BoxArchive.stat(words[1], of: place), as: UTF8.self))
        default:
            let path = verb == "unpack" ? "/" : words[1]
            let warnings = try BoxArchive.put(0, to: path, of: place, keepsKinds: keepsKinds, limit: limit)
            for warning in warnings { log.warn(warning) }
        }
        return 0
    }
}
