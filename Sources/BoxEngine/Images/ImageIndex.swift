/// Which images there are, by id and by reference. Belongs to the engine's actor.
struct ImageIndex {
    /// By id with `sha256:`.
    private(set) var images: [String: ImageView] = [:]
    /// `name:tag` → id.
    private(set) var tags: [String: String] = [:]

    func view(_ id: String) -> ImageView? { images[id] }

    var all: [ImageView] { images.values.sorted { ($0.created, $0.id) > ($1.created, $1.id) } }

    mutating func add(_ image: ImageView) {
        images[image.id] = image
        refresh(image.id)
    }

    mutating func remove(_ id: String) {
        images[id] = nil
        tags = tags.filter { $0.value != id }
    }

    mutating func tag(_ reference: String, _ id: String) {
        let before = tags.updateValue(id, forKey: reference)
        if let before { refresh(before) }
        refresh(id)
    }

    mutating func untag(_ reference: String) {
        if let id = tags.removeValue(forKey: reference) { refresh(id) }
    }

    private mutating func refresh(_ id: String) {
        images[id]?.references = tags.filter { $0.value == id }.map(\.key).sorted()
    }

    /// By reference, by id, by an unambiguous beginning of an id.
    func find(_ text: String) throws(EngineError) -> ImageView {
        if let view = viewIfAny(text) { return view }
        let hex = text.hasPrefix("sha256:") ? String(text.dropFirst(7)) : text
        if hex.count >= 4, images.keys.filter({ $0.dropFirst(7).hasPrefix(hex) }).count > 1 {
            throw EngineError(.invalid, "\(text) is the beginning of several images' ids")
        }
        throw EngineError(.notFound, "no such image: \(text)")
    }

    func viewIfAny(_ text: String) -> ImageView? {
        if let id = tags[ImageReference.normal(text)] { return images[id] }
        let hex = text.hasPrefix("sha256:") ? String(text.dropFirst(7)) : text
        if let image = images["sha256:" + hex] { return image }
        guard hex.count >= 4 else { return nil }
        let candidates = images.keys.filter { $0.dropFirst(7).hasPrefix(hex) }
        return candidates.count == 1 ? candidates.first.flatMap { images[$0] } : nil
    }
}

/// `[HOST/]NAME[:TAG]`.
enum ImageReference {
    /// With a tag, without the registry and namespace that docker leaves out.
    static func normal(_ text: String) -> String {
        var name = text
        for prefix in ["docker.io/library/", "docker.io/"] where name.hasPrefix(prefix) {
            name.removeFirst(prefix.count)
        }
        let last = name.split(separator: "/").last ?? ""
        return last.contains(":") ? name : name + ":latest"
    }

    /// - Throws: `.invalid` for what is no reference, and for a name that means something else here
    static func check(_ text: String) throws(EngineError) -> String {
        let normal = normal(text)
        let parts = normal.split(separator: "/", omittingEmptySubsequences: false)
        let isSound = parts.allSatisfy { part in
            !part.isEmpty && part.utf8.allSatisfy { isPart($0) }
        }
        let last = parts.last.map { $0.split(separator: ":", omittingEmptySubsequences: false) } ?? []
        if !isSound || normal.utf8.count > 255 || last.count != 2 || last.contains("") {
            throw EngineError(.invalid, "invalid reference format: \(text)")
        }
        if last[0] == "host" && parts.count == 1 {
            throw EngineError(.invalid, "the image name host is reserved for the host's own root")
        }
        return normal
    }

    private static func isPart(_ byte: UInt8) -> Bool {
        switch byte {
        case UInt8(ascii: "a")...UInt8(ascii: "z"), UInt8(ascii: "0")...UInt8(ascii: "9"),
            UInt8(ascii: "A")...UInt8(ascii: "Z"):
            true
        default: "._-:".utf8.contains(byte)
        }
    }
}
