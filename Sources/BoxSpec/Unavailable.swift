/// Flags that other engines have and this version has not, with the reason: refused by name, never ignored.
public enum UnavailableFlags {
    private static let daemon = "it needs the daemon; swiftbox run and create take it"
    private static let network = "it needs box networks, which this version does not have (--network none or host)"
    private static let image = "nothing is fetched in this version: swiftbox import, then --image NAME; or --rootfs DIR"
    private static let legacy = "cgroup v2 has nothing like it"
    private static let later = "it is not available in this version"

    private static let reasons: [String: String] = [
        "-d": daemon, "--detach": daemon, "--detach-keys": daemon, "--restart": daemon,
        "--health-cmd": daemon, "--health-interval": daemon, "--health-timeout": daemon, "--health-retries": daemon,
        "--health-start-period": daemon, "--health-on-failure": daemon, "--no-healthcheck": daemon,
        "--log-driver": daemon, "--log-opt": daemon, "--volumes-from": later, "--volume-driver": later,
        "-p": network, "--publish": network, "-P": network, "--publish-all": network, "--expose": network,
        "--dns": network, "--dns-search": network, "--dns-option": network, "--add-host": network, "--ip": network,
        "--ip6": network, "--link": network, "--mac-address": network, "--network-alias": network,
        "--pull": image, "--platform": image, "--disable-content-trust": image,
        "--kernel-memory": legacy, "--memory-swappiness": legacy, "--oom-kill-disable": legacy,
        "--cpu-rt-period": legacy, "--cpu-rt-runtime": legacy,
        "--blkio-weight": "use --io-weight (1 to 10000)", "--net": "use --network", "--volume-opt": later,
        "--gpus": later, "--pid": later,
        "--ipc": later, "--uts": later, "--cgroupns": later, "--cgroup-parent": later, "--device-cgroup-rule": later,
        "--blkio-weight-device": later, "--domainname": later, "--storage-opt": later, "--isolation": later,
        "--runtime": later, "--sig-proxy": "signals are always passed on", "-a": later, "--attach": later,
    ]

    /// Why `flag` (`--restart`, `-p`) is refused; nil for a flag that no engine has either.
    public static func reason(for flag: String) -> String? { reasons[flag] }
}
