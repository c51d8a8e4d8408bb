"""The table of issue "The fastest start there is": table.py ROUNDS [ROWS…]; run.sh says which rows and calls it.

Prints Markdown: the machine, what each contender took, then goal, measurement and whether it was reached."""

import datetime, json, os, platform, subprocess, sys

import boxes, daemon, seccomp
from boxes import Contender, Runtimes, bubblewrap, make_bundle
from measure import Failed, in_flight, interleave, median, ratio

GUEST = os.environ.get("SWIFTBOX_BED") == "guest"


class Table:
    def __init__(self, rounds):
        self.rounds = rounds
        self.goals = []

    def goal(self, what, goal, measured, unit="", note="", n=None, at_least=False):
        """What may be measured at most, or has to be `at_least`; nothing measured is None."""
        digits = 3 if unit == "" else 2
        reached = measured is not None and (measured >= goal if at_least else measured <= goal)
        self.goals.append((what, f"{'≥' if at_least else '≤'} {goal}{unit}",
                           "not measured" if measured is None else f"{measured:.{digits}f}{unit}",
                           "yes" if reached else "**no**", str(n or self.rounds), note))

    def print_goals(self):
        print("\n| what | goal | measured | reached | n | note |\n|---|---|---|---|---|---|")
        for row in self.goals:
            print("| " + " | ".join(row) + " |")


def milliseconds(figures):
    return f"{median(figures) / 1e6:.2f}" if figures else "–"


def print_contenders(title, pairs, base):
    """Each with its times: from start to end, to exec, until nothing is left; and its peak memory."""
    print(f"\n{title}\n\n| who | start, run, end (ms) | fastest | times ours | until nothing is left | time to exec | peak memory |"
          "\n|---|---|---|---|---|---|---|")
    for plain, stamped in pairs:
        if not plain.totals:
            continue
        execs = milliseconds(stamped.execs) if stamped else "–"
        print(f"| {plain.name} | {milliseconds(plain.totals)} | {min(plain.totals) / 1e6:.2f} "
              f"| {ratio(plain.totals, base.totals):.2f} | {milliseconds(plain.cleans)} | {execs} "
              f"| {median(plain.peaks) / 1024:.1f} MiB |")


def starts(table):
    """Start, run and end of /bin/true. Each is run twice a round: as it is, and with the workload that tells when it began."""
    runtimes = Runtimes(with_cgroups=False)
    runs = {}
    pairs = []
    for workload in ["/bin/true", "/bin/stamp"]:
        stamped = workload == "/bin/stamp"
        kind = workload[5:]
        bundle = make_bundle(kind, [workload])
        plain = make_bundle(kind + "-plain", [workload], seccomp=False)
        # The profile is compiled once, by whoever comes first.
        for runtime in [runtimes.ours, runtimes.alike]:
            runtime.run("first", bundle, stamped).warm()
        runs[kind] = [
            runtimes.ours.run("swiftbox-runtime", bundle, stamped),
            runtimes.alike.run("swiftbox-runtime, no cgroup", bundle, stamped),
            runtimes.swiftbox("swiftbox run --bundle", bundle, stamped),
            runtimes.crun.run("crun, no cgroup", bundle, stamped),
            runtimes.crun.run("crun, no cgroup, no profile", plain, stamped),
            runtimes.runc.run("runc", bundle, stamped),
            runtimes.floor("floor", bundle, workload, stamped),
            bubblewrap("bwrap (no cgroup, no profile)", workload) if not stamped else None,
        ]
    interleave([run for kind in runs.values() for run in kind if run], table.rounds)
    pairs = list(zip(runs["true"], runs["stamp"]))
    ours, alike, swiftbox, crun, plain, runc, floor, _ = runs["true"]
    print_contenders(f"Start, run and end of `/bin/true`, n = {table.rounds}:", pairs, ours)
    table.goal("`swiftbox-runtime run` against `crun run`, both with the profile", 0.20, ratio(alike.totals, crun.totals),
               note="neither makes a cgroup")
    table.goal("ours with the profile against `crun run` without one", 0.45, ratio(alike.totals, plain.totals),
               note="neither makes a cgroup")
    table.goal("against `runc run`, both with the profile", 0.14, ratio(ours.totals, runc.totals), note="both make a cgroup")
    table.goal("`swiftbox run --bundle` against `swiftbox-runtime run`", 1.35, ratio(swiftbox.totals, ours.totals))
    table.goal("against the floor", 1.25, ratio(ours.totals, floor.totals))
    peak = median(crun.peaks) / 1024 if crun.peaks else 3.3
    table.goal("peak memory of the runtime process", round(peak, 2), median(alike.peaks) / 1024, " MiB", "the goal is crun's")


