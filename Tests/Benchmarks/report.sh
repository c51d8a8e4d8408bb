#!/bin/sh
# What --report costs a box that does nothing, and what it takes to check a spec file of 200 lines.
#
#   sh Tests/Benchmarks/report.sh [-n N]     as root; N interleaved runs of each (default: 200), medians
set -eu
cd "$(dirname "$0")/../.."
n=200
[ "${1-}" != -n ] || n=$2
swiftbox=$PWD/.build/release/swiftbox
work=$(mktemp -d)
trap 'rm -rf "$work"' EXIT
mkdir -p "$work/root/bin" "$work/root/dev" "$work/root/proc" "$work/root/sys"
cp .build/release/workload "$work/root/bin/true"
{
    echo 'command: [true]'
    echo 'environment:'
    seq 1 198 | sed 's/.*/  NAME&: value &/'
} >"$work/box.yaml"

# once NAME COMMAND…: appends its microseconds to the file of that name.
once() {
    name=$1 && shift
    start=$(date +%s%N)
    "$@" >"$work/out" 2>&1 || true
    echo $((($(date +%s%N) - start) / 1000)) >>"$work/$name"
}
box() { "$swiftbox" run --quiet --root "$work/state" --rootfs "$work/root" "$@" /bin/true status; }

i=0
while [ $i -lt "$n" ]; do
    once plain box
    once reported box --report "$work/report.json"
    once check "$swiftbox" spec check "$work/box.yaml"
    i=$((i + 1))
done
median() { sort -n "$work/$1" | awk '{ all[NR] = $1 } END { print all[int((NR + 1) / 2)] }'; }
echo "n=$n, medians, $(uname -sr), $("$swiftbox" --version)"
echo "box without report: $(median plain) us; with: $(median reported) us; ratio $(echo "$(median reported) $(median plain)" | awk '{ printf "%.3f", $1 / $2 }')"
echo "spec check of 200 lines: $(median check) us, the program's start included"
