#!/usr/bin/env python3
"""Loads and imports images by docker's client, good ones and others: python3 images.py SOCKET ROOTFS.tar"""
import functools, gzip, hashlib, io, json, os, sys, tarfile, tempfile
import client

docker = functools.partial(client.docker, sys.argv[1])
ROOTFS = open(sys.argv[2], "rb").read()
ARCHITECTURE = {"x86_64": "amd64", "aarch64": "arm64"}[os.uname().machine]


def digest(data):
    return hashlib.sha256(data).hexdigest()


def pack(files):
    text = io.BytesIO()
    with tarfile.open(fileobj=text, mode="w") as archive:
        for name, data in files.items():
            entry = tarfile.TarInfo(name)
            if isinstance(data, str):
                entry.type, entry.linkname = tarfile.SYMTYPE, data
                archive.addfile(entry)
            else:
                entry.size = len(data)
                archive.addfile(entry, io.BytesIO(data))
    return text.getvalue()


def config(layers, **more):
    return json.dumps({
        "architecture": ARCHITECTURE, "os": "linux", "created": "2024-01-02T03:04:05Z",
        "config": {"Cmd": ["echo", "loaded"], "Entrypoint": None, "Env": ["A=1"], "Labels": None},
        "rootfs": {"type": "layers", "diff_ids": ["sha256:" + digest(layer) for layer in layers]}, **more}).encode()


def saved(layers, tags=("saved:1",), count=1, **more):
    """As docker save made it before it made OCI layouts."""
    text = config(layers, **more)
    files = {digest(text) + ".json": text}
    for number, layer in enumerate(layers):
        files[f"{number}/layer.tar"] = layer
    manifest = [{"Config": digest(text) + ".json", "RepoTags": list(tags) or None,
                 "Layers": [f"{number}/layer.tar" for number in range(len(layers))]}] * count
    return {**files, "manifest.json": json.dumps(manifest).encode()}


def laid_out(layers, kind="tar", name="laid:1", wrap=lambda layer: layer, nested=False):
    blobs = {}

    def blob(data, media):
        blobs["blobs/sha256/" + digest(data)] = data
        return {"mediaType": "application/vnd.oci.image." + media, "digest": "sha256:" + digest(data), "size": len(data)}

    manifest = {"schemaVersion": 2, "config": blob(config(layers), "config.v1+json"),
                "layers": [blob(wrap(layer), "layer.v1." + kind) for layer in layers]}
    entry = blob(json.dumps(manifest).encode(), "manifest.v1+json")
    if nested:
        statement = {**blob(b"{}", "manifest.v1+json"), "platform": {"os": "unknown", "architecture": "unknown"}}
        entry = blob(json.dumps({"manifests": [entry, statement]}).encode(), "index.v1+json")
    entry["annotations"] = {"io.containerd.image.name": "docker.io/library/" + name}
    return {**blobs, "oci-layout": b'{"imageLayoutVersion":"1.0.0"}',
            "index.json": json.dumps({"schemaVersion": 2, "manifests": [entry]}).encode()}


def loads(files, name):
    status, out, err = docker("load", data=pack(files))
    assert status == 0 and f"Loaded image: {name}" in out, (out, err)
    status, out, err = docker("run", "--rm", "--network", "none", name)
    assert (status, out) == (0, "loaded\n"), (out, err)
    assert docker("rmi", name)[0] == 0


def refused(files, words):
    before = docker("images", "-q")[1]
    status, out, err = docker("load", data=files if isinstance(files, bytes) else pack(files))
    assert status != 0 and words in err, (words, status, out, err)
    assert docker("images", "-q")[1] == before


def good_ones():
    loads(saved([ROOTFS]), "saved:1")
    loads(saved([gzip.compress(ROOTFS)], rootfs={}), "saved:1")
    loads(laid_out([ROOTFS]), "laid:1")
    loads(laid_out([ROOTFS], "tar+gzip", wrap=gzip.compress), "laid:1")
    loads(laid_out([ROOTFS], nested=True), "laid:1")
    # Both in one, as docker save makes it now.
    loads({**laid_out([ROOTFS]), **saved([ROOTFS], tags=["both:1"])}, "both:1")
    status, out, err = docker("load", data=gzip.compress(pack(saved([ROOTFS], tags=()))))
    assert status == 0 and "Loaded image ID: sha256:" in out, (out, err)
    assert docker("rmi", out.split()[-1])[0] == 0


def what_has_no_meaning_is_told():
    files = saved([ROOTFS], config={"Cmd": ["echo", "loaded"], "Healthcheck": {"Test": ["CMD", "true"]}, "Volumes": {"/x": {}}})
    status, out, err = docker("load", data=pack(files))
    assert status == 0 and "warning: Healthcheck" in out and "warning: Volumes" in out, (out, err)
    assert docker("rmi", "saved:1")[0] == 0


