internal import Glibc

enum HostMemory {
    /// Bytes that the kernel has (sysconf(3)).
    static let total = UInt64(max(0, sysconf(Int32(_SC_PHYS_PAGES)))) * UInt64(max(0, sysconf(Int32(_SC_PAGESIZE))))
}
