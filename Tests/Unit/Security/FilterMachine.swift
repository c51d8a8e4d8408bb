/// Runs a seccomp program as the kernel does, for the instructions that filters are made of.
struct FilterMachine {
    enum Fault: Error, Equatable {
        case unknownInstruction(UInt16), outside, endless
    }

    static let allow: UInt32 = 0x7fff_0000
    static func errno(_ number: UInt32) -> UInt32 { 0x0005_0000 | number }

    static let x86_64: UInt32 = 0xc000_003e
    static let i386: UInt32 = 0x4000_0003
    static let aarch64: UInt32 = 0xc000_00b7
    static let x32Bit: UInt32 = 0x4000_0000

    var instructions: [UInt8]

    /// The program's answer, SECCOMP_RET_*, to one call.
    func run(_ architecture: UInt32, _ number: UInt32, _ arguments: [UInt64] = []) throws -> UInt32 {
        let data = Self.data(architecture, number, arguments)
        var accumulator: UInt32 = 0
        var at = 0
        for _ in 0..<4096 {
            guard at * 8 + 8 <= instructions.count else { throw Fault.outside }
            let code = UInt16(instructions[at * 8]) | UInt16(instructions[at * 8 + 1]) << 8
            let yes = Int(instructions[at * 8 + 2])
            let no = Int(instructions[at * 8 + 3])
            let value = Self.word(instructions, at * 8 + 4)
            at += 1
            switch code {
            case 0x20: accumulator = Self.word(data, Int(value))
            case 0x54: accumulator &= value
            case 0x05: at += Int(value)
            case 0x15: at += accumulator == value ? yes : no
            case 0x25: at += accumulator > value ? yes : no
            case 0x35: at += accumulator >= value ? yes : no
            case 0x45: at += accumulator & value != 0 ? yes : no
            case 0x06: return value
            default: throw Fault.unknownInstruction(code)
            }
        }
        throw Fault.endless
    }

    /// struct seccomp_data: number, architecture, instruction pointer, six arguments.
    private static func data(_ architecture: UInt32, _ number: UInt32, _ arguments: [UInt64]) -> [UInt8] {
        var words: [UInt32] = [number, architecture, 0, 0]
        for index in 0..<6 {
            let argument = index < arguments.count ? arguments[index] : 0
            words += [UInt32(truncatingIfNeeded: argument), UInt32(truncatingIfNeeded: argument >> 32)]
        }
        return words.flatMap { word in (0..<4).map { UInt8(truncatingIfNeeded: word >> ($0 * 8)) } }
    }

    private static func word(_ bytes: [UInt8], _ at: Int) -> UInt32 {
        (0..<4).reduce(0) { $0 | UInt32(bytes[at + $1]) << UInt32($1 * 8) }
    }
}