def configs(table):
    """A large config.json: variables and annotations, as an engine of a cluster writes them."""
    def grow(config):
        config["annotations"] = {f"org.example.annotation-{i}": "a value of an annotation " * 3 for i in range(260)}
        config["process"]["env"] += [f"SERVICE_{i}_PORT=tcp://10.0.0.{i % 250}:{i + 1000}-with-some-more-words" for i in range(430)]

    runtimes = Runtimes(with_cgroups=False)
    bundles = [make_bundle("small", ["/bin/true"], seccomp=False), make_bundle("large", ["/bin/true"], False, False, grow)]
    sizes = [os.path.getsize(bundle + "/config.json") for bundle in bundles]
    small, large = [runtimes.ours.run(bundle, bundle) for bundle in bundles]
    interleave([small, large], table.rounds)
    more = (median(large.totals) - median(small.totals)) / 1e6
    table.goal("a 57 kB config.json against a 3 kB one", 0.5, more, " ms",
               f"{sizes[1]} and {sizes[0]} bytes, {milliseconds(large.totals)} and {milliseconds(small.totals)} ms")


def engine_calls(table):
    """create, start and delete, one command each, and exec into a box that runs."""
    runtimes = Runtimes(with_cgroups=False)
    bundle = make_bundle("true", ["/bin/true"])
    lives = []
    for runtime in [runtimes.alike, runtimes.crun]:
        words = [*runtime.line("create", "--bundle", bundle, "e@"), ";", *runtime.line("start", "e@"), ";",
                 *runtime.line("delete", "e@")]
        lives.append(Contender(runtime.name, words, runtime.state))
    interleave(lives, table.rounds)
    ours, crun = lives
    table.goal("create + start + delete as an engine calls them, against crun", 0.45, ratio(ours.totals, crun.totals),
               note=f"{milliseconds(ours.totals)} and {milliseconds(crun.totals)} ms; neither makes a cgroup")


def execs(table):
    runtimes = Runtimes(with_cgroups=False)
    stay = make_bundle("stay", ["/bin/sleep", "100000"])
    all = []
    for runtime in [runtimes.alike, runtimes.crun]:
        runtime.stay(stay, "stays")
        for program, stamped in [("/bin/true", False), ("/bin/stamp", True)]:
            all.append(Contender(runtime.name + " exec", runtime.line("exec", "stays", program), runtime.state, stamped))
    interleave(all, table.rounds)
    for runtime in [runtimes.alike, runtimes.crun]:
        runtime.delete("stays")
    ours, ours_stamped, crun, crun_stamped = all
    table.goal("`exec` of `/bin/true` into a running box, against `crun exec`", 0.40, ratio(ours.totals, crun.totals),
               note=f"{milliseconds(ours.totals)} and {milliseconds(crun.totals)} ms; time to exec "
               f"{milliseconds(ours_stamped.execs)} and {milliseconds(crun_stamped.execs)} ms; neither box has a cgroup")


