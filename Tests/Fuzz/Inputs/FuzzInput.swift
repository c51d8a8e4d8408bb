internal import BoxCgroup
internal import BoxDocument
internal import BoxOCI
internal import BoxRuntime
internal import BoxSpec
internal import BoxSystem

/// Every text that others write and swiftbox reads. Reading one never traps and never changes anything.
public enum FuzzInput: String, CaseIterable, Sendable {
    /// What engines and people write.
    case json, config, process, resources, seccomp, yaml, tar
    /// What swiftbox wrote itself, in a place where others may have been.
    case state, record
    /// What criu wrote, in a place where others may have been; and what it answers.
    case criu
    /// What a rootfs says of its users, and the host of ids.
    case passwd, subid
    /// What the kernel says; names of programs and directories in it are anybody's.
    case mountinfo, cgroup, stat, audit, kmsg

    /// Whether the bytes make sense as this. Traps where one of our own rules is broken: what was read and is written
    /// must read the same, an error must say something and have a possible position.
    public func accepts(_ bytes: [UInt8]) -> Bool {
        switch self {
        case .json: acceptsJSON(bytes)
        case .config: ConfigText(bytes).accepts { $0 }
        case .process: acceptsProcess(bytes)
        case .resources: acceptsChange(bytes) && ConfigText(bytes).accepts(below: "linux", "resources")
        case .seccomp: ConfigText(bytes).accepts(below: "linux", "seccomp")
        case .yaml: acceptsSpecFile(bytes)
        case .tar: acceptsArchive(bytes)
        case .state: acceptsState(bytes)
        case .record: FailureRecord(bytes).map { FailureRecord($0.bytes) != nil } ?? false
        case .criu: acceptsImage(bytes)
        case .passwd: acceptsPasswd(bytes)
        case .subid: SubordinateIDs.first(in: text(bytes), ["root", "1000"]) != nil
        case .mountinfo: !CgroupHost.cgroupMounts(in: bytes).isEmpty
        case .cgroup: CgroupHost.membership(in: bytes).path != "/"
        case .stat: ProcessStatus(line: bytes) != nil
        case .audit: Denials.parse(text(bytes)) != nil
        case .kmsg: KilledProcess.parse(text(bytes), cgroup: "/box") != nil
        }
    }

    private func text(_ bytes: [UInt8]) -> String { String(decoding: bytes, as: UTF8.self) }
}

private func acceptsImage(_ bytes: [UInt8]) -> Bool {
    guard let messages = CriuImage.messages(in: bytes) else { return false }
    for message in messages { precondition(WireMessage(message.encoded) == message, "a message reads otherwise") }
    return true
}

private func acceptsArchive(_ bytes: [UInt8]) -> Bool {
    do throws(BoxError) {
        var reader = TarReader(bytes: bytes)
        while var entry = try reader.next() {
            var left = entry.size
            while case let bytes = try reader.read(atMost: 1 << 16), !bytes.isEmpty { left -= UInt64(bytes.count) }
            precondition(left == 0, "a file has more bytes, or fewer, than its header says")
            entry.size = 0
            var again = TarReader(bytes: entry.header)
            let read = try again.next()
            precondition(read == entry, "a header that was written reads otherwise")
        }
        return true
    } catch {
        precondition(!error.message.isEmpty)
        return false
    }
}

private func acceptsJSON(_ bytes: [UInt8]) -> Bool {
    do throws(DocumentError) {
        let node = try JSON.parse(bytes)
        for pretty in [false, true] {
            let again = try JSON.parse(JSON.write(node, pretty: pretty))
            precondition(again == node, "JSON that was written reads otherwise")
        }
        return true
    } catch {
        precondition(!error.message.isEmpty && error.position.line > 0 && error.position.column > 0)
        return false
    }
}

/// As `exec --process` reads it, and as a part of config.json, up to a plan.
private func acceptsProcess(_ bytes: [UInt8]) -> Bool {
    do throws(BoxError) {
        _ = try Process.read(json: bytes)
    } catch {
        precondition(!error.message.isEmpty)
        return false
    }
    return ConfigText(bytes).accepts(below: "process")
}

/// As `update --resources` reads it.
private func acceptsChange(_ bytes: [UInt8]) -> Bool {
    do throws(BoxError) {
        let change = try ResourceChange(json: bytes)
        let twice = try change.followed(by: change)
        let again = try twice.followed(by: change)
        precondition(again == twice, "a change that is made again is another")
        return true
    } catch {
        precondition(!error.message.isEmpty)
        return false
    }
}

private func acceptsState(_ bytes: [UInt8]) -> Bool {
    guard let state = RuntimeState(json: bytes) else { return false }
    precondition(RuntimeState(json: state.stored) == state, "a state that was written reads otherwise")
    _ = state.json(pretty: true)
    return true
}

/// A host whose files and devices are the same everywhere.
private func context(passwd: String) -> SpecContext {
    SpecContext(
        id: "b0a1c2d3e4f5", workingDirectory: "/here", callerEnvironment: ["TERM": "vt100"], passwd: passwd,
        group: passwd,
        resolveDevice: { _, _ in DeviceNode(.block, major: 254, minor: 0) }, readFile: { _, _ in Array("A=1\n".utf8) })
}

private func acceptsSpecFile(_ bytes: [UInt8]) -> Bool {
    let file = SpecFile(bytes, path: "box.yaml", directory: "/repo")
    let problems = file.check { (_) throws(BoxError) in context(passwd: "root:x:0:0::/root:/bin/sh\n") }
    for problem in problems { precondition(!problem.description.isEmpty) }
    return problems.isEmpty
}

private func acceptsPasswd(_ bytes: [UInt8]) -> Bool {
    var options = RunOptions()
    options.command = ["true"]
    options.user = "ann"
    do throws(BoxError) {
        let spec = try compile(options, context: context(passwd: String(decoding: bytes, as: UTF8.self)))
        precondition(spec.process?.user.uid != UInt32.max, "the kernel's \"unchanged\" is no user (setresuid(2))")
        return true
    } catch {
        return false
    }
}
