public import BoxOCI

extension RunOptions {
    /// `--copy-out` and `--copy-out-limit` → `box.copyOut`; good with a bundle too.
    public func applyCopyOut(to spec: inout Spec, _ context: SpecContext) throws(BoxError) {
        for text in copyOut {
            spec.record("--copy-out \(text)", "swiftbox.copyOut[\(spec.box.copyOut.count)]")
            spec.box.copyOut.append(try Self.copyOut(text, context))
        }
        guard let copyOutLimit else { return }
        if spec.box.copyOut.isEmpty {
            throw refusal("--copy-out-limit", copyOutLimit, "bounds --copy-out, and none is given")
        }
        spec.box.copyOutLimit = try Size.bytes(copyOutLimit, flag: "--copy-out-limit")
        spec.record("--copy-out-limit \(copyOutLimit)", "swiftbox.copyOutLimit")
    }

    private static func copyOut(_ text: String, _ context: SpecContext) throws(BoxError) -> CopyOut {
        let flag = "--copy-out"
        guard let colon = text.firstIndex(of: ":") else {
            throw refusal(flag, text, "must be BOXPATH:HOSTPATH", remedy: "--copy-out /out/result.txt:result.txt")
        }
        let from = String(text[..<colon])
        let to = String(text[text.index(after: colon)...])
        let names = from.split(separator: "/").filter { $0 != "." }
        guard from.hasPrefix("/"), !names.isEmpty, names.last != ".." else {
            throw refusal(flag, text, "the path in the box must be absolute, and not the root itself")
        }
        if to.isEmpty { throw refusal(flag, text, "the path on the host is empty") }
        if to.split(separator: "/").contains("..") && to.split(separator: "/").last == ".." {
            throw refusal(flag, text, "the path on the host must end with a name")
        }
        // A slash at the end says that it is a directory: kept, for who looks at the host.
        return CopyOut(from: from, to: context.absolute(to) + (to.hasSuffix("/") ? "/" : ""))
    }
}
