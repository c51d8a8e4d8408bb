#!/bin/sh
# Runs the tests: sh Tests/run.sh [-v] [lint|unit|host|conformance|faults|guest|clients|all]…
#
# One line a bed, and as the very last line `N passed, N failed`; exit status 0 when nothing failed and something ran.
# Tests/README.md says what each bed can prove. -v shows the whole output of each, otherwise only what failed is shown.
# Missing Debian packages are installed (as root). Nothing is left behind but .build and ~/.cache/swiftbox-tests.
set -u
cd "$(dirname "$0")/.." || exit 1

# Seconds that a bed may take; one that takes longer is killed and has failed. Together: 55 minutes.
budget() {
    case $1 in build) echo 1200 ;; lint) echo 60 ;; unit) echo 180 ;; host) echo 480 ;; conformance) echo 240 ;; faults) echo 180 ;; guest) echo 900 ;; clients) echo 480 ;; esac
}

# What a bed needs, `FILE-OR-COMMAND PACKAGE` a line.
needs() {
    case $1 in
    build)
        cat <<-'END'
		git git
		ld.gold binutils
		/usr/include/stdio.h libc6-dev
		/usr/include/seccomp.h libseccomp-dev
		/usr/include/sys/capability.h libcap-dev
		/usr/include/yaml.h libyaml-dev
		/usr/include/sqlite3.h libsqlite3-dev
		END
        ;;
    host | faults | conformance)
        cat <<-'END'
		/usr/share/doc/busybox-static busybox-static
		unshare util-linux
		newuidmap uidmap
		readelf binutils
		strace strace
		cc gcc
		python3 python3
		/usr/bin/docker docker.io
		/usr/bin/docker-compose docker-compose
		/usr/lib/python3/dist-packages/docker python3-docker
		END
        ;;
    guest | clients)
        if [ "$1" = clients ]; then
            cat <<-'END'
			podman podman
			conmon conmon
			containerd containerd
			/usr/bin/docker docker.io
			buildah buildah
			/lib/systemd/systemd systemd
			dbus-daemon dbus
			nsenter util-linux
			apparmor_parser apparmor
			END
        fi
        cat <<-'END'
		/usr/share/doc/busybox-static busybox-static
		qemu-system-x86_64 qemu-system-x86
		/usr/lib/qemu/virtiofsd qemu-system-common
		python3 python3-minimal
		unshare util-linux
		depmod kmod
		apparmor_parser apparmor
		mkfs.ext4 e2fsprogs
		criu criu
		iptables iptables
		ip iproute2
		zstd zstd
		xz xz-utils
		END
        ;;
    esac
}

say() { echo "run.sh: $*" >&2; }

missing_packages() {
    needs "$1" | while read -r thing package; do
        case $thing in
        /*) [ -e "$thing" ] || echo "$package" ;;
        *) command -v "$thing" >/dev/null || echo "$package" ;;
        esac
    done | sort -u
}

# Installs what a bed lacks; fails, having said why, when it cannot.
prepare() {
    packages=$(missing_packages "$1")
    [ -n "$packages" ] || return 0
    # shellcheck disable=SC2086 # a word each
    set -- "$1" $packages
    bed=$1 && shift
    if [ "$(id -u)" != 0 ] || ! command -v apt-get >/dev/null; then
        say "$bed needs the Debian packages: $*"
        return 1
    fi
    say "installing $*"
    export DEBIAN_FRONTEND=noninteractive
    { apt-get -qq update && apt-get -qq install -y --no-install-recommends "$@"; } >&2 </dev/null && return
    say "$bed: apt-get could not install: $*"
    return 1
}

check_swift() {
    if ! command -v swift >/dev/null; then
        say "no swift on the PATH; Swift 6.2 or newer is needed (https://www.swift.org/install)"
        return 1
    fi
    version=$(swift --version 2>/dev/null | sed -n 's/.*Swift version \([0-9]*\)\.\([0-9]*\).*/\1 \2/p' | head -n 1)
    set -- ${version:-0 0}
    [ "$1" -gt 6 ] || { [ "$1" -eq 6 ] && [ "$2" -ge 2 ]; } && return
    say "swift $1.$2 is too old; Swift 6.2 or newer is needed"
    return 1
}

