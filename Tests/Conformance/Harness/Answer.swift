import Foundation
import TestBed

/// JSON that a runtime wrote, asked by path: `state["annotations", "org.example.a"]`, lists by index.
struct Answer: CustomStringConvertible {
    let description: String
    private let tree: Any

    init(_ text: String) throws {
        description = text
        do { tree = try JSONSerialization.jsonObject(with: Data(text.utf8), options: .fragmentsAllowed) } catch {
            throw BedError("no JSON: \(text)")
        }
    }

    private func value(_ path: [String]) -> Any? {
        var here: Any? = tree
        for key in path {
            if let list = here as? [Any] {
                here = Int(key).flatMap { $0 < list.count ? list[$0] : nil }
            } else {
                here = (here as? [String: Any])?[key]
            }
        }
        return here is NSNull ? nil : here
    }

    /// A text, number or truth value as text; nil where nothing stands.
    subscript(_ path: String...) -> String? {
        switch value(path) {
        case let text as String: text
        case let number as NSNumber: isTruthValue(number) ? (number.boolValue ? "true" : "false") : "\(number)"
        default: nil
        }
    }

    /// What stands there, as JSON of its own.
    func text(of path: String...) throws -> String {
        guard let found = value(path) else { throw BedError("no \(path) in \(self)") }
        return String(
            decoding: try JSONSerialization.data(withJSONObject: found, options: .fragmentsAllowed), as: UTF8.self)
    }

    func has(_ path: String...) -> Bool { value(path) != nil }
    func number(_ path: String...) -> Double? { (value(path) as? NSNumber)?.doubleValue }
    func count(_ path: String...) -> Int? { (value(path) as? [Any])?.count ?? (value(path) as? [String: Any])?.count }
    func words(_ path: String...) -> [String] { value(path) as? [String] ?? [] }
    func keys(_ path: String...) -> Set<String> { Set((value(path) as? [String: Any] ?? [:]).keys) }
    /// The elements of a list.
    func list(_ path: String...) throws -> [Answer] {
        try (value(path) as? [Any] ?? []).map { element in
            try Answer(
                String(
                    decoding: JSONSerialization.data(withJSONObject: element, options: .fragmentsAllowed), as: UTF8.self
                ))
        }
    }
}

/// On Linux a number that came from `true` says so by its type code.
private func isTruthValue(_ number: NSNumber) -> Bool { String(cString: number.objCType) == "c" }
