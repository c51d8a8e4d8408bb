#!/usr/bin/env python3
"""What programs do with Docker's library for Python: python3 docker_py.py SOCKET IMAGE"""
import io, sys, tarfile, time
import docker

client = docker.DockerClient(base_url="unix://" + sys.argv[1], version="auto")
image = sys.argv[2]
assert client.ping() and client.version()["ApiVersion"] == "1.43"
assert client.containers.run(image, ["echo", "hello"], network_mode="none", remove=True) == b"hello\n"
try:
    client.containers.run(image, ["sh", "-c", "exit 3"], network_mode="none", remove=True)
    assert False
except docker.errors.ContainerError as error:
    assert error.exit_status == 3

box = client.containers.run(
    image, ["sh", "-c", "while true; do echo tick; sleep 1; done"], network_mode="none", detach=True, name="py",
    labels={"a": "b"}, environment={"X": "y"})
box.reload()
assert box.status == "running" and "X=y" in box.attrs["Config"]["Env"], box.attrs
code, (out, err) = box.exec_run(["sh", "-c", "echo $X; echo e >&2; exit 2"], demux=True)
assert (code, out, err) == (2, b"y\n", b"e\n")
# Sessions that have ended make room for others.
sessions = [client.api.exec_create(box.id, ["true"])["Id"] for _ in range(10)]
for session in sessions:
    client.api.exec_start(session, detach=True)
for _ in range(1020):
    client.api.exec_create(box.id, ["true"])
pipe = box.exec_run("cat", stdin=True, socket=True).output
pipe._sock.sendall(b"abc\n")
assert pipe._sock.recv(100)[8:] == b"abc\n"
pipe._sock.close()
assert box.stats(stream=False)["name"] == "/py"
assert any("sleep" in word for row in box.top()["Processes"] for word in row)
assert next(box.logs(stream=True, follow=True, stderr=False)) == b"tick\n"

text = io.BytesIO()
with tarfile.open(fileobj=text, mode="w") as archive:
    entry = tarfile.TarInfo("hello")
    entry.size = 3
    archive.addfile(entry, io.BytesIO(b"abc"))
assert box.put_archive("/tmp", text.getvalue())
bits, stat = box.get_archive("/tmp/hello")
assert stat["size"] == 3
assert tarfile.open(fileobj=io.BytesIO(b"".join(bits))).extractfile("hello").read() == b"abc"

assert {"Path": "/tmp/hello", "Kind": 1} in box.diff()

box.rename("other")
assert [one.name for one in client.containers.list(filters={"label": "a=b"})] == ["other"]
box.stop(timeout=0)
assert box.wait()["StatusCode"] == 137
box.remove()
assert client.images.get(image).tags and {one.name for one in client.networks.list()} == {"none", "host"}
try:
    client.containers.create(image, ports={"80/tcp": 80})
    assert False
except docker.errors.APIError as error:
    assert error.status_code == 501 and "HostConfig.PortBindings" in error.explanation
print("all as it should be")
