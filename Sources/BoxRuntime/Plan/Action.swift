public import BoxCgroup
public import BoxOCI
public import BoxRootfs
public import BoxSecurity
public import BoxSystem

/// The vocabulary of a plan. The name of a descriptor that one step makes and a later one uses is a `Slot`.
public enum Action: Equatable, Sendable {
    // In the runtime, before the clone.
    case enterUserNamespace
    case makeStateDirectory(String)
    case assembleRoot(HostRootAssembly)
    case privateMounts
    case makeIDMap(IDMap, Slot)
    case cloneRoot(MountSource)
    case mountOverlay(Overlay)
    case cloneSource(index: Int, MountSource)
    /// Warns where the host's node has another owner or mode than was asked for.
    case cloneDevice(index: Int, Device)
    /// `notOwn`: what is to be set there, which may not be the runtime's own.
    case openNamespace(Namespaces, path: String, notOwn: String?)
    /// systemd makes the cgroup above the box's.
    case startScope(SystemdScope)
    case makeCgroup(path: String, controllers: [String])
    case makeResctrlGroup(ResctrlGroup)
    case setCgroup(CgroupSetting)
    /// `optional`: a host that cannot do it means a warning.
    case attachDeviceProgram(DeviceProgram, optional: Bool)

    case openStartSocket(String)

    // In the runtime, before the clone of a process that joins a box.
    /// The box's init process; `start` in clock ticks since boot.
    case openBox(pid: CInt, start: UInt64)
    case openCgroup(String)
    /// A bit a processor; in the runtime or in the new process.
    case setAffinity([UInt64])
    /// In the runtime the pid namespace, in the new process the others.
    case joinBox(Namespaces)

    // In the process between the runtime and init.
    case makeTimeNamespace(TimeOffsets)
    case dropGroups

    // In the runtime, after the clone.
    case mapIDs(IDMap)
    case adjustOOMScore(Int)
    case holdMounts
    case moveNetDevices([NetDevice])
    case joinResctrlGroup(ResctrlGroup)
    /// A stream socket of whom the filter asks.
    case connectAgent(String)

    /// In the runtime or in the init process, as the specification has it.
    case runHook(HookStage, Hook)

    // In the init process.
    case awaitRuntime
    case awaitStart
    /// Of a box that is prepared before anybody has asked for it: what its workload is, is said then.
    case awaitCommand
    case findProgram
    case becomeUndumpable
    case joinNamespace(Namespaces)
    case becomeBoxRoot
    case enterCgroupNamespace
    case startSession
    case joinSessionKeyring
    case propagateMounts(Propagation, recursive: Bool)
    case attachRoot
    case mount(BoxMount)
    case remount(BoxMount)
    case bind(index: Int, BoxMount)
    case makeDevice(Device)
    case bindDevice(index: Int, Device)
    case fillDev(devices: [Device], links: [Pair])
    case openRoot
    /// `isConsole`: it is /dev/console too.
    case openTerminal(ConsoleSize?, owner: UInt32, isConsole: Bool)
    case protectPath(String)
    case maskPaths([String])
    case makeRootReadOnly
    case pivotRoot
    case changeRoot
    case propagateRoot(Propagation, recursive: Bool)
    case openProc
    case setHostname(String)
    case setDomainname(String)
    case bringLoopbackUp
    case setSysctl(Pair)
    case setExecLabel(ExecLabel)
    case setScheduler(SchedulerAttributes)
    case setIOPriority(CInt)
    case setPersonality(UInt)
    case setMemoryPolicy(MemoryPolicyAttributes)
    case setLimit(ResourceLimit, name: String)
    case findHome(user: UInt32)
    case closeDescriptors
    case dropBounding(CapabilityPlan)
    case setUser(User)
    case setCapabilities(CapabilityPlan)
    case renounceNewPrivileges
    case installFilter(SeccompProgram)
    /// `again`: as the workload's user, who may see what root could not; root has been where the user may not go.
    case changeDirectory(String, again: Bool)
    case dieWithRuntime
}

/// `hooks` of config.json, and what `status` says while they run (runtime-spec, Lifecycle).
public enum HookStage: String, Equatable, Sendable {
    case prestart, createRuntime, createContainer, startContainer, poststart, poststop

    /// It runs in the runtime's namespaces.
    var isRuntimes: Bool { self != .createContainer && self != .startContainer }

    var status: RuntimeState.Status {
        switch self {
        case .prestart, .createRuntime, .createContainer: .creating
        case .startContainer: .created
        case .poststart: .running
        case .poststop: .stopped
        }
    }
}

/// A descriptor that steps share.
public enum Slot: Hashable, Sendable {
    case state
    case upper
    /// The box's own is 0.
    case idMap(Int)
    case root
    case source(Int)
    case namespace(Namespaces)
    case cgroup
    case proc
    case terminal
    case mounts
    case agent
    case start
    case box
    case network
}

