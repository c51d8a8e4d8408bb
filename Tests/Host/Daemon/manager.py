"""A service manager for one daemon, as systemd is one (sd_listen_fds(3), sd_notify(3)), for ServiceManagerTests.swift:
manager.py SWIFTBOXD DIRECTORY."""
import os, signal, socket, sys

sys.path.append(os.path.join(os.path.dirname(os.path.abspath(__file__)), "../../API"))
import client

program, directory = sys.argv[1:]
configuration, errors, api = directory + "/daemon.yaml", directory + "/errors", directory + "/api.sock"
notified = socket.socket(socket.AF_UNIX, socket.SOCK_DGRAM)
notified.bind(directory + "/notify")
notified.settimeout(20)
listener = socket.socket(socket.AF_UNIX)
listener.bind(api)
listener.listen()


def configure(text):
    with open(configuration, "w") as file:
        file.write("prepared_monitors: 0\n" + text)


def start():
    pid = os.fork()
    if pid:
        return pid
    os.dup2(os.open(errors, os.O_WRONLY | os.O_CREAT | os.O_APPEND), 2)
    os.dup2(listener.fileno(), 3)
    os.set_inheritable(3, True)
    os.execve(program, [program, "--config", configuration, "--root", directory + "/lib", "--run", directory + "/run"], {
        "PATH": "/usr/bin:/bin", "LISTEN_PID": str(os.getpid()), "LISTEN_FDS": "1", "NOTIFY_SOCKET": directory + "/notify"})


def told():
    return notified.recv(4096).decode().split("\n")


def privileged():
    status, text = client.request(api, "POST", "/containers/create?name=p", {
        "Image": "host", "Cmd": ["true"], "HostConfig": {"NetworkMode": "none", "Privileged": True}})
    if status == 201:
        assert client.request(api, "DELETE", "/containers/p")[0] == 204
    return status


def reload(text):
    configure(text)
    os.kill(daemon, signal.SIGHUP)
    first = told()
    assert first[0] == "RELOADING=1" and first[1].startswith("MONOTONIC_USEC=") and int(first[1][15:]) > 0, first
    assert told() == ["READY=1"]
    return open(errors).read()


configure("policy: {privileged: false}\n")
early = client.Connection(api)
# Who asks before there is a daemon waits for it.
early.request("GET", "/_ping")
daemon = start()
ready = told()
assert ready[0] == "READY=1", ready
assert early.getresponse().read() == b"OK"
assert privileged() == 403
assert "read again" in reload("policy: {privileged: true}\n")
assert privileged() == 201
assert "hold" not in open(errors).read()
log = reload("policy: {privileged: yes please}\n")
assert "stays as it was" in log and "policy.privileged" in log, log
assert privileged() == 201
log = reload("group: nobody\nmetrics_address: 127.0.0.1:1\nlimits: {streams: 5, archive_size: 1g}\n")
assert "from the next start on: group, metrics_address, limits" in log, log
assert privileged() == 403
os.kill(daemon, signal.SIGTERM)
assert told() == ["STOPPING=1"]
assert os.waitpid(daemon, 0)[1] == 0
# The socket is the manager's, and so is who connects until the next start.
early = client.Connection(api)
early.request("GET", "/_ping")
daemon = start()
assert told()[0] == "READY=1"
assert early.getresponse().read() == b"OK"
os.kill(daemon, signal.SIGTERM)
assert os.waitpid(daemon, 0)[1] == 0
print("as it should be")
