#!/bin/sh
# A box with limits, an overlay and a seccomp filter, seen from inside and from outside.
#
#   sh examples/quickstart.sh           here, as root, on Debian 12 with Swift 6.2 or newer on the PATH
#   sh examples/quickstart.sh --guest   the same in a virtual machine whose kernel has every limit (pure cgroup v2)
set -eu
cd "$(dirname "$0")/.."
swiftbox=$PWD/.build/release/swiftbox

title() { printf '\n== %s\n' "$*"; }

install_missing() {
    missing=
    while [ $# -gt 0 ]; do
        [ -e "$1" ] || missing="$missing $2"
        shift 2
    done
    [ -n "$missing" ] || return 0
    title "installing$missing"
    # shellcheck disable=SC2086 # a word each
    apt-get -qq update && DEBIAN_FRONTEND=noninteractive apt-get -qq install -y --no-install-recommends $missing
}

prepare() {
    [ "$(id -u)" = 0 ] || { echo "quickstart: needs root" >&2; exit 1; }
    command -v swift >/dev/null || { echo "quickstart: no swift on the PATH (https://www.swift.org/install)" >&2; exit 1; }
    install_missing /usr/include/seccomp.h libseccomp-dev /usr/include/sys/capability.h libcap-dev /usr/include/yaml.h libyaml-dev \
        /usr/share/doc/busybox-static busybox-static
    if [ "${1-}" = --guest ]; then
        install_missing /usr/bin/qemu-system-x86_64 qemu-system-x86 /usr/lib/qemu/virtiofsd qemu-system-common \
            /usr/bin/python3 python3-minimal /usr/bin/zstd zstd /usr/bin/xz xz-utils /sbin/depmod kmod \
            /sbin/mkfs.ext4 e2fsprogs
    fi
    title "building (static executables)"
    swift build -c release --product swiftbox
}

# Where cgroup v2 is mounted.
hierarchy() { awk '$3 == "cgroup2" { print $2; exit }' /proc/mounts; }

# Whether it offers the controller.
offers() { grep -qw "$1" "$(hierarchy)/cgroup.controllers"; }

# box FLAGS…: runs it, having shown the line. A default that this host cannot apply is told once.
box() {
    echo "   \$ swiftbox run $*" | sed "s|$work/||g; s| sh -c .*| sh -c '…'|; q"
    "$swiftbox" run --root "$work/state" "$@" 2>"$work/errors" || status=$?
    sed -e "$filter" -e "s|^|   |" "$work/errors"
    filter='/the default --pids-limit/d'
}

# Boxes of anybody.
cgroups() { find "$(hierarchy)" -maxdepth 1 -name 'swiftbox-*' | wc -l; }

demonstrate() {
    work=$(mktemp -d "${1:-/tmp}/swiftbox-quickstart.XXXXXX")
    trap 'rm -rf "$work"' EXIT
    trap 'exit 130' INT TERM HUP PIPE
    status=0 filter= before=$(cgroups)
    make_rootfs

    title "a box: processes, names, files and network of its own"
    box --rootfs "$work/rootfs" --hostname crate -- sh -c '
        echo "   inside: I am user $(id -u) on $(hostname); the shell that says so is process $$"
        echo "   inside: network links: $(ls /sys/class/net | tr "\n" " ")"
        echo written >/file && echo "   inside: I wrote /file: $(cat /file)"'
    if [ -e "$work/rootfs/file" ]; then echo "   outside: /file is in rootfs: the overlay did NOT hold" && exit 1; fi
    echo "   outside: rootfs has no /file; the overlay took it"

    title "the host's own root as root file system, its secrets hidden"
    box -- sh -c '
        echo "   inside: $(ls /usr/bin | wc -l) programs in /usr/bin, $(ls -A /root 2>/dev/null | wc -l) files in /root"
        echo "   inside: uid 0 here is uid $(awk "NR == 1 { print \$2 }" /proc/self/uid_map) of the host"
        cat /etc/shadow >/dev/null 2>&1 && echo "   inside: I can read /etc/shadow" || echo "   inside: no /etc/shadow for me"'

    title "seccomp, capabilities, no_new_privs"
    box --rootfs "$work/rootfs" -- sh -c '
        grep -E "^(CapEff|NoNewPrivs|Seccomp):" /proc/self/status | while read -r line; do echo "   inside: $line"; done
        mount -t tmpfs none /tmp 2>/dev/null && echo "   inside: mounted something" || echo "   inside: mount is refused"
        (echo 1 >/proc/sys/kernel/panic) 2>/dev/null && echo "   inside: wrote a sysctl" || echo "   inside: /proc/sys is read-only"'

    title "limits"
    if offers pids; then
        box --rootfs "$work/rootfs" --pids-limit 16 -- sh -c '
            i=0
            while [ $i -lt 40 ]; do sleep 1 & i=$((i + 1)); done 2>/dev/null
            echo not reached: the shell gives up at the first refusal'
        echo "   outside: exit status $status: the shell wanted 40 processes and could not have them"
    else
        cannot pids --pids-limit 16
    fi
    if offers memory; then
        status=0
        box --rootfs "$work/rootfs" -m 64m --memory-swap 64m -- dd if=/dev/zero of=/dev/null bs=128M count=1
        echo "   outside: exit status $status, which is 128 + 9: killed"
    else
        cannot memory -m 64m
    fi
    if offers cpu; then
        box --rootfs "$work/rootfs" --cpus 0.25 -- sh -c '
            (while :; do :; done) & sleep 2; kill $!
            echo "   inside: stopped in $(grep nr_throttled /sys/fs/cgroup/cpu.stat | cut -d" " -f2) periods of a tenth of a second"'
    else
        cannot cpu --cpus 0.25
    fi

    title "what is left"
    echo "   $(find "$work/state" -mindepth 2 | wc -l) files of state, $(grep -c "$work" /proc/self/mountinfo || true) mounts," \
        "$(($(cgroups) - before)) cgroups"
}

make_rootfs() {
    for folder in bin etc proc dev sys tmp; do mkdir -p "$work/rootfs/$folder"; done
    cp /bin/busybox "$work/rootfs/bin/"
    for applet in sh id hostname mount ls cat cut dd sleep grep kill tr true; do
        ln -s busybox "$work/rootfs/bin/$applet"
    done
}

# What this host cannot enforce: swiftbox says so, and runs nothing.
cannot() {
    controller=$1
    shift
    echo "   this host cannot enforce $1: its cgroup v2 hierarchy has no $controller controller. swiftbox refuses:"
    box --rootfs "$work/rootfs" "$@" -- true
    echo "   (sh examples/quickstart.sh --guest shows it on a kernel that can)"
}

case ${1-} in
'') prepare && demonstrate ;;
--guest)
    prepare --guest
    title "booting the guest"
    Tests/Guest/boot -- sh examples/quickstart.sh --inside-guest
    ;;
--inside-guest) demonstrate /scratch ;;
*)
    sed -n '2,5s/^# \{0,1\}//p' "$0" >&2
    exit 2
    ;;
esac
