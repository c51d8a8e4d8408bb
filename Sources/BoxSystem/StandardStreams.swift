internal import CBoxLinux

/// Standard output and standard error of this program, unbuffered. A stream that is closed is not an error: there is
/// nobody left to tell.
public enum StandardStreams {
    /// Makes /dev/null of each that the caller closed: the next file to be opened would pass for it. First thing in a
    /// program; fcntl(2), openat(2). Without a /dev/null they stay closed.
    public static func openMissing() {
        for stream in CInt(0)...2 where box_fcntl(stream, 1 /* F_GETFD */, 0) < 0 {
            _ = box_openat(FileFlags.currentDirectory, "/dev/null", FileFlags.readWrite, 0)
        }
    }

    /// Where `printError` writes: the file of `--log`, else standard error. Set once, by a program of one thread.
    nonisolated(unsafe) private static var errors: CInt = 2

    /// What this program says goes there from now on.
    public static func sendErrors(to descriptor: consuming Descriptor) { errors = descriptor.release() }

    /// Writes the text and a line end to standard output.
    public static func printOut(_ text: String) { writeLine(text, to: 1) }
    /// Writes the text and a line end to standard error.
    public static func printError(_ text: String) { writeLine(text, to: errors) }

    private static func writeLine(_ text: String, to stream: CInt) {
        do throws(Errno) {
            try File.write(Array((text + "\n").utf8), to: stream)
        } catch {
            return
        }
    }
}
