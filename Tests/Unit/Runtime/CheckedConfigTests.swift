import BoxOCI
import BoxSystem
import Foundation
import Testing

@testable import BoxRuntime
@testable import BoxSecurity

/// A profile whose text is known is not read again, and nothing else changes.
@Suite struct CheckedConfigTests {
    private let profile =
        #"{"defaultAction": "SCMP_ACT_ALLOW", "syscalls": [{"names": ["mkdir"], "action": "SCMP_ACT_ERRNO"}]}"#

    private func text(_ profile: String, process: String = "", linux: String = "") -> [UInt8] {
        Array(smallConfig(process: process, linux: linux + #", "seccomp": "# + profile).utf8)
    }

    /// In a directory where the filter of `profile` is known.
    private func withFilters(_ body: (SeccompCache) throws -> Void) throws {
        let directory = NSTemporaryDirectory() + "swiftbox-config-\(UUID().uuidString)"
        try File.makeDirectory(directory, mode: 0o700)
        let filters = SeccompCache(directory: directory)
        let first = try CheckedConfig(text: text(profile), filters: filters)
        #expect(first.filter == nil)
        _ = try first.compile(#require(first.spec.linux.seccomp), filters)
        try body(filters)
        try FileManager.default.removeItem(atPath: directory)
    }

    @Test func theProfileIsPassedOver() throws {
        try withFilters { filters in
            let read = try CheckedConfig(text: text(profile, linux: #", "cgroupsPath": "/a""#), filters: filters)
            let whole = try Spec.read(json: text(profile, linux: #", "cgroupsPath": "/a""#))
            let compiled = try SeccompCompiler.compile(#require(whole.linux.seccomp))
            #expect(read.spec.linux.seccomp == nil && read.spec.linux.cgroupsPath == "/a")
            #expect(read.filter?.instructions == compiled.instructions && read.filter?.flags == compiled.flags)
            // What is written of it is whole.
            #expect(try Spec.read(json: read.spec.text(profile: read.profile)) == whole)
            #expect(try Spec.read(json: whole.text()) == whole)
            var bare = Spec()
            bare.linux.seccomp = whole.linux.seccomp
            #expect(try Spec.decode(json: Spec().text(profile: read.profile)) == bare)
        }
    }

    @Test func anotherTextIsRead() throws {
        try withFilters { filters in
            for other in [
                profile.replacing("mkdir", with: "rmdir"), profile.replacing(" ", with: ""),
                profile.replacing("}]", with: "} ]"),
            ] {
                let read = try CheckedConfig(text: text(other), filters: filters)
                #expect(try read.filter == nil && read.spec == Spec.read(json: text(other)), "\(other)")
            }
        }
    }

    @Test(arguments: [
        (#"{"defaultAction": 1}"#, ""), (#"{"defaultAction": "SCMP_ACT_NONE"}"#, ""), (#"{"defaultAction": "a}"#, ""),
        (#"{"defaultAction": "SCMP_ACT_ALLOW", "#, ""), ("[1]", ""), ("1", ""), (#"{}, "seccomp": {}"#, ""),
        (#"{"defaultAction": x}"#, "§"), (nil, #", "user": {"uid": -1}"#), (nil, #", "user": {"#),
        (nil, #", "cwd": 7"#),
    ])
    func errorsAreTheSame(_ broken: String?, _ process: String) throws {
        try withFilters { filters in
            let text = text(broken ?? profile, process: process)
            let expected = #expect(throws: BoxError.self) { try Spec.read(json: text) }
            let found = #expect(throws: BoxError.self) { try CheckedConfig(text: text, filters: filters) }
            #expect(found == expected)
        }
    }

    /// Who answers for it stands in the profile.
    @Test func aProfileThatAsksIsAlwaysRead() throws {
        let asking =
            #"{"defaultAction": "SCMP_ACT_ALLOW", "listenerPath": "/s", "listenerMetadata": "m", "#
            + #""syscalls": [{"names": ["mkdir"], "action": "SCMP_ACT_NOTIFY"}]}"#
        try withFilters { filters in
            for _ in 0..<2 {
                let read = try CheckedConfig(text: text(asking), filters: filters)
                #expect(read.filter == nil && read.spec.linux.seccomp?.listenerMetadata == "m")
                _ = try read.compile(#require(read.spec.linux.seccomp), filters)
            }
        }
    }
}
