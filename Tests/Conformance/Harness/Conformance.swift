import TestBed
import Testing

/// The cases that a machine with root can run: `extension Conformance { @Suite struct Topic { … } }`.
@Suite(.serialized, .knownFailures, .leakChecked, .containersDeleted)
enum Conformance {}

/// The cases that need every cgroup controller, all capabilities or AppArmor.
@Suite(
    .serialized, .enabled(if: Bed.isGuest, "needs the guest: sh Tests/run.sh guest"), .knownFailures, .leakChecked,
    .containersDeleted)
enum ConformanceInGuest {}

/// Ends the containers that a test has left, before the leak check looks.
struct ContainersDeleted: SuiteTrait, TestTrait, TestScoping {
    var isRecursive: Bool { true }

    func scopeProvider(for test: Test, testCase: Test.Case?) -> ContainersDeleted? { testCase == nil ? nil : self }

    func provideScope(
        for test: Test, testCase: Test.Case?, performing function: @Sendable () async throws -> Void
    ) async throws {
        var failure: (any Error)?
        do { try await function() } catch { failure = error }
        try Bed.here.deleteAllContainers()
        if let failure { throw failure }
    }
}

/// Expects the failures that `failuresByCase` lists for the runtime under test; a listed case that passes has failed.
struct KnownFailures: SuiteTrait, TestTrait, TestScoping {
    var isRecursive: Bool { true }

    func scopeProvider(for test: Test, testCase: Test.Case?) -> KnownFailures? { testCase == nil ? nil : self }

    func provideScope(
        for test: Test, testCase: Test.Case?, performing function: @Sendable () async throws -> Void
    ) async throws {
        let name = String(test.name.prefix { $0 != "(" })
        let known = failuresByCase[name]?.first { $0.runtime == .current && $0.applies }
        guard let known, !RuntimeUnderTest.comparing else { return try await function() }
        await withKnownIssue(Comment(rawValue: known.reason), isIntermittent: known.runtime == .swiftbox) {
            try await function()
        }
    }
}

extension Trait where Self == ContainersDeleted {
    static var containersDeleted: ContainersDeleted { ContainersDeleted() }
}

extension Trait where Self == KnownFailures {
    static var knownFailures: KnownFailures { KnownFailures() }
}
