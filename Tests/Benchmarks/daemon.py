"""What a daemon of boxes costs: swiftboxd beside dockerd with containerd, and podman, all in the same way.

Each engine has one image, busybox; its boxes have no network. Memory is /proc/PID/smaps_rollup's; a wake-up is a context
switch of any thread (/proc/PID/task/*/status)."""

import glob, http.client, json, os, shutil, socket, statistics, subprocess, sys, time

import boxes
from measure import PROGRAMS, Contender, Failed, in_flight, interleave, median

BOXES, LISTED, IDLE = 100, 200, 60
WORK = "/run/engines"


def kibibytes(pid, *keys):
    with open(f"/proc/{pid}/smaps_rollup") as file:
        return sum(int(line.split()[1]) for line in file if line.split(":")[0] in keys)


def switches(pid):
    total = 0
    for path in glob.glob(f"/proc/{pid}/task/*/status"):
        with open(path) as file:
            total += sum(int(line.split()[1]) for line in file if "ctxt_switches" in line)
    return total


def pids(name):
    """Processes by their command line's first words; PID 1 is this benchmark's."""
    found = []
    for path in glob.glob("/proc/[0-9]*/cmdline"):
        try:
            with open(path, "rb") as file:
                words = file.read().split(b"\0")
        except OSError:
            continue
        if os.path.basename(words[0]).decode() == name.split()[0] and all(part.encode() in words for part in name.split()[1:]):
            found.append(int(path.split("/")[2]))
    return found


def sh(*words, **options):
    done = subprocess.run(words, stdin=subprocess.DEVNULL, stdout=subprocess.PIPE, stderr=subprocess.PIPE, text=True, **options)
    if done.returncode:
        raise Failed(f"{' '.join(words[:4])}: {done.stderr.strip()[-300:]}")
    return done.stdout


class Connection(http.client.HTTPConnection):
    def __init__(self, path):
        super().__init__("localhost")
        self.path = path

    def connect(self):
        self.sock = socket.socket(socket.AF_UNIX)
        self.sock.connect(self.path)

    def get(self, path):
        """Seconds, and the answer."""
        begun = time.monotonic()
        self.request("GET", path)
        body = self.getresponse().read()
        return time.monotonic() - begun, body


class Engine:
    """`words` is its client up to the verb; `daemons` and `keeper` are names of processes, the latter one a box."""

    def __init__(self, name, words, daemons, keeper, api=None):
        self.name, self.words, self.daemons, self.keeper, self.api = name, words, daemons, keeper, api

    def await_api(self):
        for _ in range(600):
            try:
                return Connection(self.api).get("/_ping")
            except OSError:
                time.sleep(0.1)
        raise Failed(f"{self.name} did not come up")

    def client(self, *words):
        return sh(*self.words, *words)

    def run(self, *flags, program):
        image = ["--image", "box", "--"] if self.name == "swiftbox" else ["box"]
        network = {"docker": ["--network", "none"], "podman": ["--network", "none", "--pids-limit", "0"]}.get(self.name, [])
        return [*self.words, "run", *network, *flags, *image, *program]

    def start_boxes(self, count):
        """Four at a time."""
        words = self.run("-d", program=["/bin/sleep", "100000"])
        in_flight(words, 4, count)

    def daemon_pss(self):
        return sum(kibibytes(pid, "Pss") for name in self.daemons for pid in pids(name)) / 1024

    def wakeups(self):
        all = [pid for name in [*self.daemons, self.keeper] for pid in pids(name)]
        before = sum(map(switches, all))
        time.sleep(IDLE)
        return sum(map(switches, all)) - before


def image():
    root = boxes.make_rootfs()
    tar = WORK + "/image.tar"
    sh("tar", "-C", root, "-cf", tar, ".")
    return tar


def start(*words, **environment):
    log = open(f"{WORK}/{os.path.basename(words[0])}.log", "w")
    return subprocess.Popen(words, stdin=subprocess.DEVNULL, stdout=log, stderr=log, env={**os.environ, **environment})


def swiftbox():
    socket_path = WORK + "/swiftbox/swiftbox.sock"
    daemon = start(boxes.DAEMON, "--root", WORK + "/lib", "--run", WORK + "/swiftbox")
    os.environ["SWIFTBOX_HOST"] = "unix://" + socket_path
    engine = Engine("swiftbox", [boxes.SWIFTBOX], ["swiftboxd"], "swiftbox-runtime monitor", socket_path)
    engine.await_api()
    engine.client("import", image(), "box")
    return engine, daemon


def docker():
    socket_path = WORK + "/docker.sock"
    daemon = start("dockerd", "--iptables=false", "--ip6tables=false", "--bridge=none", "--data-root", WORK + "/docker",
                   "--exec-root", WORK + "/docker-run", "-H", "unix://" + socket_path, "-p", WORK + "/docker.pid")
    engine = Engine("docker", ["/usr/bin/docker", "-H", "unix://" + socket_path], ["dockerd", "containerd"],
                    "containerd-shim-runc-v2", socket_path)
    engine.await_api()
    engine.client("import", image(), "box")
    return engine, daemon


def podman():
    words = ["podman", "--root", WORK + "/podman", "--runroot", WORK + "/podman-run", "--tmpdir", WORK + "/podman-tmp",
             "--cgroup-manager", "cgroupfs", "--events-backend", "none", "--runtime", "runc"]
    engine = Engine("podman", words, [], "conmon")
    engine.client("import", image(), "box")
    return engine, None


