/// A request's first lines.
struct RequestHead {
    /// The version that the daemon speaks.
    static let version = "/v1.43"

    var method: String
    var path: String
    var query: [(String, String)] = []
    var fields: [(String, String)] = []

    var bytes: [UInt8] {
        let query = query.map { "\(Self.encoded($0.0))=\(Self.encoded($0.1))" }.joined(separator: "&")
        var text = "\(method) \(Self.version)\(path)\(query.isEmpty ? "" : "?" + query) HTTP/1.1\r\nHost: swiftbox\r\n"
        for (name, value) in fields { text += "\(name): \(value)\r\n" }
        return Array((text + "\r\n").utf8)
    }

    private static let hex = Array("0123456789ABCDEF")

    /// Percent-encoded but for the unreserved characters (RFC 3986, section 2.3): for a query, and for a segment of a path.
    static func encoded(_ text: String) -> String {
        var result = ""
        for byte in text.utf8 {
            switch byte {
            case UInt8(ascii: "a")...UInt8(ascii: "z"), UInt8(ascii: "A")...UInt8(ascii: "Z"),
                UInt8(ascii: "0")...UInt8(ascii: "9"), UInt8(ascii: "-"), UInt8(ascii: "."), UInt8(ascii: "_"),
                UInt8(ascii: "~"):
                result.unicodeScalars.append(Unicode.Scalar(byte))
            default: result += "%\(hex[Int(byte >> 4)])\(hex[Int(byte & 15)])"
            }
        }
        return result
    }
}
