internal import BoxOCI
internal import BoxSystem

/// Why criu could not do it, from what it wrote into its log.
enum CriuFailure {
    /// `what` is `checkpoint the container ID`.
    static func explain(
        _ answer: CriuService.Answer, _ what: String, work: CInt, log: (name: String, path: String)
    ) -> BoxError {
        var lines: [String] = []
        do throws(Errno) {
            lines = reasons(in: try File.text(of: log.name, at: work))
        } catch {
            // Without its log there is still what it answered.
            lines = []
        }
        return BoxError(
            .kernel, "criu cannot \(what)", errno: answer.errno, found: lines.first ?? answer.message,
            remedy: "the whole of it is in \(log.path)")
    }

    /// What it calls errors; not that the whole has failed, nor what it tries and can do without.
    static func reasons(in log: String) -> [String] {
        log.split(separator: "\n").compactMap { line in
            guard let start = line.range(of: "Error (criu/"), let end = line[start.upperBound...].range(of: "): ")
            else {
                return nil
            }
            let text = line[end.upperBound...]
            return text.hasPrefix("tun: ") || text.hasSuffix("FAILED.") ? nil : String(text)
        }
    }
}

extension Substring {
    /// Where the text stands first; the standard library has this in Foundation only.
    fileprivate func range(of text: String) -> Range<Index>? {
        var at = startIndex
        while at < endIndex {
            if self[at...].hasPrefix(text) { return at..<index(at, offsetBy: text.count) }
            at = index(after: at)
        }
        return nil
    }
}
