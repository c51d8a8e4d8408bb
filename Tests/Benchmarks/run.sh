#!/bin/sh
# Compares the start, run and end of /bin/true in a box: sh Tests/Benchmarks/run.sh [-n ROUNDS]
#
# By hand only, as root, on a quiet machine. All runtimes get one bundle: busybox as root file system, a configuration as
# docker writes it, configs/seccomp/default.json. They run in turns, so that a slow moment of the machine meets them all.
# Prints the medians, the fastest run and the ratio to swiftbox-runtime. bwrap does less: no cgroup, no seccomp.
set -eu
cd "$(dirname "$0")/../.."

rounds=30
[ "${1-}" != -n ] || { rounds=$2 && shift 2; }
[ "$(id -u)" = 0 ] || { echo "benchmark: needs root" >&2; exit 1; }
for tool in cc python3 busybox; do
    command -v $tool >/dev/null || { echo "benchmark: needs $tool" >&2; exit 1; }
done

# runc and crun of Debian 12 refuse a hybrid hierarchy, so everything runs below a pure v2 one: in a mount namespace of
# its own, which leaves the machine as it is.
if [ "${SWIFTBOX_BENCHMARK_INSIDE-}" != 1 ]; then
    export SWIFTBOX_BENCHMARK_INSIDE=1
    exec unshare --mount --propagation private sh "$0" -n "$rounds"
fi
if [ "$(stat -f -c %T /sys/fs/cgroup)" != cgroup2fs ]; then
    umount -l /sys/fs/cgroup
    mount -t cgroup2 none /sys/fs/cgroup
fi

work=$(mktemp -d "${TMPDIR:-/tmp}/swiftbox-benchmark.XXXXXX")
trap 'rm -rf "$work"' EXIT
binaries=$PWD/.build/release
bundle=$work/bundle
mkdir -p "$bundle/rootfs/bin" "$bundle/rootfs/proc" "$bundle/rootfs/dev" "$bundle/rootfs/sys" "$bundle/rootfs/etc" \
    "$bundle/rootfs/tmp" "$work/state"
cp "$(command -v busybox)" "$bundle/rootfs/bin/busybox"
ln -s busybox "$bundle/rootfs/bin/true"
python3 - Tests/Benchmarks/config.json configs/seccomp/default.json >"$bundle/config.json" <<'END'
import json, sys
config, seccomp = (json.load(open(path)) for path in sys.argv[1:])
config["linux"]["seccomp"] = seccomp
json.dump(config, sys.stdout)
END
cc -O2 -static -o "$work/launcher" Tests/Benchmarks/launcher.c

# once RUNTIME ID: the command line of one run, timed.
once() {
    set -- "$1" "$2" "$work/launcher" "$work/$1.times"
    runtime=$1 id=$2
    shift 2
    case $runtime in
    swiftbox-runtime) "$@" "$binaries/swiftbox-runtime" --root "$work/state/r" run --bundle "$bundle" "$id" ;;
    swiftbox) "$@" "$binaries/swiftbox" run --root "$work/state/s" --bundle "$bundle" --name "$id" ;;
    crun) "$@" crun --root "$work/state/c" --cgroup-manager=disabled run --bundle "$bundle" "$id" ;;
    runc) "$@" runc --root "$work/state/o" run --bundle "$bundle" "$id" ;;
    bwrap)
        "$@" bwrap --unshare-pid --unshare-ipc --unshare-uts --unshare-net --unshare-cgroup --bind "$bundle/rootfs" / \
            --proc /proc --dev /dev --ro-bind /sys /sys --cap-drop ALL --new-session /bin/true
        ;;
    esac
}

runtimes=
for runtime in swiftbox-runtime swiftbox crun runc bwrap; do
    # The first run is not counted; one that fails drops out, and says why.
    if once $runtime warm >"$work/$runtime.log" 2>&1 </dev/null; then
        runtimes="$runtimes $runtime"
    else
        echo "$runtime does not take part: $(head -n 1 "$work/$runtime.log")"
    fi
    rm -f "$work/$runtime.times"
done

round=0
while [ $round -lt "$rounds" ]; do
    round=$((round + 1))
    for runtime in $runtimes; do
        once "$runtime" "bench-$round" >>"$work/$runtime.log" 2>&1 </dev/null ||
            { echo "$runtime failed in round $round: $(tail -n 1 "$work/$runtime.log")" && exit 1; }
    done
done

version() {
    case $1 in
    swiftbox) "$binaries/swiftbox" version 2>/dev/null | head -n 1 || echo "swiftbox" ;;
    swiftbox-runtime) "$binaries/swiftbox-runtime" --version 2>/dev/null | head -n 1 || echo "swiftbox-runtime" ;;
    *) "$1" --version | head -n 1 ;;
    esac
}
echo "n = $rounds, kernel $(uname -r), $(nproc) processors"
for runtime in $runtimes; do
    sort -n "$work/$runtime.times" | awk -v name="$runtime" -v version="$(version "$runtime")" -v base="$work/base" '
        { time[NR] = $1 / 1e6 }
        END {
            median = NR % 2 ? time[(NR + 1) / 2] : (time[NR / 2] + time[NR / 2 + 1]) / 2
            if ((getline first < base) <= 0) { first = median; print median > base }
            printf "%-16s median %7.2f ms   min %7.2f ms   %5.2f times   %s\n", name, median, time[1], median / first, version
        }'
done
