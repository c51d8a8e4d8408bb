internal import ArgumentParser
internal import BoxOCI
internal import BoxSystem

struct CompletionsCommand: ParsableCommand {
    static let configuration = CommandConfiguration(
        commandName: "completions", abstract: "Print the completion script of a shell.",
        discussion: """
            bash: swiftbox completions bash > /etc/bash_completion.d/swiftbox
            zsh:  swiftbox completions zsh > "${fpath[1]}/_swiftbox"
            fish: swiftbox completions fish > ~/.config/fish/completions/swiftbox.fish
            """)

    @Argument(help: "bash, zsh or fish.", completion: .list(["bash", "zsh", "fish"]))
    var shell: String

    func run() throws {
        guard let shell = CompletionShell(rawValue: shell) else {
            throw BoxError(.unsupported, "no completions for \(self.shell)", remedy: "bash, zsh or fish")
        }
        StandardStreams.printOut(Swiftbox.completionScript(for: shell))
    }
}
