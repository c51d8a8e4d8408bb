#!/usr/bin/env python3
"""Plays hostile archives, and a hostile box, against docker cp and import: python3 archives.py SOCKET IMAGE DIRECTORY

The daemon takes archives of 64 MiB at most. DIRECTORY has a file `canary` that nothing may change.
"""
import functools, gzip, http.client, io, os, sys, tarfile, threading, time
import client

PATH, IMAGE, OUTSIDE = sys.argv[1:4]
docker = functools.partial(client.docker, PATH)


def pack(*entries):
    text = io.BytesIO()
    with tarfile.open(fileobj=text, mode="w", format=tarfile.PAX_FORMAT) as archive:
        for name, more in entries:
            entry = tarfile.TarInfo(name)
            data = more.pop("data", b"")
            for key, value in more.items():
                setattr(entry, key, value)
            entry.size = len(data)
            archive.addfile(entry, io.BytesIO(data))
    return text.getvalue()


def put(box, path, data, query=""):
    connection = client.Connection(PATH)
    connection.request("PUT", f"/v1.43/containers/{box}/archive?path={path}{query}", data)
    response = connection.getresponse()
    text = response.read()
    connection.close()
    return response.status, text


ATTACKS = [
    ("leads out of it", pack(("../../canary", {"data": b"x"}))),
    ("cannot unpack", pack(("l", {"type": tarfile.SYMTYPE, "linkname": "../" * 20 + OUTSIDE[1:]}), ("l/canary", {"data": b"x"}))),
    ("cannot unpack", pack(("h", {"type": tarfile.LNKTYPE, "linkname": OUTSIDE + "/canary"}))),
    ("cannot unpack", pack(("h", {"type": tarfile.LNKTYPE, "linkname": "../canary"}))),
    ("the archive cannot be read", pack(("f", {"data": b"x" * 5000}))[:3000]),
    ("the archive cannot be read", b"no archive at all" * 100),
]


def attacks(box="box"):
    for words, data in ATTACKS:
        status, text = put(box, "/tmp", data)
        assert status >= 400 and words.encode() in text, (words, status, text)
        for compressed in [data, gzip.compress(data)]:
            status, out, err = docker("import", "-", "evil:1", data=compressed)
            assert status != 0 and words in err, (words, status, out, err)
    assert docker("images", "-q", "evil")[1] == ""


def bombs():
    """A hundred times what is permitted, in three hundred kilobytes: refused, and nothing of it is left running."""
    zeros = gzip.compress(pack(("f", {"data": b"\0" * (200 << 20)})))
    behind = gzip.compress(pack(("f", {"data": b"x"})) + b"\0" * (200 << 20))
    for bomb in [zeros, behind]:
        status, out, err = docker("import", "-", "bomb:1", data=bomb)
        assert status != 0 and "longer than 67108864 bytes" in err and "limits.archive_size" in err, (out, err)
    assert docker("images", "-q", "bomb")[1] == ""


def pipes_and_kinds(box="box"):
    """What would block, and what may not take another's place."""
    assert docker("exec", box, "sh", "-c", "mkfifo /tmp/p; mkdir -p /tmp/d/e; echo f >/tmp/f")[0] == 0
    assert put(box, "/tmp", pack(("p", {"data": b"x"})))[0] == 200
    status, text = put(box, "/tmp", pack(("d", {"data": b"x"})), "&noOverwriteDirNonDir=1")
    assert status == 400 and b"cannot overwrite the directory" in text, (status, text)
    status, text = put(box, "/tmp", pack(("f", {"type": tarfile.DIRTYPE})), "&noOverwriteDirNonDir=1")
    assert status == 400 and b"with a directory" in text, (status, text)
    assert docker("exec", box, "mkfifo", "/tmp/q")[0] == 0
    copied = docker("cp", f"{box}:/tmp", "-", binary=True)[1]
    assert tarfile.open(fileobj=io.BytesIO(copied)).getmember("tmp/q").isfifo()
    assert put(box, "/none", pack())[0] == 404 and put("nobody", "/tmp", pack())[0] == 404
    assert client.request(PATH, "GET", f"/containers/{box}/archive?path=/none")[0] == 404


def races():
    """A box swaps what is copied for links, as fast as it can, while files are copied to it and from it."""
    swap = (f"mkdir -p /s/real; cd /s; while :; do ln -sfn {'../' * 8}{OUTSIDE[1:]} l; mv -T l d 2>/dev/null; rm -f d; mkdir d; "
            "echo x >d/f; rm d/f; ln -s /secret d/f; rm -rf d; done")
    status, out, err = docker("run", "-d", "--name", "racer", "--network", "none", IMAGE, "sh", "-c",
                              f"echo secret >/secret; chmod 600 /secret; {swap}")
    assert status == 0, err
    data = pack(("d", {"type": tarfile.DIRTYPE, "mode": 0o777}), ("d/f", {"data": b"raced", "mode": 0o666}))
    for _ in range(60):
        put("racer", "/s", data)
        try:
            client.request(PATH, "GET", "/containers/racer/archive?path=/s/d")
        except http.client.HTTPException:
            # What was gone in the middle of the archive breaks it off.
            pass
    mode = docker("exec", "racer", "busybox", "stat", "-c", "%a", "/secret")[1]
    assert mode == "600\n", mode
    assert docker("rm", "-f", "racer")[0] == 0


def too_many_at_a_time():
    """Whoever does not read an export neither holds up the box nor keeps others from working."""
    status, out, err = docker("run", "-d", "--name", "big", "--network", "none", IMAGE, "sh", "-c",
                              "dd if=/dev/zero of=/big bs=1M count=16; sleep 1000")
    assert status == 0, err
    import socket
    lazy = []
    for _ in range(4):
        raw = socket.socket(socket.AF_UNIX)
        raw.connect(PATH)
        raw.sendall(b"GET /containers/big/export HTTP/1.1\r\nHost: d\r\n\r\n")
        assert b" 200 " in raw.recv(100)
        lazy.append(raw)
    status, text = client.request(PATH, "GET", "/containers/big/changes")
    assert status == 503 and b"too many archives" in text, (status, text)
    assert docker("exec", "big", "true")[0] == 0
    for raw in lazy:
        raw.close()
    deadline = time.monotonic() + 10
    while client.request(PATH, "GET", "/containers/big/changes")[0] == 503 and time.monotonic() < deadline:
        time.sleep(0.05)
    status, text = client.request(PATH, "GET", "/containers/big/changes")
    assert status == 200 and b'"/big"' in text, (status, text)
    assert docker("rm", "-f", "big")[0] == 0


assert docker("run", "-d", "--name", "box", "--network", "none", IMAGE, "sleep", "1000")[0] == 0
client.attempt(attacks, bombs, pipes_and_kinds, races, too_many_at_a_time)
assert docker("rm", "-f", "box")[0] == 0
assert os.listdir(OUTSIDE) == ["canary"] and open(OUTSIDE + "/canary").read() == "secret\n"
print("all as they should be")
