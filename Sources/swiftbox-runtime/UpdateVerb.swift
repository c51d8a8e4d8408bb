internal import BoxOCI
internal import BoxRuntime
internal import BoxSystem

/// `update`: other limits for a living box. Its flags may stand on both sides of the id.
struct UpdateVerb: Verb {
    static let help = """
        update [flags] ID [flags]
            change the limits of a living box, all that are named or none; 0 leaves a limit as it is, -1 takes it away
              -r, --resources FILE     a linux.resources object (- for standard input); flags have the last word
              --memory, --memory-reservation, --memory-swap SIZE     (memory and swap together)
              --cpu-quota, --cpu-period, --cpu-burst MICROSECONDS    --cpu-share, --cpu-idle, --blkio-weight NUMBER
              --cpuset-cpus, --cpuset-mems LIST                      --pids-limit NUMBER
              --io-max DEVICE:rbps=RATE,wbps=…,riops=…,wiops=…       (max takes a limit away)
              --l3-cache-schema, --mem-bw-schema SCHEMA              of a box with linux.intelRdt
            refused, since cgroup v2 has none of it: --kernel-memory, --kernel-memory-tcp, --cpu-rt-period,
            --cpu-rt-runtime
        """
    private var file: String?
    private var flags = ResourceFlags()
    private var schemata = SchemataChange()
    private let id: String

    init(_ arguments: inout Arguments) throws(BoxError) {
        try Self.take(&arguments, &file, &flags, &schemata)
        id = try arguments.id("update")
        try Self.take(&arguments, &file, &flags, &schemata)
        try arguments.end("update")
    }

    private static func take(
        _ arguments: inout Arguments, _ file: inout String?, _ flags: inout ResourceFlags,
        _ schemata: inout SchemataChange
    ) throws(BoxError) {
        while let flag = try arguments.nextFlag() {
            switch flag {
            case "-r", "--resources": file = try arguments.value(of: flag)
            case "--l3-cache-schema": schemata.l3Cache = try arguments.value(of: flag)
            case "--mem-bw-schema": schemata.memoryBandwidth = try arguments.value(of: flag)
            case _ where ResourceFlags.knows(flag): try flags.take(flag, try arguments.value(of: flag))
            default: throw Arguments.unknown(flag, "update")
            }
        }
    }

    func run(_ global: GlobalFlags, _ log: RuntimeLog) throws(BoxError) -> Int32 {
        if file == nil && flags.isEmpty && schemata.isEmpty {
            throw BoxError(
                .invalidSpec, "update changes nothing: no flag and no file says what",
                remedy: "swiftbox-runtime update --help")
        }
        do throws(BoxError) {
            var change = try flags.change()
            if let file { change = try ResourceChange(json: try Self.contents(of: file)).followed(by: change) }
            let warnings = try BoxUpdate.update(id: id, stateRoot: global.root, change, schemata: schemata)
            for warning in warnings { log.warn(warning) }
            return 0
        } catch {
            var named = error
            if error.position != nil { named.file = file == "-" ? "standard input" : file }
            throw named
        }
    }

    private static func contents(of file: String) throws(BoxError) -> [UInt8] {
        try explaining({ BoxError(.kernel, "cannot read \(file)", field: "--resources", errno: $0) }) {
            () throws(Errno) in
            if file == "-" { return try File.readAll(0) }
            return try File.contents(of: file)
        }
    }
}
