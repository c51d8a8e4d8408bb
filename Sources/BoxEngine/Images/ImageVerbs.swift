internal import BoxStore
internal import BoxSystem

extension BoxEngine {
    /// Newest first.
    public func listImages(filters: [String: [String]]) async throws -> [ImageView] {
        let known = ["reference", "dangling", "label", "before", "since"]
        if let key = filters.keys.first(where: { !known.contains($0) }) {
            throw EngineError(.invalid, "invalid filter '\(key)'")
        }
        var chosen = images.all
        if let names = filters["reference"], !names.isEmpty {
            chosen = chosen.filter { image in
                names.contains { name in
                    image.references.contains { $0 == ImageReference.normal(name) || $0.prefix { $0 != ":" } == name }
                }
            }
        }
        if let wanted = filters["dangling"]?.first {
            chosen = chosen.filter { $0.references.isEmpty == (wanted == "true" || wanted == "1") }
        }
        for label in filters["label"] ?? [] {
            let pair = label.split(separator: "=", maxSplits: 1, omittingEmptySubsequences: false)
            chosen = chosen.filter { image in
                let value = image.config.labels[String(pair[0])]
                return value != nil && (pair.count == 1 || value ?? "" == pair[1])
            }
        }
        for name in filters["before"] ?? [] {
            let limit = try images.find(name).created
            chosen = chosen.filter { $0.created < limit }
        }
        for name in filters["since"] ?? [] {
            let limit = try images.find(name).created
            chosen = chosen.filter { $0.created > limit }
        }
        return chosen
    }

    public func inspectImage(_ reference: String) async throws -> ImageView { try images.find(reference) }

    public func tagImage(_ reference: String, as newReference: String) async throws {
        let image = try images.find(reference)
        let name = try ImageReference.check(newReference)
        try EngineError.explaining("tag the image") { try tag(name, image.id) }
        emit(.image, "tag", id: image.id, ["name": name])
    }

    /// A name loses its image; an image without a name goes, when no box is made of it.
    public func removeImage(_ reference: String, force: Bool) async throws -> [ImageRemoval] {
        let image = try images.find(reference)
        let name = ImageReference.normal(reference)
        let isName = image.references.contains(name)
        let users = boxes.values.filter { $0.resolved.imageID == image.id }
        if isName && image.references.count > 1 { return [try untag(name, image.id)] }
        if !isName && image.references.count > 1 && !force {
            throw EngineError(
                .conflict,
                "the image \(image.id.prefix(19)) has several names: \(image.references.joined(separator: ", ")); "
                    + "remove them one by one, or force it")
        }
        if let box = users.first {
            if box.isAlive || !force || !isName {
                throw EngineError(
                    .conflict, "the image \(reference) is used by the box \(box.name) (\(box.id.prefix(12)))")
            }
            return [try untag(name, image.id)]
        }
        return try delete(image)
    }

    private func untag(_ name: String, _ id: String) throws -> ImageRemoval {
        try EngineError.explaining("untag the image") { try store.untag(name) }
        images.untag(name)
        writeImageFile(id)
        emit(.image, "untag", id: id, ["name": name])
        return .untagged(name)
    }

    private func delete(_ image: ImageView) throws -> [ImageRemoval] {
        let hex = String(image.id.dropFirst(7))
        try EngineError.explaining("remove the image") {
            try store.removeImage(hex)
            images.remove(image.id)
            Folders.removeSoon(hex, in: places.images, logger)
        }
        if prepared?.kind.resolved.imageID == image.id { Task { await dropPrepared() } }
        emit(.image, "delete", id: image.id, ["name": image.id])
        return image.references.map { .untagged($0) } + [.deleted(image.id)]
    }

    /// Removes images without a name, or with `dangling=false` all that no box is made of.
    public func pruneImages(filters: [String: [String]]) async throws -> (removed: [ImageRemoval], bytes: Int64) {
        let unnamedOnly = filters["dangling"]?.first.map { $0 == "true" || $0 == "1" } ?? true
        let used = Set(boxes.values.map(\.resolved.imageID))
        var removed: [ImageRemoval] = []
        var bytes: Int64 = 0
        for image in images.all where !used.contains(image.id) && (image.references.isEmpty || !unnamedOnly) {
            removed += try delete(image)
            bytes += image.size
        }
        return (removed, bytes)
    }
}
