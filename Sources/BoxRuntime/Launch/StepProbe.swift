public import BoxOCI

/// Called before each step, in the process that carries it out. Shipped programs use `Unprobed`; the
/// fault-injection program of the tests throws from it, one step at a time.
public protocol StepProbe {
    /// `number` counts from 0 through `LaunchPlan.steps`.
    func before(_ step: Step, number: Int) throws(BoxError)
}

/// Nothing happens before a step.
public struct Unprobed: StepProbe {
    public init() {}
    @inline(__always) public func before(_ step: Step, number: Int) throws(BoxError) {}
}
