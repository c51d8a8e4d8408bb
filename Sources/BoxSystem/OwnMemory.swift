internal import CBoxLinux

/// The memory of this process.
public enum OwnMemory {
    /// What a crowd of requests took and nobody holds any more goes back to the kernel: free parts of the heap
    /// (malloc_trim(3)), and the program's own pages. Takes about a millisecond; thread-safe.
    public static func giveBack() throws(Errno) {
        box_trim_heap()
        try forgetProgram()
    }

    /// Unmaps the pages of the program's own code and constants (proc_pid_maps(5), madvise(2) MADV_DONTNEED): what only
    /// starting took is not counted any more, and what is executed next is mapped again from the page cache. Such pages
    /// are never written, so nothing is lost. Thread-safe.
    public static func forgetProgram() throws(Errno) {
        let program = try File.readLink("/proc/self/exe")
        for line in try File.text(of: "/proc/self/maps").split(separator: "\n") {
            let words = line.split(separator: " ", maxSplits: 5)
            guard words.count == 6, words[1] == "r-xp", words[5].drop(while: { $0 == " " }) == program else { continue }
            let bounds = words[0].split(separator: "-").compactMap { UInt(String($0), radix: 16) }
            guard bounds.count == 2, bounds[0] < bounds[1] else { continue }
            try check(box_forget_pages(bounds[0], Int(bounds[1] - bounds[0])))
        }
    }
}
