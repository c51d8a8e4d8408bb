/// What became of a flag that was set by its name: the quick way from words to options, for a start that cannot wait for a
/// parser. What is `.other` is for the parser to judge: a flag of somebody else's, a scalar given twice, a value for a
/// switch.
public enum FlagReading: Sendable {
    case done, needsValue, other

    /// Sets a scalar.
    public static func text(_ place: inout String?, _ value: String?) -> FlagReading {
        guard let value else { return .needsValue }
        if place != nil { return .other }
        place = value
        return .done
    }

    static func list(_ place: inout [String], _ value: String?) -> FlagReading {
        guard let value else { return .needsValue }
        place.append(value)
        return .done
    }

    static func flag(_ place: inout Bool, _ value: String?) -> FlagReading {
        if value != nil { return .other }
        place = true
        return .done
    }
}

extension RunOptions {
    /// Sets what a flag says, such as `--memory`.
    public mutating func set(_ flag: String, _ value: String?) -> FlagReading {
        guard flag.hasPrefix("--"), let found = RunFlag.all.first(where: { $0.name == flag }) else { return .other }
        var reading = FlagReading.other
        switch found.place {
        case .text(let access): access(&self) { reading = FlagReading.text(&$0, value) }
        case .list(let access): access(&self) { reading = FlagReading.list(&$0, value) }
        case .flag(let access): access(&self) { reading = FlagReading.flag(&$0, value) }
        }
        return reading
    }
}
