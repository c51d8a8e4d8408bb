/// Standard output and standard error of this program, unbuffered. A stream that is closed is not an error: there is
/// nobody left to tell.
public enum StandardStreams {
    public static func printOut(_ text: String) { print(text, to: 1) }
    public static func printError(_ text: String) { print(text, to: 2) }

    /// Appends a line end.
    private static func print(_ text: String, to stream: CInt) {
        do throws(Errno) {
            try File.write(Array((text + "\n").utf8), to: stream)
        } catch {
            return
        }
    }
}
