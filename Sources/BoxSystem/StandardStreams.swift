/// Standard output and standard error of this program, unbuffered. A stream that is closed is not an error: there is
/// nobody left to tell.
public enum StandardStreams {
    /// Writes the text and a line end to standard output.
    public static func printOut(_ text: String) { writeLine(text, to: 1) }
    /// Writes the text and a line end to standard error.
    public static func printError(_ text: String) { writeLine(text, to: 2) }

    private static func writeLine(_ text: String, to stream: CInt) {
        do throws(Errno) {
            try File.write(Array((text + "\n").utf8), to: stream)
        } catch {
            return
        }
    }
}
