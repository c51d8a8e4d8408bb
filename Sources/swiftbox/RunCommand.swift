internal import ArgumentParser
internal import BoxOCI
internal import BoxRuntime

struct RunCommand: ParsableCommand {
    static let configuration = CommandConfiguration(
        commandName: "run", abstract: "Run a command in a new box, in the foreground.",
        usage: "swiftbox run [FLAGS] [--] COMMAND [ARGUMENTS]\nswiftbox run --bundle DIR [FLAGS]",
        discussion: """
            Without --rootfs or --bundle the box sees the host's own root: it can read it, writes go to a layer that \
            is thrown away, and secrets are hidden.

            Flags of swiftbox stand before COMMAND; what follows belongs to it. Sizes are numbers and one of b, k, \
            m, g, t (powers of 1024). The exit status is the command's, or 128+n after signal n; 125: swiftbox \
            failed, 126: COMMAND cannot be executed, 127: it was not found. "swiftbox plan" with the same flags shows what \
            would be done, step by step, and does nothing.

            EXAMPLES:
              A shell that can break nothing:
                swiftbox run -it bash
              A directory of yours, read-only:
                swiftbox run -v .:/src:ro -w /src make check
              Limits:
                swiftbox run -m 512m --cpus 1.5 --pids-limit 64 ./work
              Another root, unchanged afterwards:
                swiftbox run --rootfs /srv/debian -it bash
              Layers, and the changes kept:
                swiftbox run --rootfs app --layer debian --upper changes server
              As few rights as possible:
                swiftbox run --read-only --tmpfs /data --cap-drop ALL -u 1000 id
              More rights, each by its name:
                swiftbox run --network host --device /dev/fuse -e TOKEN ./tool
              An OCI bundle:
                swiftbox run --bundle ./bundle --name web
            """)

    @OptionGroup var flags: RunFlags

    /// Starts the box and stays with it; the exit status of the workload.
    func runBox() throws -> Int32 {
        let request = try flags.request(help: Self.self, reporting: true)
        do {
            return try runForeground(request)
        } catch {
            let named = request.naming(error)
            if let report = request.report, !report.isWritten { try report.write(error: named) }
            throw named
        }
    }
}
