internal import ArgumentParser
internal import BoxOCI
internal import BoxSecurity
internal import BoxSystem

struct VersionCommand: ParsableCommand {
    static let configuration = CommandConfiguration(
        commandName: "version", abstract: "Print the versions of swiftbox, of the kernel and of libseccomp.")

    func run() throws {
        let kernel = try explaining({ BoxError(.kernel, "cannot ask the kernel for its version", errno: $0) }) {
            () throws(Errno) in try Kernel.name()
        }
        StandardStreams.printOut(
            """
            swiftbox version \(Swiftbox.version)\(Release.commit.map { "\ncommit: \($0)" } ?? "")
            spec: \(Spec().ociVersion)
            kernel: \(kernel.release) \(kernel.machine)
            libseccomp: \(SeccompLibrary.version)
            """)
    }
}
