@testable import BoxEngine
@testable import BoxSpec
internal import Testing

/// Which boxes the one that is prepared may become.
@Suite struct BoxKindTests {
    private static let commands: Set<String> = ["COMMAND", "--entrypoint", "--env"]

    private func kind(_ options: RunOptions, stdin: Bool = false) -> BoxKind {
        var wanted = WantedBox()
        wanted.openStdin = stdin
        return BoxKind(ResolvedBox(imageID: "sha256:0", options: options), wanted)
    }

    @Test func everyFlagButTheCommandsMakesAnother() {
        for flag in RunFlag.all {
            var options = RunOptions()
            switch flag.place {
            case .text(let access): access(&options) { $0 = "1" }
            case .list(let access): access(&options) { $0 = ["1"] }
            case .flag(let access): access(&options) { $0 = true }
            }
            #expect((kind(options) == kind(RunOptions())) == Self.commands.contains(flag.name), "\(flag.name)")
        }
        #expect(kind(RunOptions()) != kind(RunOptions(), stdin: true))
    }

    @Test func whatIsCompiledLikeAnotherIsTheSame() throws {
        var base = RunOptions()
        base.rootfs = "/here/root"
        base.command = ["true"]
        base.user = "ann"
        base.labels = ["a=b"]
        base.memory = "64m"
        let context = Compiling.context()
        let spec = try compile(base, context: context)
        for (entrypoint, command, env) in [
            (nil, ["true"], []), (nil, ["sh", "-c", "echo"], ["A=1", "HOME=/x", "A=2"]), ("/bin/a", ["b"], ["PATH=/"]),
        ] as [(String?, [String], [String])] {
            var options = base
            (options.entrypoint, options.command, options.env) = (entrypoint, command, env)
            #expect(try compile(options, like: spec, context: context) == compile(options, context: context))
        }
        for (command, env) in [([], []), (["a\0b"], []), (["a"], ["=b"])] as [([String], [String])] {
            var options = base
            (options.command, options.env) = (command, env)
            #expect(throws: (any Error).self) { try compile(options, like: spec, context: context) }
        }
    }
}
