internal import BoxOCI

/// `checkpoint` and `restore`, which runc does by way of criu: not in this version, and said so.
private func refuse(_ verb: String) -> BoxError {
    BoxError(
        .unsupported, "\(verb) is not available in this version: boxes cannot be handed to criu",
        remedy: "stop the box and create it anew")
}

struct CheckpointVerb: Verb {
    static let help = """
        checkpoint ID
            not available in this version
        """

    init(_ arguments: inout Arguments) throws(BoxError) { throw refuse("checkpoint") }

    func run(_ global: GlobalFlags, _ log: RuntimeLog) throws(BoxError) -> Int32 { throw refuse("checkpoint") }
}

struct RestoreVerb: Verb {
    static let help = """
        restore ID
            not available in this version
        """

    init(_ arguments: inout Arguments) throws(BoxError) { throw refuse("restore") }

    func run(_ global: GlobalFlags, _ log: RuntimeLog) throws(BoxError) -> Int32 { throw refuse("restore") }
}
