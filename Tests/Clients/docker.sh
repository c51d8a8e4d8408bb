# shellcheck shell=sh disable=SC2154,SC2016
# Docker's engine and CLI; no bridge, since this is about the runtime.
dockerd --add-runtime "swiftbox=$runtime" --default-runtime swiftbox --iptables=false --ip6tables=false --bridge=none \
    --data-root "$work/docker/data" --exec-root "$work/docker/exec" -H "unix://$work/docker.sock" -p "$work/docker.pid" \
    >"$work/docker.log" 2>&1 &
engine=$!
docker() { /usr/bin/docker -H "unix://$work/docker.sock" "$@"; }
await docker version
docker import "$work/image.tar" image >/dev/null
box='run --rm --network none'
# shellcheck disable=SC2086
{
    check 'docker: exit status' 42 'out' docker $box image sh -c 'echo out; exit 42'
    check 'docker: command not found' 127 'no such file' docker $box image nothing
    check 'docker: command not executable' 126 'permission denied' docker $box image /etc/passwd
    check 'docker: limits' 0 '52428800.20.50000 100000' docker $box -m 50m --pids-limit 20 --cpus 0.5 image \
        cat /sys/fs/cgroup/memory.max /sys/fs/cgroup/pids.max /sys/fs/cgroup/cpu.max
    check 'docker: confined by AppArmor' 0 'docker-default' docker $box image cat /proc/self/attr/current
    check 'docker: read-only with an init' 0 'ok' docker $box --read-only --tmpfs /tmp image \
        sh -c 'touch /x; touch /tmp/x && echo ok'
    check 'docker: privileged, on the host network' 0 'vda' docker run --rm --privileged --network host image ls /dev
    check 'docker: detached' 0 '' docker run -d --name box --network none image sleep 1000
    check 'docker: exec' 7 'uid=1000' docker exec -u 1000 box sh -c 'id; exit 7'
    check 'docker: pause' 0 '' docker pause box
    check 'docker: unpause' 0 '' docker unpause box
    check 'docker: update' 0 '' docker update -m 64m --memory-swap 64m box
    check 'docker: updated' 0 '67108864' docker exec box cat /sys/fs/cgroup/memory.max
    check 'docker: stop' 0 '' docker stop -t 1 box
    check 'docker: started again' 0 '' docker start box
    check 'docker: removed' 0 '' docker rm -f box
}
kill $engine
wait $engine
