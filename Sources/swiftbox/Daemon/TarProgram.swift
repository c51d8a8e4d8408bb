internal import BoxOCI
internal import BoxSystem

/// tar(1) of the host with a pipe to its standard input or from its standard output. For one thread.
final class TarProgram {
    /// The caller's end: to be written where tar reads, to be read where it writes.
    private(set) var pipe: CInt
    private let process: Descriptor
    /// A tar that has died must not take this program with it.
    private let signals: SignalDescriptor

    init(_ words: [String], input: Bool) throws(BoxError) {
        guard let path = ["/usr/bin/tar", "/bin/tar"].first(where: { File.exists($0) }) else {
            throw BoxError(
                .notFound, "there is no tar(1) on this host",
                remedy: "cp with - in place of files takes and gives an archive")
        }
        let failure: (Errno) -> BoxError = { BoxError(.kernel, "cannot start \(path)", errno: $0) }
        signals = try explaining(failure) { () throws(Errno) in try SignalDescriptor([13]) }
        let ends = try explaining(failure) { () throws(Errno) in try Processes.pipe() }
        let theirs = Descriptor(owning: input ? ends.reading : ends.writing)
        let ours = Descriptor(owning: input ? ends.writing : ends.reading)
        process = try explaining(failure) { () throws(Errno) in
            let pid = try Processes.spawn(
                path, words, environment: ["PATH=/usr/bin:/bin"],
                descriptors: input ? [theirs.raw, nil, 2] : [nil, theirs.raw, 2])
            return try Processes.open(pid: pid)
        }
        pipe = ours.release()
    }

    /// Closes the pipe and waits for the end.
    ///
    /// - Throws: `.kernel` where tar failed; it has said why itself.
    func finish() throws(BoxError) {
        close()
        let end = try explaining({ BoxError(.kernel, "cannot wait for tar", errno: $0) }) { () throws(Errno) in
            try Processes.wait(for: process.raw)
        }
        if end.status != 0 { throw BoxError(.kernel, "tar ended with status \(end.status)") }
    }

    private func close() {
        if pipe >= 0 { _ = Descriptor(owning: pipe) }
        pipe = -1
    }

    deinit { close() }
}
