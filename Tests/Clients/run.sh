#!/bin/sh
# Real engines with swiftbox-runtime as their runtime: podman, containerd's ctr, Docker's engine, buildah; and systemd as the
# manager of its cgroups. Run as root in the guest by `Tests/run.sh clients`, with /scratch as the place for everything. A line
# a check that fails; the last line counts. `Tests/Clients/run.sh podman docker` runs some.
set -u
here=$(cd "$(dirname "$0")" && pwd)
: "${SWIFTBOX_BIN_DIR:=$here/../../.build/release}"
runtime=$(cd "$SWIFTBOX_BIN_DIR" && pwd)/swiftbox-runtime
work=$(mktemp -d /scratch/clients.XXXXXX)
passed=0 failed=0

# check NAME EXPECTED-STATUS EXTENDED-REGEX COMMAND…: the status and, in both streams taken together, the text.
check() {
    name=$1 wanted=$2 text=$3
    shift 3
    output=$("$@" 2>&1 </dev/null)
    status=$?
    if [ $status = "$wanted" ] && printf '%s\n' "$output" | tr -d '\r' | grep -Eqz "$text"; then
        passed=$((passed + 1))
    else
        failed=$((failed + 1))
        printf 'FAILED %s: status %s (wanted %s), wanted the text %s\n%s\n' "$name" $status "$wanted" "$text" "$output"
    fi
}

# await COMMAND…: until it succeeds, at most a minute.
await() {
    for _ in $(seq 200); do
        "$@" >/dev/null 2>&1 && return
        sleep 0.3
    done
    echo "never came: $*"
}

make_image() {
    image=$work/image
    mkdir -p "$image"
    for folder in bin dev etc proc sys tmp; do mkdir -p "$image/$folder"; done
    cp /bin/busybox "$SWIFTBOX_BIN_DIR/workload" "$image/bin"
    for applet in sh cat echo env id ls sleep touch tty; do ln -s busybox "$image/bin/$applet"; done
    echo 'root:x:0:0:root:/root:/bin/sh
box:x:1000:1000::/home:/bin/sh' >"$image/etc/passwd"
    tar -C "$image" -cf "$work/image.tar" .
}

make_image
for client in ${*:-podman containerd docker buildah systemd}; do
    . "$here/$client.sh"
done
echo "$passed passed, $failed failed"
[ $failed = 0 ]
