internal import BoxSystem

/// Ids and names that nobody chose.
enum BoxNames {
    /// 64 lower-case hexadecimal digits.
    static func newID() throws(EngineError) -> String {
        do throws(Errno) {
            let digits = Array("0123456789abcdef".utf8)
            let bytes = try Kernel.randomBytes(32)
            return String(decoding: bytes.flatMap { [digits[Int($0 >> 4)], digits[Int($0 & 15)]] }, as: UTF8.self)
        } catch {
            throw EngineError(error, "make an id")
        }
    }

    /// An adjective and a thing that comes in boxes, as often as it takes to find one that is free.
    static func newName(isTaken: (String) -> Bool) -> String {
        for attempt in 0..<64 {
            guard let first = adjectives.randomElement(), let second = things.randomElement() else { break }
            let name = attempt < 16 ? "\(first)_\(second)" : "\(first)_\(second)\(UInt16.random(in: 0...999))"
            if !isTaken(name) { return name }
        }
        return "box_\(UInt64.random(in: 0...UInt64.max))"
    }

    private static let adjectives = [
        "amber", "brisk", "calm", "clever", "crisp", "eager", "fair", "fond", "gentle", "glad", "golden", "green",
        "happy", "honest", "jolly", "keen", "kind", "light", "lively", "lucky", "mellow", "merry", "modest", "neat",
        "nimble", "patient", "plain", "polite", "proud", "quick", "quiet", "ready", "round", "sharp", "shy", "silver",
        "sleek", "small", "smart", "snug", "soft", "solid", "spry", "steady", "still", "stout", "sunny", "sure",
        "swift", "tidy", "true", "vivid", "warm", "wise", "witty", "young",
    ]
    private static let things = [
        "acorn", "almond", "anchor", "apple", "arrow", "button", "candle", "carrot", "cherry", "chess", "clock",
        "cocoa", "compass", "cookie", "crayon", "domino", "feather", "fiddle", "flute", "ginger", "globe", "hammer",
        "harp", "honey", "kettle", "kite", "lantern", "lemon", "marble", "melon", "mirror", "mitten", "needle",
        "nutmeg", "olive", "paint", "paper", "peach", "pearl", "pencil", "pepper", "piano", "plum", "puzzle", "quill",
        "raisin", "ribbon", "saddle", "sandal", "sketch", "spoon", "stamp", "teapot", "thread", "ticket", "trowel",
        "violin", "walnut", "whistle", "yarn",
    ]
}
