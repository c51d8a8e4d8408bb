import BoxOCI
import Testing

@testable import BoxSpec

@Suite struct NumberTests {
    @Test(arguments: [
        ("0", 0), ("0b", 0), ("4096", 4096), ("1k", 1024), ("512m", 512 << 20), ("512M", 512 << 20), ("1.5g", 3 << 29),
        ("1t", 1 << 40), ("0.5k", 512), ("9223372036854775807", UInt64(Int64.max)), ("8388607t", 8_388_607 << 40),
    ])
    func sizes(_ text: String, _ bytes: UInt64) {
        #expect(Size.parse(text) == bytes)
    }

    @Test(arguments: [
        "", "k", "m512", "-1", "+1", "1 k", " 1", "1.", ".5g", "1.5", "1.5b", "1.2.3g", "1kb", "1mib", "0x10", "1e3",
        "01",
        "٣m", "9223372036854775808", "8388608t", "18446744073709551616", "99999999999999999999g", "1.0000000001g",
        "1,5g",
    ])
    func whatIsNoSize(_ text: String) {
        #expect(Size.parse(text) == nil)
    }

    @Test(arguments: [
        ("100ns", 100), ("1us", 1000), ("250ms", 250_000_000), ("90s", 90_000_000_000), ("1m30s", 90_000_000_000),
        ("1.5h", 5_400_000_000_000),
    ])
    func durations(_ text: String, _ nanoseconds: UInt64) {
        #expect(Durations.parse(text) == nanoseconds)
    }

    @Test(arguments: ["", "s", "1", "-1s", "1m30", "1 s", "1.s", "9999999999h", "2562047h3000000000s"])
    func whatIsNoDuration(_ text: String) {
        #expect(Durations.parse(text) == nil)
    }

    @Test(arguments: [("1.5", 150_000), ("1", 100_000), ("0.01", 1000), ("0.333", 33300), ("8192", 819_200_000)])
    func processors(_ text: String, _ quota: Int64) throws {
        #expect(try CPUList.quota(text) == quota)
    }

    @Test(arguments: ["0-3,5", "0", "7-7", "1,3,5"])
    func processorListsAreKept(_ text: String) throws {
        #expect(try CPUList.check(text, flag: "--cpuset-cpus") == text)
    }

    @Test(arguments: ["", "-", "3-1", "0-", "0-1-2", "0,,1", "a", "0 1", "65536", "-1", ","])
    func whatIsNoProcessorList(_ text: String) {
        #expect(throws: BoxError.self) { try CPUList.check(text, flag: "--cpuset-cpus") }
    }

    /// CVE-2026-30892: an id that was misread became 0. Every id that is taken is printed back as it was typed;
    /// everything else is refused.
    @Test func idsAreReadExactlyOrNotAtAll() {
        var generator = SystemRandomNumberGenerator()
        for _ in 0..<20_000 {
            let value = UInt32.random(in: 0...UInt32.max - 1, using: &generator) >> UInt32.random(in: 0..<32)
            #expect(Accounts.id("\(value)") == value)
        }
        let alphabet = Array("0123456789+-xa _.:٣")
        for _ in 0..<20_000 {
            let text = String(
                (0..<Int.random(in: 0...12, using: &generator)).map { _ in alphabet.randomElement() ?? "0" })
            if let id = Accounts.id(text) { #expect("\(id)" == text) }
        }
    }

    @Test(arguments: ["4294967295", "4294967296", "18446744073709551617", "00", "01", "+1", "-0", "1\u{0}", "1 "])
    func whatIsNoID(_ text: String) {
        #expect(Accounts.id(text) == nil)
    }
}
