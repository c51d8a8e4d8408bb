/// When a box that ended is started again: `no`, `on-failure[:N]`, `always`, `unless-stopped`.
public enum RestartPolicy: Equatable, Sendable {
    case no
    /// On an exit status other than 0, at most this often; 0 is without bound.
    case onFailure(maximum: Int)
    case always
    case unlessStopped

    /// nil for what is no policy.
    public init?(_ text: String) {
        let (name, count) = text.split(separator: ":", maxSplits: 1, omittingEmptySubsequences: false).firstTwo
        switch (name, count) {
        case ("", nil), ("no", nil): self = .no
        case ("always", nil): self = .always
        case ("unless-stopped", nil): self = .unlessStopped
        case ("on-failure", nil): self = .onFailure(maximum: 0)
        case ("on-failure", .some(let text)):
            guard let maximum = Int(text), maximum >= 0 else { return nil }
            self = .onFailure(maximum: maximum)
        default: return nil
        }
    }

    /// As docker names it, without the count.
    public var name: String {
        switch self {
        case .no: "no"
        case .onFailure: "on-failure"
        case .always: "always"
        case .unlessStopped: "unless-stopped"
        }
    }

    public var maximumRetries: Int {
        if case .onFailure(let maximum) = self { return maximum }
        return 0
    }

    /// As it is typed.
    public var text: String { maximumRetries > 0 ? "\(name):\(maximumRetries)" : name }
}

extension Array where Element == Substring {
    var firstTwo: (String, String?) { (first.map(String.init) ?? "", dropFirst().first.map(String.init)) }
}
