public import BoxSystem

/// A flat-keyed file of a living cgroup whose changes wake poll(2): `cgroup.events`, `memory.events`. One thread only.
public final class CgroupEventFile {
    private let file: Descriptor

    /// ENOENT where the cgroup has no such file.
    public init(_ name: String, in directory: CInt) throws(Errno) {
        file = try File.open(name, FileFlags.readOnly, at: directory)
    }

    /// What to poll with `Poll.Entry(changeOf:)`; ready once what `values` read is out of date.
    public var raw: CInt { file.raw }

    /// The file as it is now; nil once the cgroup has been removed (ENODEV).
    public func values() throws(Errno) -> [(key: String, value: UInt64)]? {
        do throws(Errno) {
            try File.rewind(file.raw)
            return Cgroup.flatKeyed(try File.readAll(file.raw))
        } catch {
            if error == .operationNotSupportedByDevice { return nil }
            throw error
        }
    }

    /// One key of it; nil also where the key is not there.
    public func value(_ key: String) throws(Errno) -> UInt64? {
        try values()?.first { $0.key == key }?.value
    }
}
