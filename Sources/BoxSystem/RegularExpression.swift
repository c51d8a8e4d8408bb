internal import CBoxLinux

/// A POSIX extended regular expression (regcomp(3)). Not for several threads.
public final class RegularExpression {
    private let compiled: OpaquePointer

    /// nil for what is none.
    public init?(_ pattern: String) {
        guard let compiled = box_regex_compile(pattern) else { return nil }
        self.compiled = compiled
    }

    deinit { box_regex_free(compiled) }

    /// regexec(3): whether it matches anywhere.
    public func matches(_ text: String) -> Bool { box_regex_matches(compiled, text) == 1 }
}