def measure(engine, rounds):
    """Figures of one engine, by what they are."""
    time.sleep(3)
    figures = {"idle": engine.daemon_pss() if engine.daemons else None}
    figures["parallel"] = median([100 / in_flight(engine.run("-d", "--rm", program=["/bin/true"]), 100, 100)
                                  for _ in range(rounds)])
    time.sleep(3)
    engine.start_boxes(BOXES)
    time.sleep(5)
    figures["busy"] = engine.daemon_pss() if engine.daemons else None
    keepers = pids(engine.keeper)[:BOXES]
    figures["keeper"] = statistics.median(kibibytes(pid, "Private_Clean", "Private_Dirty") for pid in keepers) / 1024
    figures["wakeups"] = engine.wakeups()
    if engine.api:
        engine.start_boxes(LISTED - BOXES)
        time.sleep(3)
        connection = Connection(engine.api)
        for _ in range(20):
            connection.get("/v1.41/containers/json")
        answers = [connection.get("/v1.41/containers/json") for _ in range(1000)]
        assert len(json.loads(answers[-1][1])) == LISTED
        figures["listing"] = sorted(seconds for seconds, _ in answers)[989] * 1e3
        figures["ping"] = median([connection.get("/_ping")[0] for _ in range(1000)]) * 1e9
    return figures


def first_instruction(engine, rounds):
    """To the workload's first instruction through the daemon: of a box like the last, and of one that is not; and what that is
    to be measured by."""
    def stamped(name, words):
        return Contender(name, words, stamped=True)

    run = stamped("run", engine.run("--rm", program=["/bin/stamp"]))
    spawn = stamped("spawn", [PROGRAMS + "/stamp"])
    client = Contender("client", [boxes.SWIFTBOX, "version"])
    unlike = [stamped("unlike", engine.run("--rm", "--hostname", name, program=["/bin/stamp"])) for name in ["one", "two"]]
    for number in range(rounds + 2):
        # What was used is replaced by what is prepared.
        time.sleep(0.2)
        for contender in [run, spawn, client]:
            contender.measure(number)
    for number in range(rounds // 2 + 2):
        for contender in unlike:
            time.sleep(0.2)
            contender.measure(number)
    others = [seconds for contender in unlike for seconds in contender.execs[2:]]
    return median(run.execs[2:]), median(spawn.execs[2:]), median(client.totals[2:]), median(others)


def floor(rounds):
    """Seconds for 100 at once."""
    runtimes = boxes.Runtimes(with_cgroups=False)
    bundle = boxes.make_bundle("true", ["/bin/true"])
    runtimes.ours.run("first", bundle).warm()
    words = runtimes.floor("floor", bundle, "/bin/true").words
    words[words.index("floor")] = "f@"
    return median([100 / in_flight(words, 100, 100) for _ in range(rounds)])


def end(engine, daemon):
    ids = engine.client("ps", "-aq").split()
    for first in range(0, len(ids), 50):
        engine.client("rm", "-f", *ids[first:first + 50])
    if daemon:
        daemon.terminate()
        daemon.wait(60)


def rows(table):
    rounds = max(3, table.rounds // 20)
    os.makedirs(WORK, exist_ok=True)
    found = {}
    for make in [swiftbox, docker, podman]:
        daemon = None
        try:
            engine, daemon = make()
            found[engine.name] = measure(engine, rounds)
            if engine.name == "swiftbox":
                found["first"] = first_instruction(engine, table.rounds)
            end(engine, daemon)
        except (Failed, OSError) as failure:
            print(f"{make.__name__} does not take part: {failure}", file=sys.stderr)
            if daemon:
                daemon.kill()
    try:
        found["floor"] = floor(rounds)
    except Failed as failure:
        print(f"the floor does not take part: {failure}", file=sys.stderr)
    print_goals(table, found, rounds)
    shutil.rmtree(WORK, ignore_errors=True)


def print_goals(table, found, rounds):
    ours = found["swiftbox"]

    def beside(key, unit, digits=1):
        told = [f"{name} {found[name][key]:.{digits}f}{unit}" for name in ["docker", "podman"]
                if name in found and found[name].get(key) is not None]
        return ", ".join(told)

    table.goal("daemon, idle, PSS", 20, ours["idle"], " MiB", beside("idle", " MiB"), 1)
    table.goal(f"daemon with {BOXES} boxes, PSS", 30, ours["busy"], " MiB", beside("busy", " MiB"), 1)
    table.goal("a monitor's own memory", 1, ours["keeper"], " MiB", "a shim or conmon: " + beside("keeper", " MiB", 2), BOXES)
    run, spawn, client, unlike = found["first"]
    goal = (client + 1.5 * spawn + ours["ping"]) / 1e6
    table.goal("`swiftbox run` through the daemon, to the workload's first instruction", round(goal, 2), run / 1e6, " ms",
               f"client's start {client / 1e6:.2f}, spawn {spawn / 1e6:.2f}, round trip {ours['ping'] / 1e6:.2f} ms; "
               f"of a box unlike the last {unlike / 1e6:.2f} ms")
    table.goal("100 parallel `run -d` against 100 parallel floor runs", 1.5, ours["parallel"] / found["floor"] if "floor" in found else None, "",
               f"{ours['parallel']:.2f} s and {found.get('floor', 0):.2f} s; " + beside("parallel", " s", 2), rounds)
    table.goal(f"`GET /containers/json` with {LISTED} boxes, p99", 20, ours["listing"], " ms", beside("listing", " ms"), 1000)
    table.goal(f"wake-ups of daemon and {BOXES} idle monitors over {IDLE} s", 0, ours["wakeups"], "", beside("wakeups", "", 0), 1)