# limited BED COMMAND…: within the bed's budget, output to its log. A trap can end it, as it could not in the foreground.
limited() {
    log=$work/$1.log limit=$(budget "$1")
    shift
    if [ $verbose = 1 ]; then
        timeout -k 10 "$limit" "$@" 2>&1 </dev/null | tee "$log" &
        # A pipeline's status is tee's; the bed's is judged by what it counted.
    else
        timeout -k 10 "$limit" "$@" >"$log" 2>&1 </dev/null &
    fi
    child=$!
    wait $child
    status=$?
    child=
    [ $status != 124 ] || echo "killed: its budget of $limit s was over" >>"$log"
    return $status
}

# On the host, tests see a /run, /dev/shm, temporary directory and cgroups of their own, and whatever they start ends with
# them. $0 is the bed's cgroup; `unshare` itself stays outside, for a cgroup that hands out controllers holds no process.
in_private_namespaces='mount -t tmpfs -o mode=755 none /run && mount -t tmpfs -o mode=1777 none /dev/shm || exit
[ -d "$0" ] || exec "$@"
echo 0 >"$0/cgroup.procs" && exec unshare --cgroup sh -c "$in_own_cgroup" "${0%/*}" "$@"'
# $0 is where cgroup2 is mounted, and the kernel refuses to mount it there twice, one over the other.
# The conformance bed sees nothing but cgroup2, at the usual place: other runtimes know no other.
export in_own_cgroup='if [ "$only_cgroup2" = 1 ]; then umount -l /sys/fs/cgroup && set -- /sys/fs/cgroup "$@"
else mount -t tmpfs none "$0" && set -- "$0" "$@"; fi && mount -t cgroup2 none "$1" || exit
mkdir "$1/tests" && echo 0 >"$1/tests/cgroup.procs" && shift && exec "$@"'
export only_cgroup2=0
private() {
    bed=$1 && shift
    cgroups=$(awk '$3 == "cgroup2" { print $2; exit }' /proc/self/mounts)
    own_cgroup=${cgroups:-/none}/${work##*/}
    [ -z "$cgroups" ] || mkdir -p "$own_cgroup"
    limited "$bed" unshare --mount --propagation private --pid --fork --kill-child --mount-proc \
        sh -c "$in_private_namespaces" "$own_cgroup" "$@"
    bed_status=$?
    [ ! -d "$own_cgroup" ] || find "$own_cgroup" -depth -type d -exec rmdir {} +
    return $bed_status
}

bundle=.build/debug/swiftboxPackageTests.xctest

# The options that run one test target of the bundle and have it write its events, a JSON object a line.
# FILTER, a regular expression, chooses among its tests.
selection() { echo "--testing-library swift-testing --filter ^($1)[./].*${FILTER-} --event-stream-output-path $2"; }

# Sets passed, failed and skipped from an event stream: test functions, not suites. A stream without an end is a crash.
count_events() {
    [ -e "$1" ] || : >"$1"
    set -- $(awk '
        !/"testID":"[^"]*\.swift:[0-9]+:[0-9]+"/ { ended += /"kind":"runEnded"/; next }
        /"kind":"testSkipped"/ { skipped++ }
        /"kind":"testEnded"/ { if (/"symbol":"fail"/) failed++; else passed++ }
        END { print passed + 0, failed + 0, skipped + 0, ended + 0 }' "$1")
    passed=$1 failed=$2 skipped=$3
    if [ "$4" = 0 ]; then
        failed=$((failed + 1))
        echo "the test process ended before its last test" >>"$log"
    fi
}

need_root() {
    [ "$(id -u)" = 0 ] && return
    log=$work/$1.log
    echo "needs root" >"$log"
    failed=1
    return 1
}

lint() {
    passed=0
    for check in Tests/Lint/*.sh; do
        if limited lint sh "$check"; then passed=$((passed + 1)); else
            failed=$((failed + 1))
            cat "$log" >>"$work/lint.failures"
        fi
    done
    [ ! -e "$work/lint.failures" ] || mv "$work/lint.failures" "$log"
}

unit() {
    # shellcheck disable=SC2046
    limited unit "$bundle" $(selection UnitTests "$work/unit.events")
    judge $? "$work/unit.events"
}

host() {
    need_root host || return
    # shellcheck disable=SC2046
    private host "$bundle" --no-parallel $(selection HostTests "$work/host.events")
    judge $? "$work/host.events"
}

# OCI_RUNTIME is the runtime to test, ours without it. CONFORMANCE_EVENTS is a file for a copy of the event stream.
conformance() {
    need_root conformance || return
    only_cgroup2=1
    # shellcheck disable=SC2046
    private conformance "$bundle" --no-parallel $(selection 'ConformanceTests\.Conformance' "$work/conformance.events")
    judge $? "$work/conformance.events"
    only_cgroup2=0
    [ -z "${CONFORMANCE_EVENTS-}" ] || cp "$work/conformance.events" "$CONFORMANCE_EVENTS"
}

guest() {
    need_root guest || return
    if [ "$(uname -m)" != x86_64 ]; then
        log=$work/guest.log failed=1
        echo "needs an x86_64 machine" >"$log"
        return
    fi
    mkdir "$work/share"
    # shellcheck disable=SC2046,SC2016
    limited guest Tests/Guest/boot --share "$work/share" --timeout "$(budget guest)" -- \
        sh -c 'mkdir /scratch/tmp && TMPDIR=/scratch/tmp exec "$@"' sh \
        "$PWD/$bundle" --no-parallel $(selection 'GuestTests|ConformanceTests' "$work/share/guest.events")
    judge $? "$work/share/guest.events"
}

# Engines write where they like: they have a guest to themselves.
clients() {
    need_root clients || return
    limited clients Tests/Guest/boot --timeout "$(budget clients)" -- sh Tests/Clients/run.sh
    count_lines $?
}

# Sets passed and failed from the last line of a program's own: `N passed, N failed`.
count_lines() {
    set -- "$1" $(sed -n 's/^\([0-9]*\) passed, \([0-9]*\) failed$/\1 \2/p' "$log" | tail -n 1)
    passed=${2:-0} failed=${3:-1}
    [ "$1" = 0 ] || [ "$failed" != 0 ] || failed=1
}

faults() {
    need_root faults || return
    private faults .build/release/fault-injection
    count_lines $?
}

# judge STATUS EVENTS
judge() {
    count_events "$2"
    [ "$1" = 0 ] || [ "$failed" != 0 ] || failed=1
}

# Runs one bed and prints its line.
run_bed() {
    passed=0 failed=0 skipped=0 log=/dev/null
    start=$(date +%s)
    if [ "$1" != lint ] && [ $built = 0 ]; then
        failed=1
    elif prepare "$1"; then
        "$1"
        [ "$passed" != 0 ] || [ "$failed" != 0 ] || { failed=1 && echo "no test ran" >>"$log"; }
    else
        failed=1
    fi
    if [ "$failed" != 0 ] && [ $verbose = 0 ] && [ $log != /dev/null ]; then
        echo "--- $1"
        grep -v -E ' (started|passed( after .*)?)\.$' "$log"
        echo "---"
    fi
    note=
    [ "$skipped" = 0 ] || note=", $skipped skipped"
    printf '%-11s %4d passed, %d failed%s   %d s\n' "$1" "$passed" "$failed" "$note" $(($(date +%s) - start))
    all_passed=$((all_passed + passed)) all_failed=$((all_failed + failed)) all_skipped=$((all_skipped + skipped))
}

# The release binaries are what users get; the test bundle is what tests them.
build() {
    start=$(date +%s)
    prepare build && limited build sh -ec 'swift build -c release; swift build --build-tests'
    result=$?
    if [ $result != 0 ]; then
        [ -z "${log-}" ] || [ $verbose = 1 ] || tail -n 40 "$log" | cut -c 1-300
        say "the build failed"
        return 1
    fi
    printf '%-11s done   %d s\n' build $(($(date +%s) - start))
}

verbose=0 child= beds=
for word in "$@"; do
    case $word in
    -v) verbose=1 ;;
    lint | unit | host | conformance | faults | guest | clients) beds="$beds $word" ;;
    all) beds="lint unit host conformance faults guest clients" ;;
    *)
        sed -n '2,6s/^# \{0,1\}//p' "$0" >&2
        say "no such bed: $word"
        exit 2
        ;;
    esac
done
beds=${beds:-lint unit host conformance faults guest clients}

work=$(mktemp -d /tmp/swiftbox-tests.XXXXXX) || exit 1
trap 'rm -rf "$work"' EXIT
trap '[ -z "$child" ] || { kill "$child" && wait "$child"; }; exit 130' INT TERM HUP
export TMPDIR="$work/tmp" SWIFTBOX_BIN_DIR="$PWD/.build/release"
mkdir "$TMPDIR"

all_passed=0 all_failed=0 all_skipped=0 built=0
if check_swift; then
    case $beds in
    lint | " lint") ;;
    *) build && built=1 ;;
    esac
    for bed_name in $beds; do run_bed "$bed_name"; done
else
    all_failed=1
fi
note=
[ $all_skipped = 0 ] || note=", $all_skipped skipped"
echo "$all_passed passed, $all_failed failed$note"
[ $all_failed = 0 ] && [ $all_passed != 0 ]
