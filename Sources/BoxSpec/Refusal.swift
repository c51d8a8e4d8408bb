internal import BoxOCI

/// The error for a flag whose value cannot be used: `--memory 12q: not a size`.
func refusal(
    _ flag: String, _ value: String, _ problem: String, _ kind: BoxError.Kind = .invalidSpec, remedy: String? = nil
) -> BoxError {
    BoxError(kind, "\(flag) \(value.isEmpty ? "''" : value): \(problem)", field: flag, remedy: remedy)
}

/// The error for two flags that cannot both be given.
func conflict(_ flag: String, with other: String, _ why: String) -> BoxError {
    BoxError(.invalidSpec, "\(flag) cannot be used with \(other): \(why)", field: flag)
}

extension Spec {
    /// Remembers which flag a field came from.
    mutating func record(_ flag: String, _ field: String) {
        box.flags.append(Pair(field, flag))
    }
}

/// `NAME=VALUE` cut at the first equals sign; nil without one or without a name.
func cutPair(_ text: String) -> (name: String, value: String)? {
    guard let equals = text.firstIndex(of: "="), equals != text.startIndex else { return nil }
    return (String(text[..<equals]), String(text[text.index(after: equals)...]))
}
