/// What became of a flag that was set by its name: the quick way from words to options, for a start that cannot wait for a
/// parser. What is `.other` is for the parser to judge: a flag of somebody else's, a scalar given twice, a value for a
/// switch.
public enum FlagReading: Sendable {
    case done, needsValue, other

    /// Sets a scalar.
    public static func text<Root>(
        _ place: WritableKeyPath<Root, String?>, _ value: String?, in root: inout Root
    ) -> FlagReading {
        guard let value else { return .needsValue }
        if root[keyPath: place] != nil { return .other }
        root[keyPath: place] = value
        return .done
    }

    static func list<Root>(
        _ place: WritableKeyPath<Root, [String]>, _ value: String?, in root: inout Root
    ) -> FlagReading {
        guard let value else { return .needsValue }
        root[keyPath: place].append(value)
        return .done
    }

    static func flag<Root>(
        _ place: WritableKeyPath<Root, Bool>, _ value: String?, in root: inout Root
    ) -> FlagReading {
        if value != nil { return .other }
        root[keyPath: place] = true
        return .done
    }
}

extension RunOptions {
    /// Sets what a flag says, such as `--memory`.
    public mutating func set(_ flag: String, _ value: String?) -> FlagReading {
        guard flag.hasPrefix("--"), let found = RunFlag.all.first(where: { $0.name == flag }) else { return .other }
        return switch found.place {
        case .text(let place): FlagReading.text(place, value, in: &self)
        case .list(let place): FlagReading.list(place, value, in: &self)
        case .flag(let place): FlagReading.flag(place, value, in: &self)
        }
    }
}
