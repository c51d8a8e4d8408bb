#!/bin/sh
# A service that the daemon keeps alive: started with a health check and a restart policy, killed, seen to come back; its log
# and its figures read with swiftbox and, where it is installed, with Docker's own client.
#
#   sh examples/service-daemon.sh             as root; a daemon of its own in a temporary directory, gone afterwards
#   sh examples/service-daemon.sh --systemd   the installed one (examples/install.sh), by its units
set -eu
cd "$(dirname "$0")/.."
PATH=$PWD/.build/release:$PATH

name=example-$$
work='' daemon=''
clean_up() {
    status=$?
    trap - EXIT
    swiftbox rm -f "$name" >/dev/null 2>&1 || true
    if [ -n "$daemon" ]; then kill "$daemon" && wait "$daemon" || true; fi
    [ -z "$work" ] || rm -rf "$work"
    exit "$status"
}
trap clean_up EXIT
trap 'exit 130' INT TERM

# until_it SECONDS COMMAND…: again and again until it succeeds.
until_it() {
    left=$(($1 * 10)) && shift
    until "$@" >/dev/null 2>&1; do
        left=$((left - 1))
        [ "$left" -gt 0 ] || { echo "not within its time: $*" >&2 && return 1; }
        sleep 0.1
    done
}
state() { swiftbox inspect --format "{{.State.$1}}" "$name"; }
is() { [ "$(state "$1")" = "$2" ]; }
is_healthy() { is Health.Status healthy; }
is_back() {
    case $(swiftbox inspect --format '{{.State.Running}} {{.State.Pid}}' "$name") in
    "true $first" | 'true 0' | false*) return 1 ;;
    esac
}

if [ "${1-}" = --systemd ]; then
    systemctl daemon-reload && systemctl enable --now swiftboxd.socket swiftboxd.service
else
    work=$(mktemp -d)
    # Every key as it is when nothing is said; /etc/swiftbox/swiftboxd.yaml is the installed daemon's.
    : >"$work/swiftboxd.yaml"
    export SWIFTBOX_HOST="unix://$work/run/swiftbox.sock"
    swiftboxd --config "$work/swiftboxd.yaml" --root "$work/lib" --run "$work/run" 2>"$work/log" &
    daemon=$!
    until_it 10 swiftbox info
fi

echo "== start"
swiftbox run -d --name "$name" --restart always --init --health-cmd 'test -s /tmp/alive' --health-interval 200ms \
    sh -c 'echo "service is up"; while :; do date >/tmp/alive; sleep 0.2; done'
until_it 10 is_healthy
swiftbox ps --filter "name=$name"

echo "== kill its first process"
first=$(state Pid)
kill -9 "$first"
until_it 10 is_back
until_it 10 is_healthy
echo "process $first is gone, $(state Pid) runs; restarts: $(swiftbox inspect --format '{{.RestartCount}}' "$name")"

echo "== log and figures"
swiftbox logs "$name"
swiftbox stats --no-stream "$name"
if command -v docker >/dev/null; then
    export DOCKER_HOST="${SWIFTBOX_HOST-unix:///run/swiftbox/swiftbox.sock}"
    docker ps --filter "name=$name"
    docker logs "$name"
    docker stats --no-stream "$name"
fi

echo "== stop"
swiftbox stop -t 2 "$name"
swiftbox report show --box "$name" | sed 1q
