internal import BoxDocument
internal import BoxSystem

// The rules that several groups share. Field names are put into words only where a rule is broken.

func invalid(_ field: String, _ message: String, found: String? = nil, remedy: String? = nil) -> BoxError {
    BoxError(.invalidSpec, message, field: field, found: found, remedy: remedy)
}

/// No C string holds NUL: the kernel would see another, shorter value.
func refuseNul(_ text: String, _ field: @autoclosure () -> String) throws(BoxError) {
    if text.offset(of: 0) != nil { throw invalid(field(), "must not hold a NUL byte") }
}

func requireAbsolute(_ path: String, _ field: @autoclosure () -> String) throws(BoxError) {
    if path.utf8.first != UInt8(ascii: "/") {
        throw invalid(field(), "must be an absolute path, found \(JSON.quoted(path))")
    }
    try refuseNul(path, field())
}

func require<T: Comparable>(
    _ value: T, in range: ClosedRange<T>, _ field: @autoclosure () -> String
) throws(BoxError) {
    if !range.contains(value) {
        throw invalid(field(), "must be from \(range.lowerBound) to \(range.upperBound), found \(value)")
    }
}

func requireAtLeast<T: Comparable>(
    _ least: T, _ value: T?, _ field: @autoclosure () -> String
) throws(BoxError) {
    if let value, value < least { throw invalid(field(), "must be at least \(least), found \(value)") }
}

/// The path without `//`, `.` and `..`, as if there were no links; nil where it climbs above the root.
func normalized(_ path: String) -> String? {
    if File.isPlain(path) { return path }
    var parts: [Substring] = []
    for part in path.split(separator: "/") where part != "." {
        if part != ".." {
            parts.append(part)
        } else if parts.popLast() == nil {
            return nil
        }
    }
    return "/" + parts.joined(separator: "/")
}

/// Absolute, inside the root, and told apart from all others by its normal form.
func requireInside(_ path: String, _ field: @autoclosure () -> String) throws(BoxError) -> String {
    try requireAbsolute(path, field())
    guard let inside = normalized(path) else {
        throw invalid(field(), "leads out of the root file system, found \(JSON.quoted(path))")
    }
    return inside
}

/// Maps that a program built may hold what no JSON text can.
func refuseDuplicates(_ pairs: [Pair], in field: String) throws(BoxError) {
    if pairs.contains(where: \.name.isEmpty) { throw invalid(field, "must not have an empty key") }
    if let (_, second) = Duplicates.first(of: pairs.count, { pairs[$0].name }) {
        throw invalid("\(field).\(pairs[second].name)", "stands twice")
    }
}

func validateEnvironment(_ entries: [String], _ field: @autoclosure () -> String) throws(BoxError) {
    for (index, entry) in entries.enumerated() {
        // The value may be a secret: it is not shown.
        guard let sign = entry.offset(of: UInt8(ascii: "=")) else {
            throw invalid("\(field())[\(index)]", "must be NAME=VALUE, found no '='")
        }
        if sign == 0 { throw invalid("\(field())[\(index)]", "must be NAME=VALUE, found no name") }
        try refuseNul(entry, "\(field())[\(index)]")
    }
}

/// A list as the kernel takes it for processors and memory nodes: `0-3,5`.
func requireList(_ list: String?, _ field: @autoclosure () -> String) throws(BoxError) {
    guard let list else { return }
    for range in list.split(separator: ",", omittingEmptySubsequences: false) {
        let ends = range.split(separator: "-", maxSplits: 1, omittingEmptySubsequences: false).map { trimmed($0) }
        let numbers = ends.compactMap { UInt32($0) }
        if numbers.count != ends.count || numbers.first ?? 0 > numbers.last ?? 0
            || ends.contains(where: { $0.first == "+" })
        {
            throw invalid(field(), "must be a list such as 0-3,5, found \(JSON.quoted(list))")
        }
    }
}

private func trimmed(_ text: Substring) -> Substring {
    var text = text
    while text.first == " " { text.removeFirst() }
    while text.last == " " { text.removeLast() }
    return text
}

func isLetterOrDigit(_ byte: UInt8) -> Bool {
    switch byte {
    case UInt8(ascii: "a")...UInt8(ascii: "z"), UInt8(ascii: "A")...UInt8(ascii: "Z"),
        UInt8(ascii: "0")...UInt8(ascii: "9"):
        true
    default: false
    }
}
