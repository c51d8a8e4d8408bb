#!/bin/sh
# Measures what a box costs, next to crun, runc and a floor: README.md says what is measured and how.
#
#   sh Tests/Benchmarks/run.sh [-n ROUNDS] [ROWS…]     as root, on a quiet machine, after swift build -c release
#
# ROUNDS interleaved runs of everything (default 100); ROWS are some of starts configs exec flight series seccomp guest
# (default: all). Everything runs in mount, pid and cgroup namespaces of its own: nothing is left, nothing changed.
set -eu
cd "$(dirname "$0")/../.."

rounds=100
[ "${1-}" != -n ] || { rounds=$2 && shift 2; }
[ "$(id -u)" = 0 ] || { echo "benchmark: needs root" >&2; exit 1; }
for tool in cc python3 busybox strace unshare; do
    command -v $tool >/dev/null || { echo "benchmark: needs $tool" >&2; exit 1; }
done
[ -x .build/release/swiftbox-runtime ] || { echo "benchmark: swift build -c release first" >&2; exit 1; }

# In the guest, where cgroup2 is all there is, with the programs that were made outside.
if [ "${SWIFTBOX_BED-}" = guest ]; then exec python3 Tests/Benchmarks/table.py "$rounds" "$@"; fi

work=$(mktemp -d "${TMPDIR:-/tmp}/swiftbox-benchmark.XXXXXX")
cgroups=$(awk '$3 == "cgroup2" { print $2; exit }' /proc/self/mounts)
own_cgroup=${cgroups:-/none}/${work##*/}
clean_up() {
    rm -rf "$work"
    [ ! -d "$own_cgroup" ] || find "$own_cgroup" -depth -type d -exec rmdir {} +
}
trap clean_up EXIT
trap 'exit 130' INT TERM HUP
for program in launcher stamp calls; do
    cc -O2 -static -o "$work/$program" "Tests/Benchmarks/$program.c"
done
cc -O2 -static -o "$work/linked" Tests/Benchmarks/floor.c Sources/CBoxLinux/entry.c -Wl,-e,box_entry
# As installed programs are, peers' included: what a linker wrote lies in the page cache in pieces, and is slower to map.
cp "$work/linked" "$work/floor"
cp .build/release/swiftbox .build/release/swiftbox-runtime .build/release/swiftboxd "$work"
[ -z "$cgroups" ] || mkdir "$own_cgroup"

# A /run of its own for the state of boxes, and nothing but cgroup2 at the usual place: runc and crun of Debian 12 refuse a
# hybrid hierarchy. $0 is the cgroup that is to be all they see.
inside='mount -t tmpfs -o mode=755 none /run || exit
[ ! -d "$0" ] || echo 0 >"$0/cgroup.procs"
exec unshare --cgroup sh -c "$in_own_cgroup" "$@"'
export in_own_cgroup='umount -l /sys/fs/cgroup && mount -t cgroup2 none /sys/fs/cgroup || exit
mkdir /sys/fs/cgroup/benchmark && echo 0 >/sys/fs/cgroup/benchmark/cgroup.procs && exec python3 "$0" "$@"'
SWIFTBOX_BENCHMARK_PROGRAMS=$work unshare --mount --propagation private --pid --fork --kill-child --mount-proc \
    sh -c "$inside" "$own_cgroup" Tests/Benchmarks/table.py "$rounds" "$@"