def others():
    more = pack({"f": b"x"})
    refused(saved([ROOTFS, more]), "the image has 2 layers; images of one layer can be loaded")
    refused(laid_out([ROOTFS, more]), "the image has 2 layers; images of one layer can be loaded")
    refused(saved([ROOTFS], count=2), "the archive holds 2 images")
    refused(saved([ROOTFS], architecture="mips"), 'the image is for "mips"')
    refused(saved([ROOTFS], rootfs={"diff_ids": ["sha256:" + "0" * 64]}), "is not the one that its configuration names")
    broken = laid_out([ROOTFS])
    for name in broken:
        if name.startswith("blobs") and broken[name].startswith(b'{"schemaVersion'):
            broken[name] += b" "
    refused(broken, "is not what its digest says")
    refused(ROOTFS, "neither manifest.json nor index.json")
    refused(pack({"manifest.json": "/etc/passwd"}), 'has no file "manifest.json"')
    refused({**saved([ROOTFS]), "0/layer.tar": "/etc/passwd"}, 'has no file "0/layer.tar"')
    refused({"manifest.json": b'[{"Config":"../../../../etc/passwd","Layers":["x"]}]'}, "has no file")
    refused({"manifest.json": b"[[["}, "manifest.json of the archive is no JSON")
    refused({"index.json": b'{"manifests":[{"digest":"sha256:../../x"}]}'}, "is none of SHA-256")
    refused(saved([ROOTFS], tags=["a b"]), "a b")
    refused(pack(saved([ROOTFS]))[:20000], "")
    refused(saved([pack({"../x": b"x"})]), "leads out of it")


def attributes_travel():
    """Capabilities of a program and users' attributes, through import, a box and back; an overlay's and SELinux's do not."""
    capability = b"\1\0\0\2\0\4\0\0\0\0\0\0\0\0\0\0\0\0\0\0"
    text = io.BytesIO(ROOTFS)
    with tarfile.open(fileobj=text, mode="a", format=tarfile.PAX_FORMAT) as archive:
        entry = tarfile.TarInfo("capped")
        entry.pax_headers = {
            "SCHILY.xattr.security.capability": capability.decode("utf-8", "surrogateescape"),
            "SCHILY.xattr.user.note": "for me", "SCHILY.xattr.trusted.overlay.opaque": "y",
            "SCHILY.xattr.security.selinux": "u:r:t:s0", "comment": "behind them",
        }
        archive.addfile(entry)
    status, out, err = docker("import", "-", "capped:1", data=text.getvalue())
    assert status == 0, err
    assert docker("create", "--name", "capped", "--network", "none", "capped:1", "true")[0] == 0
    for start in [False, True]:
        if start:
            assert docker("start", "-a", "capped")[0] == 0
        copied = docker("cp", "capped:/capped", "-", binary=True)[1]
        found = tarfile.open(fileobj=io.BytesIO(copied)).getmember("capped").pax_headers
        assert found["SCHILY.xattr.user.note"] == "for me", found
        value = found["SCHILY.xattr.security.capability"].encode("utf-8", "surrogateescape")
        assert value == capability, (value, found)
        assert not any("overlay" in key or "selinux" in key for key in found), found
    # Into a box, and out again.
    assert docker("cp", "-", "capped:/tmp", data=copied)[0] == 0
    copied = docker("cp", "capped:/tmp/capped", "-", binary=True)[1]
    found = tarfile.open(fileobj=io.BytesIO(copied)).getmember("capped").pax_headers
    assert "SCHILY.xattr.security.capability" in found and "SCHILY.xattr.user.note" in found, found
    assert docker("rm", "-f", "capped")[0] == 0 and docker("rmi", "capped:1")[0] == 0


def export_is_import():
    assert docker("run", "--name", "e", "--network", "none", "box", "sh", "-c", "echo kept >/kept; ln /kept /also")[0] == 0
    status, exported, err = docker("export", "e", binary=True)
    names = tarfile.open(fileobj=io.BytesIO(exported)).getnames()
    assert {"kept", "also", "bin/busybox"} <= set(names), (err, names[:20])
    assert docker("import", "-", "again:1", data=exported)[0] == 0
    status, out, err = docker("run", "--rm", "--network", "none", "again:1", "cat", "/also")
    assert out == "kept\n", (out, err)
    assert docker("rm", "e")[0] == 0 and docker("rmi", "again:1")[0] == 0
    # Of one that runs, its root file system alone: mounts are empty, as in docker's.
    assert docker("run", "-d", "--name", "e", "--network", "none", "--tmpfs", "/data", "box", "sh", "-c",
                  "echo kept >/kept; echo lost >/data/lost; sleep 1000")[0] == 0
    status, exported, err = docker("export", "e", binary=True)
    names = tarfile.open(fileobj=io.BytesIO(exported)).getnames()
    assert status == 0 and {"data", "proc", "dev"} <= set(names), (err, names[:20])
    assert not [name for name in names if name.startswith(("proc/", "data/", "sys/", "dev/"))], names
    assert docker("rm", "-f", "e")[0] == 0


client.attempt(good_ones, what_has_no_meaning_is_told, others, attributes_travel, export_is_import)
print("all as they should be")
