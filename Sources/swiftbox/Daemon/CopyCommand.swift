internal import ArgumentParser
internal import BoxClient
internal import BoxDocument
internal import BoxOCI
internal import BoxSystem

struct CopyCommand: ParsableCommand {
    static let configuration = CommandConfiguration(
        commandName: "cp", abstract: "Copy files out of a box or into one, as a tar archive or by tar(1).",
        usage: """
            swiftbox cp BOX:PATH DIR
            swiftbox cp FILE… BOX:DIR
            swiftbox cp BOX:PATH - >out.tar
            swiftbox cp - BOX:DIR <in.tar
            """,
        discussion: """
            The directory that is copied to must be there. Owners are kept by - only: what is unpacked belongs to \
            the caller. The box may run or not.
            """)

    @OptionGroup var hostFlags: HostFlags
    @Argument(help: "What is copied, then where to; - is a tar archive.", completion: .file()) var paths: [String]

    func run() throws {
        guard let last = paths.last, paths.count >= 2 else {
            throw BoxError(.invalidSpec, "cp needs what is copied, and where to", remedy: "swiftbox cp --help")
        }
        let client = try hostFlags.client()
        let sources = Array(paths.dropLast())
        switch (Place(sources[0]), Place(last)) {
        case (.box(let box, let path), .local(let target)):
            guard sources.count == 1 else {
                throw BoxError(.unsupported, "one path at a time can be copied out of a box")
            }
            try fetch(client, box, path, target)
        case (.local, .box(let box, let path)):
            if let odd = sources.first(where: { if case .box = Place($0) { true } else { false } }) {
                throw BoxError(.unsupported, "\(odd): a box cannot be copied from into another at once")
            }
            try send(client, sources, box, path)
        default:
            throw BoxError(.invalidSpec, "one of the two must be BOX:PATH", remedy: "swiftbox cp --help")
        }
    }

    private enum Place {
        case local(String)
        case box(String, String)

        /// A path with a slash before the colon is of this host.
        init(_ text: String) {
            guard let colon = text.firstIndex(of: ":"), !text[..<colon].contains("/"), colon != text.startIndex else {
                self = .local(text)
                return
            }
            self = .box(String(text[..<colon]), String(text[text.index(after: colon)...]))
        }
    }

    private func fetch(_ client: DaemonClient, _ box: String, _ path: String, _ target: String) throws {
        let opened = try client.open(.get("/containers/\(try DaemonClient.segment(box))/archive", [("path", path)]))
        if target == "-" {
            if Terminal.isTerminal(1) {
                throw BoxError(.invalidSpec, "a tar archive is nothing for a terminal", remedy: "swiftbox cp … - >FILE")
            }
            return try Self.pour(opened.connection, into: 1)
        }
        // tar(1) refuses names that lead out of the directory.
        let tar = try TarProgram(
            ["-x", "-f", "-", "-C", target, "--no-same-owner", "--no-same-permissions"], input: true)
        try Self.pour(opened.connection, into: tar.pipe)
        try tar.finish()
    }

    private static func pour(_ connection: DaemonConnection, into descriptor: CInt) throws(BoxError) {
        while let bytes = try connection.next() {
            try explaining({ BoxError(.kernel, "cannot write the archive", errno: $0) }) { () throws(Errno) in
                try File.write(bytes, to: descriptor)
            }
        }
    }

    private func send(_ client: DaemonClient, _ sources: [String], _ box: String, _ path: String) throws {
        let request = DaemonClient.Request(
            "PUT", "/containers/\(try DaemonClient.segment(box))/archive", [("path", path)])
        if sources == ["-"] { return try Self.upload(client, request, 0) }
        let working = try explaining({ BoxError(.kernel, "cannot tell the working directory", errno: $0) }) {
            () throws(Errno) in try OwnProcess.workingDirectory()
        }
        var words = ["-c", "-f", "-", "--owner=0", "--group=0", "--numeric-owner"]
        for source in sources {
            let (directory, name) = Self.split(source, working)
            // With `./` a name that begins with a dash is none of tar's options.
            words += ["-C", directory, "./" + name]
        }
        let tar = try TarProgram(words, input: false)
        try Self.upload(client, request, tar.pipe)
        try tar.finish()
    }

    /// A directory for `tar -C`, which starts from the one before, and the name in it that the archive has.
    private static func split(_ source: String, _ working: String) -> (String, String) {
        let whole = source.hasPrefix("/") ? source : working + "/" + source
        let bare = whole.hasSuffix("/") ? String(whole.dropLast()) : whole
        guard let slash = bare.lastIndex(of: "/") else { return ("/", ".") }
        return (slash == bare.startIndex ? "/" : String(bare[..<slash]), String(bare[bare.index(after: slash)...]))
    }

    private static func upload(_ client: DaemonClient, _ request: DaemonClient.Request, _ descriptor: CInt) throws {
        _ = try client.upload(request, type: "application/x-tar") { () throws(BoxError) in
            let bytes = try explaining({ BoxError(.kernel, "cannot read the archive", errno: $0) }) {
                () throws(Errno) in try File.readSome(descriptor, atMost: 1 << 17)
            }
            return bytes.isEmpty ? nil : bytes
        }
    }
}
