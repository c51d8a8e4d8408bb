import Foundation

/// A report that a test's command has written, by dotted path: `cpu.usage_seconds`.
public struct Report: CustomStringConvertible {
    private let document: [String: Any]
    public let description: String

    public init(_ path: String) throws {
        let data = try Data(contentsOf: URL(filePath: path))
        description = String(decoding: data, as: UTF8.self)
        guard let document = try JSONSerialization.jsonObject(with: data) as? [String: Any] else {
            throw BedError("\(path) is no JSON object")
        }
        self.document = document
    }

    private func value(_ path: String) -> Any? {
        var here: Any? = document
        for key in path.split(separator: ".") { here = (here as? [String: Any])?[String(key)] }
        return here is NSNull ? nil : here
    }

    public func text(_ path: String) -> String? { value(path) as? String }
    public func number(_ path: String) -> Double? { (value(path) as? NSNumber)?.doubleValue }
    public func list(_ path: String) -> [[String: Any]]? { value(path) as? [[String: Any]] }
    public func words(_ path: String) -> [String]? { value(path) as? [String] }
    /// The reason why a figure is null; its name may hold dots.
    public func reason(_ figure: String) -> String? { (document["unavailable"] as? [String: Any])?[figure] as? String }
    public var keys: Set<String> { Set(document.keys) }
}
