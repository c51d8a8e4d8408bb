internal import BoxDocument
public import BoxOCI
internal import BoxYAML

/// A spec file: the flags of `run` by other names, and where each of them stands in the text.
public struct SpecFile: Sendable {
    /// As it was named; what errors begin with.
    public let path: String
    /// Absolute: what relative paths of the file start from.
    let directory: String
    public internal(set) var options = RunOptions()
    /// What only the daemon can keep.
    public internal(set) var daemon = DaemonOptions()
    /// The keys of `daemon`, each as the error that a run without the daemon ends with.
    public internal(set) var daemonKeys: [BoxError] = []
    /// What is wrong with the text itself, in its order.
    public internal(set) var problems: [BoxError] = []
    var origins: [Origin] = []

    /// Where a value came from.
    struct Origin: Sendable {
        let flag: String
        /// As it went into the options, and as it stands in the file.
        let text: String
        let typed: String
        /// `volumes[1]`
        let key: String
        let position: Position

        /// How a message may quote it: whole, or what stands behind `NAME=`.
        var values: [String] {
            if text.isEmpty { return ["''"] }
            return [text] + (cutPair(text).map { [$0.value] } ?? [])
        }
    }

    /// Reads YAML, of which JSON is a part. Never throws: all that is wrong is in `problems`.
    public init(_ bytes: [UInt8], path: String, directory: String) {
        self.path = path
        self.directory = directory
        do throws(DocumentError) {
            read(try YAML.parse(bytes))
        } catch {
            add(error.message, key: nil, at: error.position)
        }
    }

    /// The tree of a service of a Compose file.
    init(_ node: Node, path: String, directory: String) {
        self.path = path
        self.directory = directory
        read(node)
    }

    /// Everything above the command line in the words of the file: the key and its place instead of a flag.
    /// An error that no value of the file has caused is as it was.
    public func locating(_ error: BoxError) -> BoxError {
        guard let origin = origin(of: error) else { return error }
        var located = error
        located.file = path
        located.position = origin.position
        located.field = origin.key
        for value in origin.values {
            for end in [": ", " "] where error.message.hasPrefix("\(origin.flag) \(value)\(end)") {
                located.message =
                    "\(origin.key) \(value.isEmpty || origin.text.isEmpty ? "" : origin.typed): "
                    + error.message.dropFirst(origin.flag.utf8.count + 1 + value.utf8.count + end.utf8.count)
                return located
            }
        }
        for start in ["\(origin.flag): ", "\(origin.flag) "] where error.message.hasPrefix(start) {
            located.message = "\(origin.key): " + error.message.dropFirst(start.count)
            break
        }
        return located
    }

    /// The value at fault: of several of one flag, the one that the error quotes.
    func origin(of error: BoxError) -> Origin? {
        guard let field = error.field else { return nil }
        let flag = String(field.prefix { $0 != " " })
        let candidates = origins.filter { $0.flag == flag }
        let exact = candidates.last { candidate in
            field == "\(flag) \(candidate.text)"
                || candidate.values.contains { error.message.hasPrefix("\(flag) \($0)") }
        }
        // A message that quotes another value is about one that came by the command line.
        let quotesAnother = error.message.hasPrefix(flag + " ") && !error.message.hasPrefix(flag + " cannot")
        return exact ?? (quotesAnother ? nil : candidates.first)
    }

    /// Makes problems of the keys that only the daemon can keep: for who runs the file without it.
    public mutating func refuseDaemonKeys() {
        problems = (problems + daemonKeys).sorted { ($0.position?.line ?? 0) < ($1.position?.line ?? 0) }
    }

    mutating func add(_ message: String, key: String?, at position: Position, remedy: String? = nil) {
        let isNamed = key == nil || message.hasPrefix("\"")
        let whole = isNamed ? message : "\(key ?? ""): \(message)"
        var error = BoxError(.invalidSpec, whole, field: key, position: position, remedy: remedy)
        error.file = path
        problems.append(error)
    }
}
