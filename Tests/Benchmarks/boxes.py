"""The boxes that are measured: bundles, and the command lines by which each runtime runs them."""

import copy, glob, json, os, shutil, subprocess

from measure import CGROUPS, PROGRAMS, Contender

HERE = os.path.dirname(os.path.realpath(__file__))
ROOT = os.path.dirname(os.path.dirname(HERE))
RUNTIME = PROGRAMS + "/swiftbox-runtime"
SWIFTBOX = PROGRAMS + "/swiftbox"
DAEMON = PROGRAMS + "/swiftboxd"
BUNDLES = "/run/bundles"
STATES = "/run/states"

LIMITS = {"memory": {"limit": 512 << 20}, "pids": {"limit": 100}, "cpu": {"quota": 150000, "period": 100000}}


def base_config():
    with open(HERE + "/config.json") as file:
        return json.load(file)


def profile():
    with open(ROOT + "/configs/seccomp/default.json") as file:
        return json.load(file)


def make_rootfs():
    root = BUNDLES + "/rootfs"
    for name in ["bin", "proc", "dev", "sys", "etc", "tmp"]:
        os.makedirs(f"{root}/{name}", exist_ok=True)
    shutil.copy(shutil.which("busybox"), root + "/bin/busybox")
    for name in ["true", "sleep"]:
        if not os.path.exists(f"{root}/bin/{name}"):
            os.symlink("busybox", f"{root}/bin/{name}")
    for name in ["stamp", "calls"]:
        shutil.copy(f"{PROGRAMS}/{name}", f"{root}/bin/{name}")
    return root


def make_bundle(name, arguments, seccomp=True, limits=False, change=lambda config: None):
    """A bundle of docker's kind; its directory. All share a root file system. The text is compact, as engines write it."""
    config = copy.deepcopy(base_config())
    config["process"]["args"] = arguments
    config["root"]["path"] = make_rootfs()
    if seccomp:
        config["linux"]["seccomp"] = profile()
    if limits:
        config["linux"]["resources"] = LIMITS
    change(config)
    bundle = f"{BUNDLES}/{name}"
    os.makedirs(bundle, exist_ok=True)
    if not os.path.exists(bundle + "/rootfs"):
        os.symlink(config["root"]["path"], bundle + "/rootfs")
    with open(bundle + "/config.json", "w") as file:
        json.dump(config, file, separators=(",", ":"))
    return bundle


def state(name):
    path = f"{STATES}/{name}"
    os.makedirs(path, exist_ok=True)
    return path


def filter_file():
    """Where swiftbox-runtime keeps the compiled profile, once it has run a box with it: of the two, which are found by the
    profile and by its text, the shorter."""
    return min(glob.glob(state("ours") + "/.seccomp-*"), key=os.path.getsize)


class Runtime:
    """A runtime's command line up to the verb."""

    def __init__(self, name, *words):
        self.name, self.words, self.state = name, list(words), state(name)

    def line(self, *words):
        return self.words + list(words)

    def run(self, name, bundle, stamped=False):
        return Contender(name, self.line("run", "--bundle", bundle, "b@"), self.state, stamped)

    def stay(self, bundle, id):
        """Leaves a box running."""
        subprocess.run(self.line("run", "--detach", "--bundle", bundle, id), check=True, stdin=subprocess.DEVNULL)

    def delete(self, id):
        subprocess.run(self.line("delete", "--force", id), check=True)


class Runtimes:
    """`alike` has cgroups as the host allows for ours and crun both: in a hierarchy without controllers, where crun 1.8 cannot
    attach its device program, neither makes any."""

    def __init__(self, with_cgroups):
        none = [] if with_cgroups else ["--cgroup-manager=disabled"]
        self.ours = Runtime("ours", RUNTIME, "--root", state("ours"))
        self.alike = Runtime("alike", RUNTIME, "--root", state("alike"), *none)
        self.crun = Runtime("crun", "crun", "--root", state("crun"), *(none or ["--cgroup-manager=cgroupfs"]))
        self.runc = Runtime("runc", "runc", "--root", state("runc"))

    def swiftbox(self, name, bundle, stamped=False):
        words = [SWIFTBOX, "run", "--root", state("swiftbox"), "--bundle", bundle, "--name", "b@"]
        return Contender(name, words, state("swiftbox"), stamped)

    def floor(self, name, bundle, program, stamped=False):
        words = [PROGRAMS + "/floor", "run", state("ours"), bundle, "floor", filter_file(), CGROUPS, program]
        return Contender(name, words, state("ours"), stamped)


def bubblewrap(name, program):
    root = make_rootfs()
    return Contender(name, ["bwrap", "--unshare-pid", "--unshare-ipc", "--unshare-uts", "--unshare-net", "--unshare-cgroup",
                            "--bind", root, "/", "--proc", "/proc", "--dev", "/dev", "--ro-bind", "/sys", "/sys",
                            "--cap-drop", "ALL", "--new-session", program])
