/// A place in a text; both count from 1, columns in bytes.
public struct Position: Equatable, Sendable {
    public var line: Int
    public var column: Int

    public init(line: Int, column: Int) {
        self.line = line
        self.column = column
    }
}
