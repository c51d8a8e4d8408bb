public import BoxOCI
public import BoxSystem
internal import CCap
internal import Glibc

/// `process.capabilities` as numbers, and the calls that put them into force.
///
/// In the child, in this order: `dropBounding`, `OwnProcess.keepCapabilities` and setuid(2), `apply`.
/// The calls act on the calling thread, and the process must have no other.
public struct CapabilityPlan: Equatable, Sendable {
    public var bounding: CapabilitySet = []
    public var effective: CapabilitySet = []
    public var permitted: CapabilitySet = []
    public var inheritable: CapabilitySet = []
    public var ambient: CapabilitySet = []
    /// Names that libcap or the running kernel does not know, once each; left out, and the caller warns.
    public var unknown: [String] = []
    /// Ambient capabilities that are not inheritable, which the kernel refuses; left out, and the caller warns.
    public var ineffective: [String] = []

    public init() {}

    /// - Parameter kernel: what the running kernel knows.
    /// - Throws: invalidSpec where the kernel would refuse the combination (EPERM).
    public init(
        _ sets: CapabilitySets, kernel: CapabilitySet = .ofKernel(), field: String = "process.capabilities"
    ) throws(BoxError) {
        bounding = resolve(sets.bounding, kernel)
        // Engines write the same names into these three.
        effective = sets.effective == sets.bounding ? bounding : resolve(sets.effective, kernel)
        permitted = sets.permitted == sets.bounding ? bounding : resolve(sets.permitted, kernel)
        inheritable = resolve(sets.inheritable, kernel)
        ambient = resolve(sets.ambient, kernel)
        try Self.require(effective, within: permitted, "\(field).effective", "not permitted")
        try Self.require(ambient, within: permitted, "\(field).ambient", "not permitted")
        // runc's and crun's own default config.json asks for this; the kernel would answer EPERM.
        ineffective = ambient.subtracting(inheritable).names
        ambient = ambient.intersection(inheritable)
    }

    private mutating func resolve(_ names: [String], _ kernel: CapabilitySet) -> CapabilitySet {
        var set: CapabilitySet = []
        for name in names {
            if let capability = CapabilitySet(name: name), capability.isSubset(of: kernel) {
                set.formUnion(capability)
            } else if !unknown.contains(name) {
                unknown.append(name)
            }
        }
        return set
    }

    private static func require(
        _ set: CapabilitySet, within outer: CapabilitySet, _ field: String, _ fault: String
    ) throws(BoxError) {
        let extra = set.subtracting(outer)
        if extra.isEmpty { return }
        throw BoxError(.invalidSpec, "\(extra.names.joined(separator: ", ")) is \(fault)", field: field)
    }

    /// prctl(PR_CAPBSET_DROP) of everything outside `bounding`. Before setuid(2): EPERM without CAP_SETPCAP.
    public func dropBounding() throws(Errno) {
        for number in 0..<cap_max_bits() where !bounding.contains(CapabilitySet(number: Int(number))) {
            if cap_drop_bound(number) == 0 { continue }
            let error = errno
            // Without CAP_SETPCAP: no matter where there is nothing to drop.
            if cap_get_bound(number) == 1 { throw Errno(rawValue: error) }
        }
    }

    /// capset(2) of the effective, permitted and inheritable sets, then the ambient set by prctl(PR_CAP_AMBIENT).
    /// EPERM where a permitted capability is not held, or an inheritable one neither held nor bounded.
    public func apply() throws(Errno) {
        guard let state = cap_init() else { throw Errno(rawValue: errno) }
        defer { cap_free(UnsafeMutableRawPointer(state)) }
        try Self.raise(effective, CAP_EFFECTIVE, in: state)
        try Self.raise(permitted, CAP_PERMITTED, in: state)
        try Self.raise(inheritable, CAP_INHERITABLE, in: state)
        if cap_set_proc(state) != 0 { throw Errno(rawValue: errno) }
        // libcap's own asks for each capability first.
        try OwnProcess.clearAmbientCapabilities()
        for number in ambient.numbers {
            if cap_set_ambient(cap_value_t(number), CAP_SET) != 0 { throw Errno(rawValue: errno) }
        }
    }

    private static func raise(_ set: CapabilitySet, _ flag: cap_flag_t, in state: cap_t) throws(Errno) {
        for number in set.numbers {
            var value = cap_value_t(number)
            if cap_set_flag(state, flag, 1, &value, CAP_SET) != 0 { throw Errno(rawValue: errno) }
        }
    }
}
