internal import Foundation

/// A config.json that a test changes by the path that an error message would name:
/// `config.set("linux.resources.pids.limit", 64)`.
public struct Config {
    private var tree: Any

    /// What docker would write for a plain box without a seccomp profile: six namespaces, the usual mounts, 14
    /// capabilities, no_new_privs, masked and read-only paths. The benchmark runs the same.
    public init(_ arguments: String...) throws {
        tree = try JSONSerialization.jsonObject(
            with: Data(contentsOf: URL(filePath: Bed.package + "/Tests/Benchmarks/config.json")))
        set("process.args", arguments)
    }

    /// Puts a value (Bool, Int, String, arrays and dictionaries of them) at a path, making what is missing on the
    /// way; nil removes. An array takes an index, or `+` for a new last element.
    public mutating func set(_ path: String, _ value: Any?) {
        tree = Config.put(value, at: path.split(separator: ".")[...], in: tree) ?? [String: Any]()
    }

    /// The JSON text.
    public func text() throws -> String {
        let options: JSONSerialization.WritingOptions = [.prettyPrinted, .sortedKeys, .withoutEscapingSlashes]
        return String(decoding: try JSONSerialization.data(withJSONObject: tree, options: options), as: UTF8.self)
    }

    private static func put(_ value: Any?, at path: ArraySlice<Substring>, in node: Any?) -> Any? {
        guard let key = path.first else { return value }
        let rest = path.dropFirst()
        if var list = node as? [Any], key == "+" || Int(key) != nil {
            let index = Int(key) ?? list.count
            let new = put(value, at: rest, in: index < list.count ? list[index] : nil)
            if index < list.count { list.remove(at: index) }
            if let new { list.insert(new, at: index) }
            return list
        }
        if key == "+" { return [put(value, at: rest, in: nil)].compactMap { $0 } }
        var object = node as? [String: Any] ?? [:]
        object[String(key)] = put(value, at: rest, in: object[String(key)])
        return object
    }
}
