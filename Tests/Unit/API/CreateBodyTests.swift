@testable import BoxAPI
internal import BoxDocument
@testable import BoxEngine
internal import Testing

/// What a create body of Docker's asks for, in our flags.
@Suite struct CreateBodyTests {
    private func read(_ text: String) throws -> CreateBody {
        try CreateBody.read(try JSON.parse(Array(text.utf8)))
    }

    private func refusal(_ text: String) -> APIError? {
        do {
            _ = try read(text)
            return nil
        } catch {
            return error as? APIError
        }
    }

    @Test func whatTheCommandLineSendsForAPlainRunAsksForNothing() throws {
        let body = try read(
            """
            {"Hostname":"","Domainname":"","User":"","AttachStdin":false,"AttachStdout":true,"AttachStderr":true,
             "Tty":false,"OpenStdin":false,"StdinOnce":false,"Env":null,"Cmd":["echo","hi"],"Image":"box","Volumes":{},
             "WorkingDir":"","Entrypoint":null,"OnBuild":null,"Labels":{},
             "HostConfig":{"Binds":null,"ContainerIDFile":"","LogConfig":{"Type":"","Config":{}},"NetworkMode":"default",
              "PortBindings":{},"RestartPolicy":{"Name":"no","MaximumRetryCount":0},"AutoRemove":true,"ConsoleSize":[0,0],
              "CapAdd":null,"CgroupnsMode":"","Dns":[],"ExtraHosts":null,"IpcMode":"","OomScoreAdj":0,"PidMode":"",
              "Privileged":false,"SecurityOpt":null,"ShmSize":0,"Isolation":"","CpuShares":0,"Memory":0,"NanoCpus":0,
              "MemorySwappiness":-1,"OomKillDisable":false,"PidsLimit":0,"Ulimits":[],"MaskedPaths":null,
              "ReadonlyPaths":null},
             "NetworkingConfig":{"EndpointsConfig":{"default":{"IPAMConfig":null,"Aliases":null}}}}
            """)
        #expect(body.wanted.options.command == ["echo", "hi"] && body.wanted.image == "box" && body.wanted.autoRemove)
        #expect(body.wanted.options.network == "none" && body.warnings == [CreateBody.noNetwork])
        #expect(body.wanted.options.memory == nil && body.wanted.options.shmSize == nil)
        #expect(body.wanted.terminalSize == nil && body.wanted.logDriver == nil)
    }

    @Test func limitsAndFilesBecomeFlags() throws {
        let options = try read(
            """
            {"Image":"box","Entrypoint":["sh","-c"],"Cmd":"true","Volumes":{"/data":{}},
             "HostConfig":{"NetworkMode":"host","Memory":67108864,"MemorySwap":-1,"NanoCpus":1500000000,"PidsLimit":-1,
              "BlkioWeight":500,"Binds":["/srv:/data:ro"],"Tmpfs":{"/run":"size=1m","/var":""},
              "Mounts":[{"Type":"bind","Source":"/a","Target":"/b","ReadOnly":true},
                        {"Type":"tmpfs","Target":"/t","TmpfsOptions":{"SizeBytes":4096,"Mode":448}}],
              "Ulimits":[{"Name":"nofile","Soft":1,"Hard":2}],
              "Devices":[{"PathOnHost":"/dev/a","PathInContainer":"/dev/b","CgroupPermissions":"r"}],
              "BlkioDeviceReadBps":[{"Path":"/dev/vda","Rate":1024}],"SecurityOpt":["seccomp:unconfined"],
              "Sysctls":{"net.ipv4.ip_forward":"1"}}}
            """
        ).wanted.options
        #expect(options.entrypoint == "sh" && options.entrypointArguments == ["-c"] && options.command == ["true"])
        #expect(options.network == "host" && options.memory == "67108864" && options.memorySwap == "-1")
        #expect(options.cpus == "1.5" && options.pidsLimit == "-1" && options.ioWeight == "4950")
        #expect(options.volumes == ["/srv:/data:ro"] && options.tmpfs == ["/run:size=1m", "/var"])
        #expect(options.mounts == ["type=bind,src=/a,dst=/b,ro", "type=tmpfs,dst=/t,tmpfs-size=4096,tmpfs-mode=700"])
        #expect(options.ulimits == ["nofile=1:2"] && options.devices == ["/dev/a:/dev/b:r"])
        #expect(options.deviceReadBps == ["/dev/vda:1024"] && options.securityOpts == ["seccomp=unconfined"])
        #expect(options.sysctls == ["net.ipv4.ip_forward=1"])
    }

    @Test(arguments: [
        (#"{"HostConfig":{"PortBindings":{"80/tcp":[]}}}"#, "HostConfig.PortBindings", 501),
        (#"{"HostConfig":{"Novelty":1}}"#, "HostConfig.Novelty", 501),
        (#"{"HostConfig":{"Memory":"1g"}}"#, "HostConfig.Memory", 400),
        (#"{"HostConfig":{"MaskedPaths":[]}}"#, "HostConfig.MaskedPaths", 501),
        (#"{"HostConfig":{"Mounts":[{"Type":"volume","Target":"/v"}]}}"#, "HostConfig.Mounts[0]", 501),
        (#"{"HostConfig":{"AutoRemove":true,"RestartPolicy":{"Name":"always"}}}"#, "HostConfig.AutoRemove", 400),
        (#"{"Healthcheck":{"Test":["CMD","x"],"StartInterval":5}}"#, "Healthcheck.StartInterval", 501),
        (#"{"Volumes":{"/data":{}}}"#, "Volumes", 501),
        (#"{"NetworkingConfig":{"EndpointsConfig":{"mine":{}}}}"#, "NetworkingConfig.EndpointsConfig.mine", 501),
        (#"{"Env":"A=b"}"#, "Env", 400),
    ])
    func whatCannotBeDoneIsRefusedByName(_ text: String, _ field: String, _ status: Int) {
        let error = refusal(text)
        #expect(
            error?.message.hasPrefix(field) == true && Int(error?.status.code ?? 0) == status,
            "\(error?.message ?? "taken")")
    }

    @Test func anUpdateNamesTheFlagsItChanges() throws {
        let document = try JSON.parse(
            Array(#"{"Memory":1048576,"CpuShares":0,"RestartPolicy":{"Name":"on-failure","MaximumRetryCount":3}}"#.utf8)
        )
        let changes = try CreateBody.changes(document)
        #expect(changes.limits == ["memory": "1048576"] && changes.restart == .onFailure(maximum: 3))
    }
}
