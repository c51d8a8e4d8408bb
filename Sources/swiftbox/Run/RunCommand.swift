internal import ArgumentParser

struct RunCommand: ParsableCommand {
    static let configuration = CommandConfiguration(
        commandName: "run", abstract: "Run a command in a new box.",
        usage: "swiftbox run [FLAGS] [--] COMMAND [ARGUMENTS]\nswiftbox run --bundle DIR [FLAGS]",
        discussion: """
            Without --rootfs or --bundle the box sees the host's own root: it can read it, writes go to a layer that \
            is thrown away, and secrets are hidden.

            Nobody else is needed, but for -d, and whatever else only the daemon can keep: --image, --restart, \
            --health-…, --log-driver, --log-opt, --detach-keys. With --host or SWIFTBOX_HOST every run goes through \
            the daemon; --verbose tells.

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
              A service that the daemon keeps alive:
                swiftbox run -d --name web --restart always --health-cmd "curl -sf localhost" ./server
            """)

    @OptionGroup var flags: RunFlags

    func typed() throws -> TypedRun { try flags.typed(help: Self.self) }
}
