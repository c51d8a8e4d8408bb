import BoxOCI
import BoxSystem
import Testing

@testable import BoxCgroup

/// Runs the eight kinds of instruction that device programs use, as the kernel documents them.
private struct Machine {
    enum Fault: Error { case endless, outside, unknown(UInt8) }

    static func run(_ program: [UInt8], context: [UInt32]) throws -> UInt64 {
        var registers = [UInt64](repeating: 0xdead_beef_dead_beef, count: 11)
        var at = 0
        for _ in 0..<100_000 {
            guard at >= 0, at * 8 + 8 <= program.count else { throw Fault.outside }
            let word = Array(program[(at * 8)..<(at * 8 + 8)])
            let to = Int(word[1] & 0x0f)
            let from = Int(word[1] >> 4)
            let offset = Int(Int16(bitPattern: UInt16(word[2]) | UInt16(word[3]) << 8))
            let immediate = UInt32(word[4]) | UInt32(word[5]) << 8 | UInt32(word[6]) << 16 | UInt32(word[7]) << 24
            let low = UInt32(truncatingIfNeeded: registers[to])
            at += 1
            switch word[0] {
            case 0x61:  // r = *(u32 *)(context + offset)
                guard from == 1, offset % 4 == 0, context.indices.contains(offset / 4) else { throw Fault.outside }
                registers[to] = UInt64(context[offset / 4])
            case 0xbc: registers[to] = UInt64(UInt32(truncatingIfNeeded: registers[from]))  // w = w
            case 0xb4: registers[to] = UInt64(immediate)  // w = K
            case 0x54: registers[to] = UInt64(low & immediate)  // w &= K
            case 0x74: registers[to] = UInt64(low >> immediate)  // w >>= K
            case 0x56: if low != immediate { at += offset }
            case 0x16: if low == immediate { at += offset }
            case 0x95: return registers[0]
            default: throw Fault.unknown(word[0])
            }
        }
        throw Fault.endless
    }
}

private func rule(
    _ allow: Bool, _ type: String? = nil, _ major: Int64? = nil, _ minor: Int64? = nil, _ access: String? = nil
) -> Resources.DeviceRule {
    var rule = Resources.DeviceRule(allow: allow)
    rule.type = type
    rule.major = major
    rule.minor = minor
    rule.access = access
    return rule
}

/// BPF_DEVCG_ACC_*
private let mknod: UInt32 = 1
private let read: UInt32 = 2
private let write: UInt32 = 4

@Suite struct DeviceProgramTests {
    private func allows(
        _ rules: [Resources.DeviceRule], _ type: Character, _ major: UInt32, _ minor: UInt32, _ access: UInt32
    ) throws -> Bool {
        let kind: UInt32 = type == "b" ? 1 : 2
        let program = try DeviceProgram.compile(rules)
        let answer = try Machine.run(program.instructions, context: [access << 16 | kind, major, minor])
        #expect(answer <= 1)
        return answer == 1
    }

    @Test func withoutRulesNothingIsAllowed() throws {
        #expect(try !allows([], "c", 1, 3, read))
    }

    @Test func aRuleForAll() throws {
        for type in [nil, "a"] {
            #expect(try allows([rule(true, type)], "b", 8, 0, read | write | mknod))
            #expect(try !allows([rule(true), rule(false, type)], "c", 1, 3, read))
        }
        #expect(try allows([rule(true, "a", -1, -1, "")], "c", 9, 9, read | write | mknod))
    }

    @Test func everyPartMustFit() throws {
        let rules = [rule(true, "c", 1, 3, "rw")]
        #expect(try allows(rules, "c", 1, 3, read | write))
        #expect(try allows(rules, "c", 1, 3, read))
        #expect(try !allows(rules, "b", 1, 3, read))
        #expect(try !allows(rules, "c", 2, 3, read))
        #expect(try !allows(rules, "c", 1, 4, read))
        #expect(try !allows(rules, "c", 1, 3, mknod))
        #expect(try !allows(rules, "c", 1, 3, read | mknod))
    }

    @Test func anyNumberFits() throws {
        #expect(try allows([rule(true, "c", 136, nil, "rw")], "c", 136, 1_048_575, read))
        #expect(try allows([rule(true, "b", nil, 7)], "b", 4095, 7, read))
        #expect(try !allows([rule(true, "b", nil, 7)], "b", 4095, 8, read))
    }

    @Test func theLastRuleThatFitsDecides() throws {
        let open = [rule(false), rule(true, "c", 1, 3)]
        #expect(try allows(open, "c", 1, 3, read))
        #expect(try !allows(open + [rule(false, "c", 1)], "c", 1, 3, read))
        #expect(try allows(open + [rule(false, "c", 1), rule(true, "c", 1, 3)], "c", 1, 3, read))
        #expect(try allows(open + [rule(false, "b", 1, 3)], "c", 1, 3, read))
    }

