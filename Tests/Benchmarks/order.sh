#!/bin/sh
# Writes Sources/link-order.txt anew: the functions that starting a box executes, in order of first use, for the linker to
# put side by side (Package.swift). Then few pages of the program are touched, which is time and memory.
#
#   sh Tests/Benchmarks/order.sh     as root, after swift build -c release; then remove .build/release/swiftbox and
#                                    swiftbox-runtime and build again: SwiftPM does not see that the list is another
#
# A name that is no longer there does no harm, and a function that is not listed stays where it is.
set -eu
cd "$(dirname "$0")/../.."
if [ "${SWIFTBOX_ORDER_INSIDE-}" != 1 ]; then
    SWIFTBOX_ORDER_INSIDE=1 exec unshare --mount --propagation private --pid --fork --kill-child --mount-proc sh "$0"
fi
mount -t tmpfs none /run
work=/run/order runtime=$PWD/.build/release/swiftbox-runtime
mkdir -p "$work/bundle/rootfs/bin" "$work/bundle/rootfs/proc" "$work/bundle/rootfs/dev" "$work/bundle/rootfs/sys"
cp "$(command -v busybox)" "$work/bundle/rootfs/bin/busybox"
ln -s busybox "$work/bundle/rootfs/bin/true"
ln -s busybox "$work/bundle/rootfs/bin/sleep"
cc -O2 -o "$work/functions" Tests/Benchmarks/functions.c
nm -n "$runtime" >"$work/names"
python3 - Tests/Benchmarks/config.json configs/seccomp/default.json "$work/bundle" <<'END'
import json, sys
config, seccomp = (json.load(open(path)) for path in sys.argv[1:3])
config["linux"]["seccomp"] = seccomp
json.dump(config, open(sys.argv[3] + "/config.json", "w"))
config["process"]["args"] = ["/bin/sleep", "1000"]
json.dump(config, open(sys.argv[3] + "/stay.json", "w"))
END
box() { "$runtime" --root "$work/state" "$@" </dev/null >/dev/null; }
traced() { "$work/functions" "$work/names" "$runtime" --root "$work/state" "$@" </dev/null >>"$work/list"; }
box run --bundle "$work/bundle" warm
traced run --bundle "$work/bundle" one
box run --detach --bundle "$work/bundle" --config "$work/bundle/stay.json" stays
traced exec stays /bin/true
traced create --bundle "$work/bundle" --config "$work/bundle/stay.json" two
box delete --force two
box delete --force stays

# The client of a daemon, and the monitor of a prepared box.
bin=$PWD/.build/release
nm -n "$bin/swiftbox" >"$work/client-names"
tar -C "$work/bundle/rootfs" -cf "$work/image.tar" .
cat >"$work/monitor" <<END
#!/bin/sh
exec "$work/functions" "$work/names" "$runtime" "\$@" 3>&3 >>"$work/list-of-\$\$"
END
chmod +x "$work/monitor"
printf 'prepared_monitors: 2\nruntime: %s\n' "$work/monitor" >"$work/swiftboxd.yaml"
export SWIFTBOX_HOST="unix://$work/daemon/swiftbox.sock"
"$bin/swiftboxd" --config "$work/swiftboxd.yaml" --root "$work/lib" --run "$work/daemon" 2>/dev/null &
until "$bin/swiftbox" import "$work/image.tar" box >/dev/null 2>&1; do sleep 0.1; done
for number in 1 2 3; do
    "$work/functions" "$work/client-names" "$bin/swiftbox" run --rm --image box -- true </dev/null >>"$work/client-list"
    sleep 1
done
kill "$!"
wait "$!" || true
cat "$work"/list-of-* "$work/client-list" >>"$work/list"
# What C++ does before main has a section of its own in each object.
{ echo .text.startup && awk '!seen[$0]++' "$work/list"; } >Sources/link-order.txt
wc -l Sources/link-order.txt
