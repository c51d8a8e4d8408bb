#!/usr/bin/env python3
"""Speaks HTTP as no well-behaved client does, and looks whether others notice: python3 manners.py SOCKET IMAGE STREAMS TIMEOUT

The last two are the daemon's `limits.streams` and `limits.client_timeout`.
"""
import json, select, socket, struct, sys, threading, time
import client

PATH, IMAGE, STREAMS, TIMEOUT = sys.argv[1], sys.argv[2], int(sys.argv[3]), int(sys.argv[4])


def connect():
    raw = socket.socket(socket.AF_UNIX)
    raw.settimeout(20)
    raw.connect(PATH)
    return raw


def until(raw, text):
    received = b""
    while text not in received:
        more = raw.recv(65536)
        if not more:
            break
        received += more
    return received


def create(command, **more):
    body = {"Image": IMAGE, "Cmd": command, "HostConfig": {"NetworkMode": "none"}, **more}
    status, text = client.request(PATH, "POST", "/containers/create", body)
    assert status == 201, text
    return json.loads(text)["Id"]


def remove(box):
    assert client.request(PATH, "DELETE", f"/containers/{box}?force=1")[0] == 204


def two_requests_at_once():
    raw = connect()
    raw.sendall(b"GET /_ping HTTP/1.1\r\nHost: d\r\n\r\nGET /v1.40/_ping HTTP/1.1\r\nHost: d\r\nConnection: close\r\n\r\n")
    answer = b""
    while more := raw.recv(65536):
        answer += more
    assert answer.count(b"HTTP/1.1 200 OK") == 2 and answer.endswith(b"OK"), answer


def old_http():
    raw = connect()
    raw.sendall(b"GET /_ping HTTP/1.0\r\n\r\n")
    assert until(raw, b"\r\n\r\nOK").endswith(b"OK")


def no_http():
    raw = connect()
    raw.sendall(b"\x16\x03\x01 hello\r\n\r\n")
    assert b"400" in until(raw, b"\r\n\r\n")


def versions():
    assert client.request(PATH, "GET", "/_ping")[0] == 200
    for uri, word in [("/v1.99/_ping", b"too new"), ("/v1.1/_ping", b"too old")]:
        raw = connect()
        raw.sendall(f"GET {uri} HTTP/1.1\r\nHost: d\r\n\r\n".encode())
        answer = until(raw, b"}")
        assert b" 400 " in answer and word in answer, answer


def unknown_endpoints():
    for method, uri in [("GET", "/swarm"), ("POST", "/build"), ("GET", "/nodes"), ("POST", "/session")]:
        status, text = client.request(PATH, method, uri)
        assert status == 501 and json.loads(text)["message"], (uri, status, text)


def too_large_a_body():
    raw = connect()
    raw.sendall(b"POST /containers/create HTTP/1.1\r\nHost: d\r\nContent-Length: 9000000\r\n\r\n")

    def send():
        try:
            raw.sendall(b" " * 9000000)
        except OSError:
            pass

    threading.Thread(target=send, daemon=True).start()
    assert b" 413 " in until(raw, b"}")


def refusals():
    host = [
        ("PortBindings", {"80/tcp": [{"HostPort": "80"}]}), ("NetworkMode", "mine"), ("PidMode", "host"),
        ("VolumesFrom", ["x"]), ("Binds", ["named:/x"]), ("Links", ["a:b"]), ("Dns", ["1.1.1.1"]), ("Novelty", 1),
        ("MaskedPaths", []), ("CpuRealtimeRuntime", 5), ("DeviceRequests", [{"Count": 1}]),
    ]
    for field, value in host:
        status, text = client.request(PATH, "POST", "/containers/create", {"Image": IMAGE, "HostConfig": {field: value}})
        assert status == 501 and f"HostConfig.{field}" in json.loads(text)["message"], (field, status, text)
    for field, value in [("MacAddress", "02:00:00:00:00:01"), ("Domainname", "d"), ("Volumes", {"/x": {}}), ("Odd", 1)]:
        status, text = client.request(PATH, "POST", "/containers/create", {"Image": IMAGE, field: value})
        assert status == 501 and field in json.loads(text)["message"], (field, status, text)
    status, text = client.request(PATH, "POST", "/containers/create", {"Image": IMAGE, "HostConfig": {"Memory": "much"}})
    assert status == 400 and "HostConfig.Memory" in json.loads(text)["message"], text


