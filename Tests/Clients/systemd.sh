# shellcheck shell=sh disable=SC2154,SC2016
# systemd as the cgroup manager, first over its private socket, then over a bus, and as the manager of swiftboxd: as process 1
# of namespaces of its own, on the guest's cgroups.
systemd=$work/systemd bundle=$work/bundle scope=/sys/fs/cgroup/system.slice/swiftbox-one.scope
mkdir -p "$systemd" "$bundle"
cp -a "$work/image" "$bundle/rootfs"
"$runtime" spec -b "$bundle"
python3 - "$bundle/config.json" <<'END_OF_PROGRAM'
import json, sys
with open(sys.argv[1]) as file:
    config = json.load(file)
config["process"].update(terminal=False, args=["sleep", "1000"])
config["linux"]["cgroupsPath"] = "system.slice:swiftbox:one"
config["linux"].setdefault("resources", {}).update(memory={"limit": 64 << 20}, pids={"limit": 44})
with open(sys.argv[1], "w") as file:
    json.dump(config, file)
END_OF_PROGRAM
cat >"$systemd/start" <<'END_OF_START'
mount --make-rprivate / && mount -t tmpfs none /run && mkdir -p /run/systemd/system /run/dbus || exit
printf '[Unit]\nDefaultDependencies=no\n' >/run/systemd/system/bare.target
bare='[Unit]\nDefaultDependencies=no\n'
printf "$bare[Socket]\nListenStream=/run/dbus/system_bus_socket\n" >/run/systemd/system/dbus.socket
printf "$bare[Service]\nType=notify\nExecStart=/usr/bin/dbus-daemon --system --address=systemd: --nofork --nopidfile --systemd-activation\n" \
    >/run/systemd/system/dbus.service
echo $$ >/sys/fs/cgroup/cgroup.procs
exec env container=test /lib/systemd/systemd --system --unit=bare.target --log-target=kmsg --show-status=no
END_OF_START
unshare --mount --pid --fork --kill-child --mount-proc --uts --ipc sh "$systemd/start" >"$systemd/log" 2>&1 </dev/null &
manager=$!
# The first child of unshare is systemd.
first_child() { for stat in /proc/[0-9]*/stat; do awk -v parent=$manager '$4 == parent { print $1 }' "$stat"; done 2>/dev/null; }
has_started() { init=$(first_child) && [ -n "$init" ] && [ -S "/proc/$init/root/run/systemd/private" ]; }
await has_started
inside() { nsenter -t "$init" -m -p -u -i "$@"; }
box() { inside "$runtime" --systemd-cgroup --root /run/boxes "$@"; }
# The box would hold the streams of who waits for its runtime.
start_box() {
    box --log "$systemd/box.log" run --detach --bundle "$bundle" "$1" >/dev/null 2>&1 && return
    status=$?
    cat "$systemd/box.log"
    return $status
}
for way in 'its socket' 'a bus'; do
    if [ "$way" = 'a bus' ]; then
        inside systemctl start dbus.socket dbus.service
        await inside busctl --system status org.freedesktop.systemd1
    fi
    check "systemd: a box by $way" 0 '' start_box one
    check "systemd: its limits by $way" 0 '67108864.44' cat $scope/container/memory.max $scope/container/pids.max
    check "systemd: it is paused by $way" 0 '' box pause one
    check "systemd: and goes on by $way" 0 '' box resume one
    check "systemd: update by $way" 0 '' box update --memory 32m one
    check "systemd: updated by $way" 0 '33554432' cat $scope/container/memory.max
    check "systemd: the scope by $way" 0 'system.slice.*Delegate=yes.*ActiveState=active' \
        inside systemctl show swiftbox-one.scope -p Slice -p Delegate -p ActiveState
    check "systemd: a second box of its name by $way" 1 'swiftbox-one.scope' start_box two
    check "systemd: deleted by $way" 0 '' box delete --force one
    check "systemd: no cgroup is left by $way" 0 '' sh -c "sleep 1; ! ls -d $scope"
done
# The daemon as a service, by the units as they are installed, and the journal.
sh "$here/../../examples/install.sh" --prefix /usr >"$systemd/install" || cat "$systemd/install"
for unit in swiftboxd.service swiftboxd.socket; do
    inside mkdir "/run/systemd/system/$unit.d"
    printf '[Unit]\nDefaultDependencies=no\n' | inside tee "/run/systemd/system/$unit.d/bare.conf" >"$systemd/bare"
done
# The guest's own root is an overlay, and cannot be below another one.
mkdir -p /var/lib/swiftbox "$systemd/boxes"
inside mount --bind "$systemd/boxes" /var/lib/swiftbox
inside systemctl daemon-reload
inside systemctl start systemd-journald.service
pid() { inside swiftbox inspect --format '{{.State.Pid}}' web; }
check 'service: its socket' 0 '' inside systemctl start swiftboxd.socket
check 'service: whose it is' 0 'root:swiftbox 660' inside stat -c '%U:%G %a' /run/swiftbox/swiftbox.sock
check 'service: not there before somebody asks' 3 inactive inside systemctl is-active swiftboxd.service
check 'service: a client starts it' 0 'Kernel Version' inside docker -H unix:///run/swiftbox/swiftbox.sock info
check 'service: it says that it is ready' 0 'StatusText=Keeping boxes' inside systemctl show -p StatusText swiftboxd.service
check 'service: a box' 0 '^[0-9a-f]{64}' inside swiftbox run -d --name web --log-driver journald --rootfs "$bundle/rootfs" \
    sh -c 'echo from the box; sleep 1000'
await inside sh -c 'journalctl -q CONTAINER_NAME=web -o cat | grep -q .'
check 'service: the journal has what it wrote' 0 '^from the box' inside journalctl -q CONTAINER_NAME=web -o cat
first=$(pid)
check 'service: reload' 0 '' inside systemctl reload swiftboxd.service
check 'service: reloaded' 0 'configuration was read again' inside journalctl -q -u swiftboxd.service -o cat
check 'service: restart' 0 '' inside systemctl restart swiftboxd.service
check 'service: the box did not notice' 0 "^$first" pid
inside sh -c 'kill -9 $(systemctl show -p MainPID --value swiftboxd.service)'
check 'service: nor when it is killed' 0 "^$first" pid
check 'service: stop' 0 '' inside systemctl stop swiftboxd.socket swiftboxd.service
check 'service: the box lives on' 0 '' inside kill -0 "$first"
check 'service: start' 0 '' inside systemctl start swiftboxd.service
check 'service: and is found' 0 "^$first" pid
check 'service: removed' 0 web inside swiftbox rm -f web
check 'service: nothing was wrong' 1 '' inside sh -c 'journalctl -q -u swiftboxd.service -o cat | grep -E " (error|critical) "'
kill -KILL $manager
