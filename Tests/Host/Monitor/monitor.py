"""A client of the monitor's socket, for MonitorTests.swift: monitor.py RUNTIME STATE DIRECTORY BUNDLE CASE."""
import json, os, resource, socket, struct, subprocess, sys, time

runtime, state, directory, bundle, case = sys.argv[1:]
os.mkdir(directory, 0o700)
ready, written = os.pipe()
monitor = subprocess.Popen(
    (["setpriv", "--bounding-set=-audit_read"] if case == "denials" else []) + [
        runtime, "--root", state, "monitor", "--directory", directory, "--parent-ready-fd", str(written)],
    pass_fds=[written], stdin=subprocess.DEVNULL, stdout=subprocess.DEVNULL, start_new_session=True,
    preexec_fn=lambda: case == "crowd" and resource.setrlimit(resource.RLIMIT_NOFILE, (64, 64)))
os.close(written)
assert os.read(ready, 1), "the monitor does not listen"


def frame(kind, payload):
    return struct.pack(">B3xI", kind, len(payload)) + payload


def message(**members):
    return frame(16, json.dumps(members).encode())


class Client:
    def __init__(self):
        self.socket = socket.socket(socket.AF_UNIX)
        # With a time-out, connect() would not wait for room in the backlog.
        self.socket.connect(directory + "/control.sock")
        self.socket.settimeout(10)
        self.file = self.socket.makefile("rb")

    def next(self):
        head = self.file.read(8)
        return (head[0], self.file.read(struct.unpack(">I", head[4:])[0])) if len(head) == 8 else (None, b"")


def launch(**more):
    client = Client()
    client.socket.sendall(message(
        op="launch", id="monitored", config=bundle + "/config.json", bundle=bundle, log={"driver": "none"},
        stdin=True, stdin_once=True, **more))
    kind, answer = client.next()
    assert json.loads(answer)["ok"], answer
    return client


def attach(stderr=True):
    client = Client()
    client.socket.sendall(message(op="attach", stdin=False, stdout=True, stderr=stderr))
    assert json.loads(client.next()[1])["ok"]
    return client


if case == "early-input":
    client = Client()
    client.socket.sendall(
        message(op="attach", stdin=True, stdout=True, stderr=True) + frame(0, b"early\n") + frame(0, b""))
    assert json.loads(client.next()[1])["ok"]
    launch()
    output = b""
    while True:
        kind, payload = client.next()
        if kind is None:
            break
        output += payload
    assert output == b"early\n", output
elif case == "vanished":
    client = Client()
    client.socket.sendall(message(op="attach", stdin=True, stdout=True, stderr=True))
    assert json.loads(client.next()[1])["ok"]
    descriptors = "/proc/%d/fd" % monitor.pid
    before = len(os.listdir(descriptors))
    client.file.close()
    client.socket.close()
    end = time.monotonic() + 5
    while len(os.listdir(descriptors)) >= before:
        assert time.monotonic() < end, "the monitor does not notice that its client is gone"
        time.sleep(0.02)
    monitor.kill()
elif case == "crowd":
    first = launch()
    crowd = [Client() for _ in range(80)]
    time.sleep(0.3)
    assert monitor.poll() is None, "the monitor has ended"
    first.socket.sendall(message(op="status"))
    assert json.loads(first.next()[1])["id"] == "monitored"
    first.socket.sendall(message(op="kill", signal=9))
    monitor.wait(20)
    end = json.load(open(directory + "/exit.json"))
    assert (end["signal"], end["status"], end["reason"]) == (9, 137, "signaled"), end
elif case == "unwanted":
    os.close(ready)
    monitor.wait(5)
    assert not os.path.exists(directory), os.listdir(directory)
elif case == "left":
    client = Client()
    client.file.close()
    client.socket.close()
    monitor.wait(5)
    assert not os.path.exists(directory), os.listdir(directory)
elif case == "orphans":
    reader = attach()
    client = launch()
    init, orphan = map(int, reader.next()[1].split())

    def children():
        return set(map(int, open("/proc/%d/task/%d/children" % (monitor.pid, monitor.pid)).read().split()))

    end = time.monotonic() + 5
    while children() != {init, orphan}:
        assert time.monotonic() < end, (init, orphan, children())
        time.sleep(0.02)
    os.kill(orphan, 9)
    while children() != {init}:
        assert time.monotonic() < end, "the orphan is a zombie"
        time.sleep(0.02)
    client.socket.sendall(message(op="kill", signal=9))
elif case == "denials":
    launch(report=state + "/report")
    monitor.wait(20)
    report = json.load(open(state + "/report"))
    os.remove(state + "/report")
    assert report["status"] == "exited" and report["denials"] is None, report
    assert any("denied system calls cannot be counted" in warning for warning in report["warnings"]), report
elif case == "signal-all":
    # Its shell may tell of a sleep that was signalled.
    reader = attach(stderr=False)
    client = launch()
    assert reader.next()[1] == b"ready\n"
    client.socket.sendall(message(op="kill", signal=10, all=True))
    assert json.loads(client.next()[1])["ok"]
    heard = reader.next()
    assert heard[1] == b"heard\n", heard
monitor.wait(20)
print("as it should be")
