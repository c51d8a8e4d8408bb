internal import BoxDocument

extension Process {
    /// The bytes of a process.json: `process` of config.json standing alone. Decoded and checked as it is there; the
    /// fields of errors begin with `process.`, and every error has its position.
    public static func read(json: [UInt8]) throws(BoxError) -> Process {
        let document: Node
        do {
            let text = try JSON.parse(json)
            document = Node(.object([Member("process", text)]), at: text.position)
        } catch {
            throw BoxError(.invalidSpec, "not JSON: \(error.message)", position: error.position)
        }
        var process = Process()
        for field in try Field(document).members() { process = try Process(reading: field) }
        do {
            try process.validate()
        } catch {
            var located = error
            located.position = error.field.map { document.position(of: $0) }
            throw located
        }
        return process
    }
}
