import BoxDocument
import Testing

@Suite struct JSONFuzzTests {
    private static let seed = Array(
        #"{"a":[1,-2.5e3,18446744073709551615,true,false,null],"é\u00e9":{"b":"\ud83d\ude00\n\\","c":[[],{}]},"d":"x"}"#
            .utf8)
    private static let likely = Array("{}[]\",:\\u0123eE+-.tfn \n".utf8) + [0, 0x1F, 0x7F, 0xC3, 0xED, 0xF0, 0xFF]

    private func mutate(_ bytes: inout [UInt8], _ random: inout Seeded) {
        let at = Int.random(in: bytes.indices, using: &random)
        let byte = Self.likely.randomElement(using: &random) ?? 0
        switch Int.random(in: 0..<5, using: &random) {
        case 0: bytes[at] = byte
        case 1: bytes.insert(byte, at: at)
        case 2: if bytes.count > 1 { bytes.remove(at: at) }
        case 3: bytes.removeSubrange(at..<Int.random(in: at..<bytes.endIndex, using: &random))
        default: bytes.insert(contentsOf: bytes[at..<min(at + 12, bytes.endIndex)], at: at)
        }
        if bytes.isEmpty { bytes = [byte] }
    }

    /// No text may trap the reader, and what it takes must come back the same from the writer.
    @Test func mutatedTextsAreRefusedOrComeBackTheSame() throws {
        var random = Seeded(state: 1)
        var accepted = 0
        for _ in 0..<20_000 {
            var bytes = Self.seed
            for _ in 0..<Int.random(in: 1...4, using: &random) { mutate(&bytes, &random) }
            let node: Node
            do {
                node = try JSON.parse(bytes)
            } catch {
                #expect(error.position.line >= 1 && error.position.column >= 1)
                continue
            }
            accepted += 1
            #expect(try JSON.parse(JSON.write(node)) == node)
            #expect(try JSON.parse(JSON.write(node, pretty: true)) == node)
        }
        // A reader that refused everything would pass too.
        #expect(accepted > 500)
    }

    @Test func everyTruncationIsRefused() {
        for length in Self.seed.indices {
            #expect(throws: DocumentError.self) { try JSON.parse(Array(Self.seed[..<length])) }
        }
    }
}