def flight(table):
    runtimes = Runtimes(with_cgroups=False)
    words = runtimes.ours.line("run", "--bundle", make_bundle("true", ["/bin/true"]), "f@")
    count = max(400, 10 * table.rounds)
    times = max(3, table.rounds // 20)
    two, many = [], []
    for _ in range(times):
        two.append(in_flight(words, 2, count))
        many.append(in_flight(words, 200, count))
    table.goal("boxes a second with 200 in flight, against 2 in flight", 0.9, median(many) / median(two),
               note=f"{median(many):.0f} and {median(two):.0f} a second, {times} times {count} boxes each", n=times, at_least=True)


def series(table):
    runtimes = Runtimes(with_cgroups=False)
    ours = runtimes.ours.run("ours", make_bundle("true", ["/bin/true"]))
    count = 10 * table.rounds
    interleave([ours], count)
    tenth = count // 10
    first, last = ours.totals[:tenth], ours.totals[-tenth:]
    table.goal(f"{count} boxes one after another: last decile's median against the first's", 1.10, ratio(last, first),
               note=f"{milliseconds(last)} and {milliseconds(first)} ms", n=count)


def guest_rows(table):
    """In the guest: the same three with cgroups and limits. Says what it measured on standard output, as JSON."""
    runtimes = Runtimes(with_cgroups=True)
    bundle = make_bundle("limited", ["/bin/true"], limits=True)
    plain = make_bundle("limited-plain", ["/bin/true"], seccomp=False, limits=True)
    all = [runtimes.ours.run("ours", bundle), runtimes.crun.run("crun", bundle), runtimes.crun.run("plain", plain),
           runtimes.runc.run("runc", bundle)]
    interleave(all, table.rounds)
    print(json.dumps({"kernel": platform.release(), "totals": {one.name: one.totals for one in all}}))


def guest(table):
    rounds = max(3, table.rounds // 5)
    words = [boxes.ROOT + "/Tests/Guest/boot", "--timeout", str(300 + 10 * rounds), "--", "sh", boxes.HERE + "/run.sh", "-n",
             str(rounds), "guest"]
    done = subprocess.run(words, stdout=subprocess.PIPE, text=True)
    if done.returncode:
        print(f"the guest does not take part: status {done.returncode}", file=sys.stderr)
        return
    told = json.loads(done.stdout.splitlines()[-1])
    totals = told["totals"]
    for name, what in [("crun", "against `crun run`"), ("plain", "against `crun run` without a profile"),
                       ("runc", "against `runc run`")]:
        note = f"{milliseconds(totals['ours'])} and {milliseconds(totals[name])} ms, emulated, kernel {told['kernel']}"
        table.goal(f"in the guest, cgroups on, limits set, {what}", 0.6, ratio(totals["ours"], totals[name]), note=note, n=rounds)


def overhead(table):
    for workload, ours, theirs, share, n in seccomp.overheads(table.rounds):
        note = f"crun's {theirs:+.2f} %; the kernel's bitmap serves {share:.2f} % of its calls"
        table.goal(f"the default profile's cost on {workload}, at most crun's", min(3, max(0, round(theirs, 2))), ours, " %", note, n)
    served, allowed = seccomp.served()
    print(f"\nOf the {allowed} system calls that the default profile allows, the kernel's bitmap serves {served}.")
    rounds = min(table.rounds, 11)
    without, any_filter, profile = seccomp.call_costs(rounds)
    print(f"A getppid(2) takes {without:.0f} ns without a filter, {any_filter:.0f} ns with one that allows everything and "
          f"{profile:.0f} ns with the profile; medians, n = {rounds}.")


def version(*words):
    try:
        done = subprocess.run(words, stdout=subprocess.PIPE, stderr=subprocess.DEVNULL, text=True)
        return done.stdout.splitlines()[0].strip()
    except (OSError, IndexError):
        return f"no {words[0]}"


def print_machine(rounds):
    with open("/proc/cpuinfo") as file:
        model = next((line.split(":", 1)[1].strip() for line in file if line.startswith("model name")), platform.machine())
    with open("/proc/meminfo") as file:
        memory = int(file.readline().split()[1]) >> 20
    versions = [version(boxes.RUNTIME, "--version"), version("crun", "--version"), version("runc", "--version"),
                version("bwrap", "--version")]
    print(f"{datetime.date.today()}, {os.cpu_count()} processors ({model}), {memory} GiB, kernel {platform.release()}, "
          f"load {os.getloadavg()[0]:.1f} at the start, n = {rounds}, medians; {', '.join(versions)}")


ROWS = {"starts": starts, "configs": configs, "engine": engine_calls, "exec": execs, "flight": flight, "series": series,
        "seccomp": overhead, "guest": guest, "daemon": daemon.rows}


def main():
    rounds, rows = int(sys.argv[1]), sys.argv[2:] or list(ROWS)
    table = Table(rounds)
    if GUEST:
        return guest_rows(table)
    print_machine(rounds)
    for row in rows:
        ROWS[row](table)
        sys.stdout.flush()
    table.print_goals()


main()
