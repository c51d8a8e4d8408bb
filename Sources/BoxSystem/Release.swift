internal import CBoxLinux

/// What the programs say of themselves.
public enum Release {
    public static let version = "0.1.0"
    /// The commit that SWIFTBOX_COMMIT named at build time.
    public static var commit: String? { box_commit().map { String(cString: $0) } }
}