extension Action {
    /// What the step does, as it stands behind "cannot" in an error.
    public var title: String {
        switch self {
        case .enterUserNamespace: "enter a user namespace"
        case .assembleRoot: "put the host's directories together"
        case .makeStateDirectory(let path): "make the state directory \(path)"
        case .privateMounts: "make a mount namespace for the runtime"
        case .makeIDMap: "make the id map"
        case .cloneRoot(let source): "take the root file system \(source.path)"
        case .mountOverlay: "mount the overlay"
        case .cloneSource(_, let source): "take the mount source \(source.path)"
        case .cloneDevice(_, let device): "take the device \(device.path)"
        case .openNamespace(let kind, let path, _): "open the \(kind.name) namespace \(path)"
        case .dropGroups: "drop the caller's groups"
        case .makeTimeNamespace: "make a time namespace"
        case .startScope(let scope): "have systemd start \(scope.unit)"
        case .makeCgroup(let path, _): "make the cgroup \(path)"
        case .setCgroup(let setting): "set \(setting.file) to \(setting.value)"
        case .attachDeviceProgram: "attach the device program"
        case .mapIDs: "map the user and group ids"
        case .adjustOOMScore(let score): "set the OOM score to \(score)"
        case .holdMounts: "hold on to the box's mounts"
        case .connectAgent(let path): "connect to the seccomp agent at \(path)"
        case .openStartSocket: "open the socket for start"
        case .openBox: "take hold of the box's init process"
        case .openCgroup(let path): "open the cgroup \(path)"
        case .setAffinity: "choose the processors"
        case .joinBox(let kinds): "join the box's \(kinds.names.joined(separator: ", "))"
        case .runHook(let stage, let hook): "run the \(stage.rawValue) hook \(hook.path)"
        case .moveNetDevices: "move network devices into the box"
        case .makeResctrlGroup(let group): "make the resctrl group \(group.name)"
        case .joinResctrlGroup(let group): "join the resctrl group \(group.name)"
        default: initTitle
        }
    }

    private var initTitle: String {
        switch self {
        case .awaitRuntime: "wait while the runtime's hooks run"
        case .awaitStart: "wait for start"
        case .awaitCommand: "wait for the command"
        case .findProgram: "look for the command"
        case .becomeUndumpable: "shield the init process"
        case .joinNamespace(let kind): "join the \(kind.name) namespace"
        case .becomeBoxRoot: "become the box's root"
        case .enterCgroupNamespace: "enter a cgroup namespace"
        case .startSession: "start a session"
        case .joinSessionKeyring: "join a new session keyring"
        case .propagateMounts: "cut mount propagation"
        case .attachRoot: "attach the root file system"
        case .mount(let mount): "mount \(mount.type ?? "") at \(mount.destination)"
        case .remount(let mount): "remount \(mount.destination)"
        case .bind(_, let mount): "bind \(mount.source) at \(mount.destination)"
        case .makeDevice(let device): "make the device \(device.path)"
        case .bindDevice(_, let device): "bind the device \(device.path)"
        case .fillDev(let devices, _): devices.isEmpty ? "make the links of /dev" : "make the devices and links of /dev"
        case .openRoot: "open the box's root"
        case .openTerminal: "open the terminal"
        case .protectPath(let path): "make \(path) read-only"
        case .maskPaths: "mask paths"
        case .makeRootReadOnly: "make the root file system read-only"
        case .pivotRoot: "pivot to the root file system"
        case .changeRoot: "change the root without pivot_root"
        case .propagateRoot: "set the root's mount propagation"
        case .openProc: "open a private proc"
        default: processTitle
        }
    }

    private var processTitle: String {
        switch self {
        case .setHostname(let name): "set the hostname \(name)"
        case .setDomainname(let name): "set the domainname \(name)"
        case .bringLoopbackUp: "bring the loopback interface up"
        case .setSysctl(let pair): "set \(pair.name) to \(pair.value)"
        case .setExecLabel: "set the security label"
        case .setScheduler: "set the scheduler"
        case .setIOPriority: "set the I/O priority"
        case .setPersonality: "set the personality"
        case .setMemoryPolicy: "set the memory policy"
        case .findHome(let user): "find the home of user \(user)"
        case .setLimit(_, let name): "set \(name)"
        case .closeDescriptors: "close the runtime's descriptors"
        case .dropBounding: "drop capabilities from the bounding set"
        case .setUser(let user): "become user \(user.uid), group \(user.gid)"
        case .setCapabilities: "set the capabilities"
        case .renounceNewPrivileges: "set no_new_privs"
        case .installFilter: "install the seccomp filter"
        case .changeDirectory(let path, _): "change to the directory \(path)"
        case .dieWithRuntime: "tie the box's life to the runtime's"
        default: "do the step"
        }
    }
}