def clients_that_do_not_read():
    box = create(["sh", "-c", "while true; do echo 0123456789012345678901234567890123456789; done"])
    lazy = [connect() for _ in range(8)]
    for raw in lazy:
        raw.sendall(f"POST /containers/{box}/attach?stream=1&stdout=1 HTTP/1.1\r\nHost: d\r\n"
                    "Connection: Upgrade\r\nUpgrade: tcp\r\n\r\n".encode())
        assert b"101 UPGRADED" in until(raw, b"\r\n\r\n")
    assert client.request(PATH, "POST", f"/containers/{box}/start")[0] == 204
    time.sleep(0.5)
    start = time.monotonic()
    for _ in range(50):
        assert client.request(PATH, "GET", f"/containers/{box}/json")[0] == 200
    assert time.monotonic() - start < 5
    good = connect()
    good.sendall(f"GET /containers/{box}/logs?follow=1&stdout=1&tail=1 HTTP/1.1\r\nHost: d\r\n\r\n".encode())
    assert until(good, b"0123456789\n")
    for raw in lazy + [good]:
        raw.close()
    remove(box)


def halves():
    """The end of the input reaches the box, whose output still comes; in the older form of the takeover too."""
    for upgrade, first in [("Connection: Upgrade\r\nUpgrade: tcp\r\n", b"101 UPGRADED"), ("", b"200 OK")]:
        box = create(["cat"], OpenStdin=True, StdinOnce=True)
        raw = connect()
        raw.sendall(f"POST /v1.41/containers/{box}/attach?stream=1&stdin=1&stdout=1 HTTP/1.1\r\nHost: d\r\n{upgrade}\r\n".encode())
        assert first in until(raw, b"\r\n\r\n")
        assert client.request(PATH, "POST", f"/containers/{box}/start")[0] == 204
        raw.sendall(b"to and fro\n")
        raw.shutdown(socket.SHUT_WR)
        assert until(raw, b"fro\n").endswith(b"\x01\0\0\0\0\0\0\x0bto and fro\n")
        assert raw.recv(10) == b""
        status, text = client.request(PATH, "POST", f"/containers/{box}/wait")
        assert json.loads(text)["StatusCode"] == 0
        remove(box)


