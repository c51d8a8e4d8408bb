internal import BoxOCI

extension Compiler {
    /// Hooks of the time before pivot_root(2): the runtime's own, then those of the box's namespaces, whose programs are
    /// still the host's.
    mutating func addCreateHooks() {
        for (index, hook) in spec.hooks.prestart.enumerated() {
            plan.ready.append(Self.step(.prestart, hook, index))
        }
        for (index, hook) in spec.hooks.createRuntime.enumerated() {
            plan.ready.append(Self.step(.createRuntime, hook, index))
        }
        if !plan.ready.isEmpty {
            initialise(
                .awaitRuntime, "prestart and createRuntime hooks see the box before its root is changed", "hooks")
        }
        for (index, hook) in spec.hooks.createContainer.enumerated() {
            plan.initialise.append(Self.step(.createContainer, hook, index))
        }
    }

    /// With the workload's own rights: the program is one of the box's root file system.
    mutating func addStartHooks() {
        for (index, hook) in spec.hooks.startContainer.enumerated() {
            plan.initialise.append(Self.step(.startContainer, hook, index))
        }
        plan.started += Self.poststart(spec)
        plan.removed += Self.poststop(spec)
    }

    static func poststart(_ spec: Spec) -> [Step] {
        spec.hooks.poststart.enumerated().map { step(.poststart, $1, $0) }
    }

    static func poststop(_ spec: Spec) -> [Step] {
        spec.hooks.poststop.enumerated().map { step(.poststop, $1, $0) }
    }

    private static func step(_ stage: HookStage, _ hook: Hook, _ index: Int) -> Step {
        Step(.runHook(stage, hook), "asked for by hooks", field: "hooks.\(stage.rawValue)[\(index)]")
    }
}
