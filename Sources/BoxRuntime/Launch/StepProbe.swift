public import BoxOCI

/// Called around each step, in the process that carries it out. Shipped programs use `Unprobed`, or `StepTimes` where
/// somebody wants to know; the fault-injection program of the tests throws from `before`, one step at a time.
public protocol StepProbe {
    /// `number` counts from 0 through `LaunchPlan.steps`.
    func before(_ step: Step, number: Int) throws(BoxError)
    /// That step is done.
    func after(number: Int)
    func begin(_ phase: LaunchPhase)
    func end(_ phase: LaunchPhase)
}

/// What a launch does beside the steps of its plan.
public enum LaunchPhase: Int, CaseIterable, Sendable {
    /// From the command line to a plan.
    case compile
    case clone
    /// From the init process's last step to the moment when the runtime hears that execve(2) has succeeded.
    case execute
    case cleanUp
}

extension StepProbe {
    @inline(__always) public func after(number: Int) {}
    @inline(__always) public func begin(_ phase: LaunchPhase) {}
    @inline(__always) public func end(_ phase: LaunchPhase) {}
}

/// Nothing happens before a step.
public struct Unprobed: StepProbe {
    public init() {}
    @inline(__always) public func before(_ step: Step, number: Int) throws(BoxError) {}
}
