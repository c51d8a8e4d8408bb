/// Something that happened, in docker's words.
public struct EngineEvent: Equatable, Sendable {
    public enum Subject: String, Sendable {
        case container, image, daemon, network, volume
    }

    public var subject: Subject
    /// `create`, `start`, `die`, `exec_start: sh`, `health_status: healthy`, …
    public var action: String
    /// The box's id, or the image's.
    public var id: String
    /// `name`, `image`, `exitCode`, `signal`, and the box's labels.
    public var attributes: [String: String]
    /// Nanoseconds since the epoch.
    public var time: Int64
}
