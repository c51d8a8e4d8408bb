public import BoxOCI
internal import BoxSystem

/// Where `--report` or `--trace-timing` goes: a file that is replaced whole, or a descriptor that the caller holds.
public final class ReportFile {
    private enum Target {
        case file(directory: CInt, name: String)
        case descriptor(CInt)
    }

    private let target: Target
    private let flag: String

    /// An absolute path, or `fd:N`. Refuses what cannot be written, before anything is made.
    public init(_ text: String, flag: String = "--report") throws(BoxError) {
        self.flag = flag
        if text.hasPrefix("fd:") {
            target = .descriptor(try Self.descriptor(text, flag))
            return
        }
        let (parent, name) = File.split(text)
        let failure: (Errno) -> BoxError = {
            BoxError(
                $0 == .noSuchFileOrDirectory ? .notFound : .kernel, "\(flag) \(text): cannot be written",
                field: flag, errno: $0)
        }
        if name.isEmpty || text.hasSuffix("/") { throw failure(.isDirectory) }
        target = try explaining(failure) { () throws(Errno) in
            let directory = try File.open(parent, FileFlags.readOnly | FileFlags.directory)
            if File.exists(name, at: directory.raw), try File.status(name, at: directory.raw).kind == .directory {
                throw .isDirectory
            }
            // Tried, because rights alone do not tell.
            try File.remove(try Self.makeTemporary(name, in: directory.raw), at: directory.raw)
            return .file(directory: directory.release(), name: name)
        }
    }

    deinit {
        if case .file(let directory, _) = target { _ = Descriptor(owning: directory) }
    }

    private static func descriptor(_ text: String, _ flag: String) throws(BoxError) -> CInt {
        guard let number = CInt(text.dropFirst(3)), number > 2 else {
            throw BoxError(
                .invalidSpec, "\(flag) \(text): must be fd:N, N above 2: the others are the workload's", field: flag)
        }
        try explaining({ BoxError(.invalidSpec, "\(flag) \(text): is not open for writing", field: flag, errno: $0) }) {
            () throws(Errno) in if try !File.isWritable(number) { throw .badFileDescriptor }
        }
        return number
    }

    private static func makeTemporary(_ name: String, in directory: CInt) throws(Errno) -> String {
        let temporary = ".\(name).\(Processes.id)"
        let flags = FileFlags.create | FileFlags.exclusive | FileFlags.writeOnly | FileFlags.noFollow
        try File.open(temporary, flags, mode: 0o644, at: directory).close()
        return temporary
    }

    /// The whole text; a file gets it by way of a temporary name.
    func write(_ bytes: [UInt8]) throws(BoxError) {
        try explaining({ BoxError(.kernel, "\(flag): the file cannot be written", field: flag, errno: $0) }) {
            () throws(Errno) in
            switch target {
            case .descriptor(let number): try File.write(bytes, to: number)
            case .file(let directory, let name):
                let temporary = try Self.makeTemporary(name, in: directory)
                let file = try File.open(temporary, FileFlags.writeOnly | FileFlags.noFollow, at: directory)
                try File.write(bytes, to: file.raw)
                try file.close()
                try File.rename(temporary, to: name, at: directory)
            }
        }
    }
}
