# shellcheck shell=sh disable=SC2154,SC2016
# podman with conmon: the runtime's name decides that --cgroups=disabled is allowed.
cat >"$work/containers.conf" <<END
[containers]
log_driver = "k8s-file"
[engine]
cgroup_manager = "cgroupfs"
events_logger = "file"
runtime = "swiftbox"
runtime_supports_nocgroup = ["swiftbox"]
runtime_supports_json = ["swiftbox"]
[engine.runtimes]
swiftbox = ["$runtime"]
END
podman() {
    CONTAINERS_CONF=$work/containers.conf command podman --root "$work/podman/root" --runroot "$work/podman/run" \
        --tmpdir "$work/podman/tmp" --storage-driver overlay "$@"
}
podman import "$work/image.tar" image >/dev/null 2>&1
box='run --rm --network none'
# shellcheck disable=SC2086
{
    check 'podman: exit status' 42 'out' podman $box image sh -c 'echo out; exit 42'
    check 'podman: command not found' 127 'no such file' podman $box image nothing
    check 'podman: command not executable' 126 'permission denied' podman $box image /etc/passwd
    check 'podman: limits' 0 '52428800.20.50000 100000' podman $box --memory 50m --pids-limit 20 --cpus 0.5 image \
        cat /sys/fs/cgroup/memory.max /sys/fs/cgroup/pids.max /sys/fs/cgroup/cpu.max
    check 'podman: a memory limit ends who exceeds it' 137 '' podman $box --memory 20m --memory-swap 20m image \
        workload eat-memory 64
    check 'podman: user and directory' 0 'uid=1000.*/tmp' podman $box -u box -w /tmp image sh -c 'id; pwd'
    check 'podman: terminal' 0 '/dev/pts/0' podman $box -t image tty
    check 'podman: user namespace' 0 'uid=0.*100000' podman $box --uidmap 0:100000:65536 image \
        sh -c 'id; cat /proc/self/uid_map'
    check 'podman: without a cgroup' 0 'none' podman $box --cgroups=disabled image echo none
    check 'podman: detached' 0 '' podman run -d --name box --network none image sleep 1000
    check 'podman: exec' 7 'uid=1000' podman exec -u box box sh -c 'id; exit 7'
    check 'podman: exec of what is not there' 127 '' podman exec box nothing
    check 'podman: pause' 0 '' podman pause box
    check 'podman: paused' 0 'Paused' podman ps -a
    check 'podman: unpause' 0 '' podman unpause box
    check 'podman: update' 0 '' podman update --memory 64m box
    check 'podman: updated' 0 '67108864' podman exec box cat /sys/fs/cgroup/memory.max
    check 'podman: top and stats' 0 'sleep 1000' podman top box
    check 'podman: checkpoint' 0 '' podman container checkpoint box
    check 'podman: checkpointed' 0 'Exited \(0\)' podman ps -a
    check 'podman: restore' 0 '' podman container restore box
    check 'podman: restored' 0 'sleep 1000' podman top box
    check 'podman: export a checkpoint' 0 '' podman container checkpoint --leave-running --export "$work/box.tar" box
    check 'podman: import it' 0 '' podman container restore --import "$work/box.tar" --name other
    check 'podman: imported' 0 'sleep 1000' podman top other
    check 'podman: both go' 0 '' podman rm -f -t 0 other
    check 'podman: stop' 0 '' podman stop -t 1 box
    check 'podman: exited' 0 'Exited \(137\)' podman ps -a
    check 'podman: started again' 0 '' podman start box
    check 'podman: removed' 0 '' podman rm -f -t 0 box
}

# Without root: podman is root of a user namespace of its own, and so is the runtime.
echo 'boxer:x:1500:1500::/scratch/boxer:/bin/sh' >>/etc/passwd
echo 'boxer:x:1500:' >>/etc/group
for file in /etc/subuid /etc/subgid; do echo boxer:200000:65536 >>$file; done
mkdir -p /scratch/boxer/tmp /run/user/1500
# The programs under test may lie where only root comes.
cp "$work/image.tar" "$runtime" /scratch/boxer
sed "s,\"$runtime\",\"/scratch/boxer/swiftbox-runtime\"," "$work/containers.conf" >/scratch/boxer/containers.conf
chown -R 1500:1500 /scratch/boxer /run/user/1500
chmod 700 /run/user/1500
boxer() {
    cd /scratch/boxer && setpriv --reuid 1500 --regid 1500 --clear-groups env -i PATH="$PATH" HOME=/scratch/boxer \
        XDG_RUNTIME_DIR=/run/user/1500 CONTAINERS_CONF=/scratch/boxer/containers.conf TMPDIR=/scratch/boxer/tmp "$@"
}
boxer podman import /scratch/boxer/image.tar image >/dev/null 2>&1
# shellcheck disable=SC2086
{
    check 'podman without root: exit status' 42 'out' boxer podman $box image sh -c 'echo out; exit 42'
    check 'podman without root: its user is root in there' 0 'uid=0.* 0 +1500 +1' boxer podman $box image \
        sh -c 'id; cat /proc/self/uid_map'
    check 'podman without root: devices' 0 'null.*tty.*zero' boxer podman $box image \
        sh -c 'ls /dev; echo discard >/dev/null'
    check 'podman without root: a user of the image' 0 'uid=1000' boxer podman $box -u box image id
    check 'podman without root: the same user' 0 'uid=1500' boxer podman $box --userns keep-id image id
    check 'podman without root: terminal' 0 '/dev/pts/0' boxer podman $box -t image tty
    check 'podman without root: a volume' 0 'kept' boxer podman $box -v /scratch/boxer/tmp:/tmp image \
        sh -c 'echo kept >/tmp/file; cat /tmp/file'
    check 'podman without root: detached' 0 '' boxer podman run -d --name box --network none image sleep 1000
    check 'podman without root: exec' 7 'uid=1000' boxer podman exec -u box box sh -c 'id; exit 7'
    check 'podman without root: top' 0 'sleep 1000' boxer podman top box
    check 'podman without root: stop' 0 '' boxer podman stop -t 1 box
    check 'podman without root: exited' 0 'Exited \(137\)' boxer podman ps -a
    check 'podman without root: removed' 0 '' boxer podman rm -f -t 0 box
    check 'podman without root: command not found' 127 'no such file' boxer podman $box image nothing
}
