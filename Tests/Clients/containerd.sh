# shellcheck shell=sh disable=SC2154,SC2016
# containerd's shim and ctr.
cat >"$work/containerd.toml" <<END
version = 2
root = "$work/containerd/root"
state = "$work/containerd/state"
disabled_plugins = ["io.containerd.grpc.v1.cri"]
[grpc]
address = "$work/containerd.sock"
END
containerd -c "$work/containerd.toml" >"$work/containerd.log" 2>&1 &
engine=$!
ctr() { command ctr -a "$work/containerd.sock" "$@"; }
await ctr version
start="run --runc-binary $runtime --runtime io.containerd.runc.v2 --rootfs"
# shellcheck disable=SC2086
{
    check 'ctr: exit status' 42 'out' ctr $start --rm "$work/image" one sh -c 'echo out; exit 42'
    check 'ctr: command not found' 1 'no such file' ctr $start --rm "$work/image" two nothing
    check 'ctr: detached' 0 '' ctr $start -d "$work/image" three sleep 1000
    check 'ctr: running' 0 'three .*RUNNING' ctr task ls
    check 'ctr: exec' 0 'uid=0' ctr task exec --exec-id e three id
    check 'ctr: processes' 0 'PID' ctr task ps three
    check 'ctr: metrics' 0 'memory.usage' ctr task metrics three
    check 'ctr: pause' 0 '' ctr task pause three
    check 'ctr: paused' 0 'three .*PAUSED' ctr task ls
    check 'ctr: resume' 0 '' ctr task resume three
    check 'ctr: kill' 0 '' ctr task kill -s SIGKILL three
    await sh -c "ctr -a $work/containerd.sock task ls | grep -q STOPPED"
    check 'ctr: delete' 0 'code 137' ctr task rm three
}
kill $engine
wait $engine
