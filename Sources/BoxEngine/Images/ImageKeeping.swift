internal import BoxStore
internal import BoxSystem

extension BoxEngine {
    /// From the database, and from the folders that it does not know.
    func loadImages() throws {
        var known: Set<String> = []
        for row in try store.images() where File.exists(places.image(row.id)) {
            do {
                images.add(try ImageFile(json: Array(row.document.utf8)).view)
                known.insert(row.id)
            } catch {
                logger.error("an image cannot be read", metadata: ["image": "\(row.id)", "error": "\(error)"])
            }
        }
        for tag in try store.tags() where images.view("sha256:" + tag.imageID) != nil {
            images.tag(tag.reference, "sha256:" + tag.imageID)
        }
        for id in Self.names(in: places.images, logger) where !known.contains(id) { loadUnknownImage(id) }
    }

    private func loadUnknownImage(_ id: String) {
        do {
            if id.hasPrefix(".") || !File.exists("\(places.image(id))/\(ImageFile.name)") {
                // An import that did not come to its end.
                try Folders.remove(id, in: places.images)
                return
            }
            let view = try ImageFile(json: try File.contents(of: "\(places.image(id))/\(ImageFile.name)")).view
            try keep(view)
            for reference in view.references where images.tags[reference] == nil { try tag(reference, view.id) }
        } catch {
            logger.error("an image's folder cannot be read", metadata: ["image": "\(id)", "error": "\(error)"])
        }
    }

    /// Into the index; its folder is there.
    func keep(_ view: ImageView) throws {
        try store.save(ImageRow(id: String(view.id.dropFirst(7)), document: ImageFile(view).text))
        images.add(view)
    }

    func tag(_ reference: String, _ id: String) throws {
        try store.tag(TagRow(reference: reference, imageID: String(id.dropFirst(7))))
        images.tag(reference, id)
        writeImageFile(id)
    }

    /// The tags in it are those that a lost database gets back.
    func writeImageFile(_ id: String) {
        guard let view = images.view(id) else { return }
        let path = "\(places.image(String(id.dropFirst(7))))/\(ImageFile.name)"
        do throws(Errno) {
            try WholeFile.write(Array(ImageFile(view).text.utf8), to: path, synced: true)
        } catch {
            logger.error("cannot write image.json", metadata: ["image": "\(id)", "error": "\(error)"])
        }
    }
}