def runs_in_one_request():
    """The box's output and the daemon's word in frames; what does not start says its status and leaves nothing."""
    def run(query, options, input=b""):
        raw = connect()
        body = json.dumps({"image": IMAGE, **options}).encode()
        raw.sendall(f"POST /swiftbox/boxes/run{query} HTTP/1.1\r\nHost: d\r\nConnection: Upgrade\r\nUpgrade: tcp\r\n"
                    f"Content-Length: {len(body)}\r\n\r\n".encode() + body + input)
        if input:
            raw.shutdown(socket.SHUT_WR)
        answer = b""
        while more := raw.recv(65536):
            answer += more
        head, _, rest = answer.partition(b"\r\n\r\n")
        return head, rest

    def frames(rest):
        found = []
        while rest:
            length = int.from_bytes(rest[4:8], "big")
            found.append((rest[0], rest[8:8 + length]))
            rest = rest[8 + length:]
        return found

    options = {"COMMAND": ["sh", "-c", "cat; echo err >&2; exit 7"], "interactive": True}
    head, rest = run("?name=one", {"options": options, "open_stdin": True, "stdin_once": True, "auto_remove": True}, b"in")
    assert b"101 UPGRADED" in head and b"\r\nSwiftbox-Id: " in head, (head, rest)
    told = frames(rest)
    assert [f for f in told if f[0] == 1] == [(1, b"in")] and [f for f in told if f[0] == 2] == [(2, b"err\n")], told
    assert told[-1][0] == 3 and json.loads(told[-1][1]) == {"StatusCode": 7}, told
    # A terminal's output, too.
    head, rest = run("", {"options": {"COMMAND": ["echo", "x"], "tty": True}, "auto_remove": True})
    assert [f for f in frames(rest) if f[0] == 1] == [(1, b"x\n")], rest
    for command, status in [(["no-such"], 127), (["/etc"], 126)]:
        for query in ["", "?detach=1"]:
            head, rest = run(query, {"options": {"COMMAND": command}})
            answer = json.loads(rest)
            assert b" 4" in head[:13] or b" 5" in head[:13], head
            assert answer["exitStatus"] == status and answer["message"], answer
    head, rest = run("?detach=1&name=two", {"options": {"COMMAND": ["sleep", "100"]}})
    assert b" 201 " in head and len(json.loads(rest)["Id"]) == 64, (head, rest)
    head, rest = run("?name=two", {"options": {"COMMAND": ["true"]}})
    assert b" 409 " in head, head
    left = json.loads(client.request(PATH, "GET", "/containers/json?all=1")[1])
    assert [box["Names"] for box in left] == [["/two"]], left
    remove("two")


def waits_answer_at_once():
    box = create(["sleep", "1000"])
    for condition in ["not-running", "next-exit", "removed"]:
        raw = connect()
        raw.sendall(f"POST /containers/{box}/wait?condition={condition} HTTP/1.1\r\nHost: d\r\n\r\n".encode())
        start = time.monotonic()
        assert b"200 OK" in until(raw, b"\r\n\r\n") and time.monotonic() - start < 2, condition
        raw.close()
    status, text = client.request(PATH, "POST", f"/containers/{box}/wait?condition=soon")
    assert status == 400, text
    remove(box)


def too_many_streams():
    """One more than there may be is told so, and those that have gone make room again."""
    for _ in range(2):
        streams = []
        for number in range(STREAMS + 1):
            raw = connect()
            raw.sendall(b"GET /events HTTP/1.1\r\nHost: d\r\n\r\n")
            answer = until(raw, b"\r\n\r\n")
            assert (b" 503 " if number == STREAMS else b" 200 ") in answer, (number, answer)
            streams.append(raw)
        assert client.request(PATH, "GET", "/_ping")[0] == 200
        for raw in streams:
            raw.close()
        time.sleep(0.5)


def extremes():
    """Numbers that only just are some."""
    script = "trap exit TERM; echo ready; while :; do sleep 0.05; done"
    for number in [2**63 - 1, 2**62, -2**63]:
        box = create(["sh", "-c", script], StopTimeout=number)
        assert client.request(PATH, "POST", f"/containers/{box}/start")[0] == 204
        good = connect()
        good.sendall(f"GET /containers/{box}/logs?follow=1&stdout=1 HTTP/1.1\r\nHost: d\r\n\r\n".encode())
        assert b"ready" in until(good, b"ready\n")
        good.close()
        assert client.request(PATH, "POST", f"/containers/{box}/stop?t={number}")[0] == 204, number
        assert client.request(PATH, "POST", f"/containers/{box}/start")[0] == 204
        remove(box)


def daemon_pid():
    raw = connect()
    pid = struct.unpack("3i", raw.getsockopt(socket.SOL_SOCKET, socket.SO_PEERCRED, 12))[0]
    raw.close()
    return pid


def daemon_memory():
    """Bytes that are resident."""
    for line in open(f"/proc/{daemon_pid()}/status"):
        if line.startswith("VmRSS:"):
            return int(line.split()[1]) * 1024


def program_pages():
    """KiB of the daemon's own code that are mapped."""
    found, counts = 0, False
    for line in open(f"/proc/{daemon_pid()}/smaps"):
        words = line.split()
        if "-" in words[0]:
            counts = words[1] == "r-xp" and words[-1].endswith("/swiftboxd")
        elif words[0] == "Rss:" and counts:
            found += int(words[1])
    return found


