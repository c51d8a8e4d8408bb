internal import BoxOCI
internal import BoxSystem

/// What the init process becomes: made ready for execve(2) before the clone, so that the process only has to pass it on, or
/// told to it where the box was there first. One thread only.
final class InitCommand {
    private(set) var workload: Workload
    private(set) var arguments: CStringArray
    private(set) var environment: CStringArray
    /// By steps of the plan.
    private var added: [String] = []

    init(_ workload: Workload) {
        self.workload = workload
        arguments = CStringArray(workload.arguments)
        environment = CStringArray(workload.environment)
    }

    func add(_ variable: String) {
        added.append(variable)
        environment.append(variable)
    }

    func replace(arguments: [String], environment: [String]) {
        workload.arguments = arguments
        workload.environment = environment
        self.arguments = CStringArray(arguments)
        self.environment = CStringArray(environment + added)
    }

    /// execve(2); returns only to throw.
    func execute() throws(BoxError) {
        for variable in workload.activation?.environment(for: Processes.id) ?? [] { add(variable) }
        try WorkloadCommand(workload).execute(arguments: arguments, environment: environment)
    }
}
