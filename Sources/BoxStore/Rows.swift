/// A box as the index keeps it. Times are RFC 3339 with nanoseconds.
public struct BoxRow: Equatable, Sendable {
    public var id: String
    public var name: String
    /// Nanoseconds since the epoch.
    public var created: Int64
    /// box.json's text.
    public var wanted: String
    /// `created`, `running`, `exited`, …: the last that was known.
    public var state: String
    /// The user stopped it: it is not started at boot.
    public var stoppedByUser: Bool
    public var pid: Int
    public var exitCode: Int
    public var oomKilled: Bool
    public var error: String
    public var reason: String
    public var started: String?
    public var finished: String?
    public var restartCount: Int

    public init(id: String, name: String, created: Int64, wanted: String, state: String) {
        self.id = id
        self.name = name
        self.created = created
        self.wanted = wanted
        self.state = state
        stoppedByUser = false
        pid = 0
        exitCode = 0
        oomKilled = false
        error = ""
        reason = ""
        restartCount = 0
    }
}

/// An image as the index keeps it.
public struct ImageRow: Equatable, Sendable {
    /// 64 hexadecimal digits.
    public var id: String
    /// image.json's text.
    public var document: String

    public init(id: String, document: String) {
        self.id = id
        self.document = document
    }
}

/// What one `name:tag` stands for.
public struct TagRow: Equatable, Sendable {
    public var reference: String
    public var imageID: String

    public init(reference: String, imageID: String) {
        self.reference = reference
        self.imageID = imageID
    }
}

/// Why the index did not take or give something.
public struct StoreError: Error, Equatable, Sendable, CustomStringConvertible {
    public enum Kind: Equatable, Sendable {
        /// The disk is full: what was stored before is there still.
        case full
        /// Another row has the name.
        case duplicate
        case other
    }

    public var kind: Kind
    public var message: String

    public var description: String { message }
}