def memory_of_a_crowd():
    """When a crowd is over, what it took is given back."""
    box = create(["sleep", "1000"])
    assert client.request(PATH, "POST", f"/containers/{box}/start")[0] == 204
    crowd = [connect() for _ in range(24)]
    for raw in crowd:
        raw.sendall(f"POST /containers/{box}/wait HTTP/1.1\r\nHost: d\r\n\r\n".encode())
        assert b"200 OK" in until(raw, b"\r\n\r\n")
    for uri in ["/info", "/system/df", "/containers/json?all=1", f"/containers/{box}/json", "/metrics"]:
        client.request(PATH, "GET", uri)
    before = program_pages()
    assert client.request(PATH, "POST", f"/containers/{box}/kill")[0] == 204
    for raw in crowd:
        until(raw, b"StatusCode")
        raw.close()
    end = time.monotonic() + 5
    while program_pages() > before * 2 / 3:
        assert time.monotonic() < end, (before, program_pages())
        time.sleep(0.05)
    remove(box)


def closed(raw, seconds):
    """Whether the daemon closes the connection within the time, while nobody reads from it."""
    poll = select.poll()
    poll.register(raw, select.POLLRDHUP)
    return bool(poll.poll(seconds * 1000))


def clients_that_stop():
    """Who takes nothing, or does not end what it began, loses the connection; who has nothing to take does not."""
    before = daemon_memory()
    box = create(["sh", "-c", "while true; do echo 0123456789012345678901234567890123456789; done"])
    quiet = create(["sleep", "1000"])
    for one in [box, quiet]:
        assert client.request(PATH, "POST", f"/containers/{one}/start")[0] == 204
    takeover = "Connection: Upgrade\r\nUpgrade: tcp\r\n"
    lazy, patient = [], []
    for kept, text in [
        (lazy, f"GET /containers/{box}/logs?follow=1&stdout=1 HTTP/1.1\r\nHost: d\r\n\r\n"),
        (lazy, f"POST /containers/{box}/attach?stream=1&stdout=1 HTTP/1.1\r\nHost: d\r\n{takeover}\r\n"),
        (lazy, f"GET /containers/{box}/export HTTP/1.1\r\nHost: d\r\n\r\n"),
        (lazy, "POST /containers/create HTTP/1.1\r\nHost: d\r\nContent-Length: 100\r\n\r\n{"),
        (lazy, f"PUT /containers/{quiet}/archive?path=/ HTTP/1.1\r\nHost: d\r\nContent-Length: 10240\r\n\r\nabc"),
        (lazy, "GET /_ping HT"), (lazy, ""),
        (patient, f"GET /containers/{quiet}/logs?follow=1&stdout=1 HTTP/1.1\r\nHost: d\r\n\r\n"),
        (patient, f"POST /containers/{quiet}/attach?stream=1&stdout=1 HTTP/1.1\r\nHost: d\r\n{takeover}\r\n"),
        (patient, "GET /events HTTP/1.1\r\nHost: d\r\n\r\n"),
        (patient, f"POST /containers/{quiet}/wait HTTP/1.1\r\nHost: d\r\n\r\n"),
    ]:
        raw = connect()
        raw.sendall(text.encode())
        kept.append((raw, text))
    for raw, text in lazy:
        assert closed(raw, 10 * TIMEOUT), text
        raw.close()
    for raw, text in patient:
        assert not closed(raw, 0), text
        raw.close()
    assert daemon_memory() - before < 64 << 20
    for one in [box, quiet]:
        remove(one)


client.attempt(
    extremes, two_requests_at_once, old_http, no_http, versions, unknown_endpoints, too_large_a_body, refusals,
    runs_in_one_request, memory_of_a_crowd, waits_answer_at_once, halves, clients_that_do_not_read, clients_that_stop, too_many_streams)
print("all as they should be")
