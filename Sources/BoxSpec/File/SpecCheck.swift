public import BoxOCI

extension SpecFile {
    /// All that is wrong with the file, in the order of the text: what the reader found, and then what `run` would
    /// refuse, one after another, each fault taken out before the next is looked for. Nothing is made.
    /// `context` is asked for anew for each, because it holds what the options name.
    public func check(context: (RunOptions) throws(BoxError) -> SpecContext) -> [BoxError] {
        var errors = problems
        var rest = self
        // A file may leave the command to who runs it.
        if rest.options.command.isEmpty && rest.options.bundle == nil { rest.options.command = ["true"] }
        for _ in 0..<200 {
            do throws(BoxError) {
                if let name = rest.options.name { try BoxName.check(name, field: "--name") }
                if let flag = rest.options.bundle == nil ? nil : rest.options.shapingFlags.first {
                    throw BoxError(
                        .invalidSpec, "\(flag) cannot be used with a bundle: it is run as its config.json says",
                        field: flag)
                }
                if rest.options.bundle == nil { _ = try compile(rest.options, context: try context(rest.options)) }
                break
            } catch {
                guard let origin = rest.origin(of: error) else {
                    // The fault lies in what was taken out with another.
                    if errors.isEmpty { errors.append(error) }
                    break
                }
                errors.append(rest.locating(error))
                rest.remove(origin)
            }
        }
        return errors.sorted { a, b in
            (a.position?.line ?? 0, a.position?.column ?? 0) < (b.position?.line ?? 0, b.position?.column ?? 0)
        }
    }

    private mutating func remove(_ origin: Origin) {
        origins.removeAll { $0.key == origin.key }
        switch RunFlag.all.first(where: { $0.name == origin.flag })?.place {
        case .text(let access): access(&options) { $0 = nil }
        case .flag(let access): access(&options) { $0 = false }
        case .list(let access):
            if origin.flag == "COMMAND" {
                options.command = ["true"]
            } else {
                access(&options) { texts in
                    if let index = texts.firstIndex(of: origin.text) { texts.remove(at: index) }
                }
            }
        case nil: break
        }
        if origin.flag == "--entrypoint" { options.entrypointArguments = [] }
        if origin.flag == "--rootfs" { options.layers = [] }
    }
}
