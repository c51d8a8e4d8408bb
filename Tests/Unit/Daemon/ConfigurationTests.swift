@testable import BoxEngine
internal import BoxOCI
internal import BoxSystem
internal import Testing

/// swiftboxd.yaml: what it says, and what is refused where.
@Suite struct ConfigurationTests {
    private func read(_ text: String) throws(BoxError) -> DaemonConfiguration {
        try DaemonConfiguration(yaml: Array(text.utf8))
    }

    @Test func takesEveryKey() throws {
        let all = try read(
            """
            root: /a
            run: /b
            runtime: /c/swiftbox-runtime
            socket: /d.sock
            group: docker
            log_level: debug
            prepared_monitors: 7
            log_driver: none
            log_max_size: 2m
            log_max_files: 4
            stop_timeout: 5
            metrics_address: "127.0.0.1:9323"
            limits:
              connections: 100
              requests: 10
              streams: 20
              archives: 3
              document_size: 1m
              client_timeout: 30
              archive_size: 2g
              archive_entries: 5000
            policy:
              seccomp_profiles: true
              capabilities: [cap_net_admin, SYS_TIME]
              privileged: true
              devices: true
              unconfined: true
              host_network: false
              host_root: false
              host_paths: [/srv, /home/alice]
            """)
        var wanted = DaemonConfiguration()
        wanted.engine.root = "/a"
        wanted.engine.run = "/b"
        wanted.engine.runtime = "/c/swiftbox-runtime"
        wanted.engine.preparedMonitors = 7
        wanted.engine.logDriver = "none"
        wanted.engine.logMaxSize = 2 << 20
        wanted.engine.logMaxFiles = 4
        wanted.engine.stopTimeout = 5
        wanted.clients.connections = 100
        wanted.clients.requests = 10
        wanted.clients.streams = 20
        wanted.clients.archives = 3
        wanted.clients.document = 1 << 20
        wanted.clients.patience = 30
        wanted.engine.archiveSize = 2 << 30
        wanted.engine.archiveEntries = 5000
        wanted.engine.policy.seccompProfiles = true
        wanted.engine.policy.capabilities = ["NET_ADMIN", "SYS_TIME"]
        wanted.engine.policy.privileged = true
        wanted.engine.policy.hostPaths = ["/srv", "/home/alice"]
        wanted.engine.policy.devices = true
        wanted.engine.policy.hostNetwork = false
        wanted.engine.policy.unconfined = true
        wanted.engine.policy.hostRoot = false
        wanted.socket = "/d.sock"
        wanted.group = "docker"
        wanted.logLevel = "debug"
        wanted.metricsAddress = "127.0.0.1:9323"
        #expect(all == wanted)
    }

    /// The commented copy is the documentation: each key as a default that holds, none missing.
    @Test func theCommentedCopySaysTheDefaults() throws {
        let text = try File.text(of: "configs/swiftboxd.yaml")
        let keys = text.split(separator: "\n").filter { $0.hasPrefix("#") && !$0.hasPrefix("# ") }.map {
            $0.dropFirst()
        }
        var said = try read(keys.joined(separator: "\n"))
        #expect(said.metricsAddress == "127.0.0.1:9323" && said.socket == "/run/swiftbox/swiftbox.sock")
        #expect(said.engine.runtime == "/usr/bin/swiftbox-runtime")
        said.metricsAddress = nil
        said.socket = nil
        said.engine.runtime = ""
        #expect(said == DaemonConfiguration())
        #expect(keys.count { !$0.hasPrefix(" ") } == 14, "\(keys)")
    }

    @Test func anEmptyFileIsTheDefaults() throws { #expect(try read("# nothing\n") == DaemonConfiguration()) }

    @Test(arguments: [
        ("log_level: info\nprepared_monitor: 3\n", "line 2, column 19", "prepared_monitor", "prepared_monitors"),
        ("policy:\n  privilege: true\n", "line 2, column 14", "policy.privilege", "privileged"),
        ("limits:\n  stream: 3\n", "line 2, column 11", "limits.stream", "streams"),
        ("limits:\n  archive_size: 1k\n", "line 2, column 17", "1048576 to", ""),
        ("policy:\n  host_paths: [srv]\n", "line 2, column 16", "absolute path", ""),
        ("prepared_monitors: 65\n", "line 1, column 20", "0 to 64", ""),
        ("log_max_size: 12\n", "line 1, column 15", "4k or more", ""),
        ("metrics_address: 0.0.0.0:80\n", "line 1, column 18", "127.0.0.1:PORT", ""),
        ("root: relative\n", "line 1, column 7", "absolute path", ""),
        ("group: [a]\n", "line 1, column 8", "a string", ""),
        ("- list\n", "line 1, column 1", "an object", ""),
    ])
    func faultsHaveTheirPlace(text: String, place: String, words: String, remedy: String) {
        let error = #expect(throws: BoxError.self) { try read(text) }
        let told = error.map { "\($0)" } ?? ""
        #expect(told.contains(place) && told.contains(words) && (remedy.isEmpty || told.contains(remedy)), "\(told)")
    }
}