    @Test func aPartlyForbiddenRequestIsRefused() throws {
        let rules = [rule(true, "c", 1, 3, "rwm"), rule(false, "c", 1, 3, "w")]
        #expect(try allows(rules, "c", 1, 3, read | mknod))
        #expect(try !allows(rules, "c", 1, 3, write))
        #expect(try !allows(rules, "c", 1, 3, read | write))
    }

    @Test func kindsOfAccessAddUp() throws {
        let rules = [rule(true, "c", nil, nil, "m"), rule(true, "c", 1, 3, "r"), rule(true, "c", 1, nil, "w")]
        #expect(try allows(rules, "c", 1, 3, read | write | mknod))
        #expect(try !allows(rules, "c", 1, 4, read | write))
        #expect(try allows(rules, "c", 1, 4, write | mknod))
    }

    @Test func defaultsServeAProgramAndNoMore() throws {
        let rules = DeviceProgram.defaultRules
        for (major, minor) in [(1, 3), (1, 5), (1, 7), (1, 8), (1, 9), (5, 0), (5, 1), (5, 2), (136, 0), (136, 9)] {
            #expect(try allows(rules, "c", UInt32(major), UInt32(minor), read | write | mknod))
            #expect(try !allows(rules, "b", UInt32(major), UInt32(minor), read))
        }
        for (major, minor) in [(1, 1), (1, 2), (1, 11), (4, 0), (10, 200), (10, 229)] {
            #expect(try !allows(rules, "c", UInt32(major), UInt32(minor), mknod))
            #expect(try !allows(rules, "c", UInt32(major), UInt32(minor), read))
        }
        #expect(try !allows(rules, "b", 1, 3, read))
    }

    /// Every combination of three small rules against a decision made bit by bit.
    @Test func everySmallProgramDecidesAsDocumented() throws {
        let pool = [
            rule(true, "c", 1, 3, "rw"), rule(false, "c", 1, nil, "w"), rule(true, nil, nil, 3, "m"), rule(false),
            rule(true, "a"), rule(true, "b", 1, 3), rule(true, "c", 1, 4), rule(false, "c", nil, 3),
        ]
        let requests = [(type: "b", 1, 3), ("c", 1, 3), ("c", 1, 4), ("c", 2, 3)] as [(String, Int64, Int64)]
        for a in pool {
            for b in pool {
                for c in pool {
                    for request in requests {
                        for access in UInt32(1)...7 {
                            let expected = decide([a, b, c], request, access)
                            let got = try allows(
                                [a, b, c], Character(request.0), UInt32(request.1), UInt32(request.2), access)
                            #expect(got == expected, "\([a, b, c]) \(request) \(access)")
                        }
                    }
                }
            }
        }
    }

    private func decide(
        _ rules: [Resources.DeviceRule], _ request: (String, Int64, Int64), _ access: UInt32
    ) -> Bool {
        for (letter, bit) in [("m", mknod), ("r", read), ("w", write)] as [(Character, UInt32)] where access & bit != 0
        {
            let last = rules.last { rule in
                [nil, "a", request.0].contains(rule.type) && [nil, request.1].contains(rule.major)
                    && [nil, request.2].contains(rule.minor) && (rule.access ?? "rwm").contains(letter)
            }
            if last?.allow != true { return false }
        }
        return true
    }

    @Test func wrongRulesAreRefusedByName() {
        func refusal(_ wrong: Resources.DeviceRule) -> String? {
            do throws(BoxError) {
                _ = try DeviceProgram.compile([rule(true), wrong])
                return nil
            } catch {
                #expect(error.kind == .invalidSpec)
                return error.description
            }
        }
        #expect(
            refusal(rule(true, "u")) == """
                linux.resources.devices[1].type: must be a, b or c
                  found: "u"
                """)
        #expect(
            refusal(rule(true, "c", 4096)) == """
                linux.resources.devices[1].major: must be between 0 and 4095, or -1 for any
                  found: 4096
                """)
        #expect(refusal(rule(true, "c", 1, -2))?.hasPrefix("linux.resources.devices[1].minor: must be") == true)
        #expect(
            refusal(rule(true, "c", 1, 1, "rx")) == """
                linux.resources.devices[1].access: must be of r, w and m
                  found: "rx"
                """)
    }

    @Test func missingRightsAreExplained() {
        let error = DeviceProgram.refusal(.notPermitted)
        #expect(error.kind == .denied)
        #expect(error.remedy == "run as root, or leave the devices out")
        #expect(DeviceProgram.refusal(.noFunction).kind == .unsupported)
        #expect(DeviceProgram.refusal(.argListTooLong).kind == .invalidSpec)
        #expect(DeviceProgram.refusal(.ioError).kind == .kernel)
    }
}
