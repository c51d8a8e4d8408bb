internal import BoxDocument

extension Mount {
    /// A list of mounts as config.json has it, or an object with one under `mounts`: decoded and checked.
    public static func list(json: [UInt8]) throws(BoxError) -> [Mount] {
        let document: Node
        do {
            document = try JSON.parse(json)
        } catch {
            throw BoxError(.invalidSpec, "not JSON: \(error.message)", position: error.position)
        }
        var spec = Spec()
        if case .array = document.value {
            spec.mounts = try Field(document).array(Mount.init(reading:))
        } else {
            for field in try Field(document).members() where field.name == "mounts" {
                spec.mounts = try field.array(Mount.init(reading:))
            }
        }
        try spec.validateMounts()
        return spec.mounts
    }
}
