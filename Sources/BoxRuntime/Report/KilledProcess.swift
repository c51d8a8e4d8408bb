internal import BoxSystem

/// Whom the OOM killer chose, as the kernel's log tells it (syslog(2), /dev/kmsg).
package struct KilledProcess {
    var name: String
    /// As the host numbers it.
    var pid: CInt

    /// The last victim in a cgroup; nil where the log does not say, or may not be read.
    static func last(in cgroup: String) -> KilledProcess? {
        do throws(Errno) {
            let log = try File.open("/dev/kmsg", FileFlags.readOnly | FileFlags.nonBlocking)
            var found: KilledProcess?
            while let record = try next(log.raw) { found = parse(record, cgroup: cgroup) ?? found }
            try log.close()
            return found
        } catch {
            // Without the right to read the log, the report says that it is not known.
            return nil
        }
    }

    /// One record a read; EPIPE is a gap, EAGAIN the end.
    private static func next(_ log: CInt) throws(Errno) -> String? {
        while true {
            do throws(Errno) {
                return String(decoding: try File.readSome(log, atMost: 8192), as: UTF8.self)
            } catch {
                if error == .brokenPipe { continue }
                if error == .wouldBlock { return nil }
                throw error
            }
        }
    }

    /// `oom-kill:constraint=…,task_memcg=/box,task=NAME,pid=7,uid=0`; a name may hold commas.
    package static func parse(_ record: String, cgroup: String) -> KilledProcess? {
        guard record.contains("oom-kill:"),
            record.contains(",task_memcg=\(cgroup),") || record.contains(",task_memcg=\(cgroup)/"),
            let task = record.firstRange(of: ",task="), let number = record.firstRange(of: ",pid=")
        else { return nil }
        let digits = record[number.upperBound...].prefix { $0.isNumber }
        guard let pid = CInt(digits), task.upperBound <= number.lowerBound else { return nil }
        return KilledProcess(name: String(record[task.upperBound..<number.lowerBound]), pid: pid)
    }
}
