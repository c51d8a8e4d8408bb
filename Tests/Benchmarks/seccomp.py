"""What the default profile costs work that makes many system calls, and how many of them the kernel answers from its bitmap."""

import os, re, shutil, statistics, struct, subprocess, tempfile

import boxes
from boxes import make_bundle, Runtimes
from measure import PROGRAMS

SQL = "create table t(a, b);\n" + "".join(f"insert into t values({i}, 'some text of row {i}');\n" for i in range(600)) \
    + "select count(*) from t;\n"
# In a box whose root is this machine's, read-only, with room in /mnt; outside, /mnt is another directory.
WORKLOADS = {
    "find": "find /usr/lib /usr/share -xdev -newer /etc/hostname -ls >/dev/null",
    "sqlite": "sqlite3 {mnt}/db <{mnt}/sql >/dev/null; rm {mnt}/db",
    "tar": "tar -C /usr -cf {mnt}/tar include; rm {mnt}/tar",
}

ARCHITECTURE = 0xC000003E
ALLOW = 0x7FFF0000


def numbers():
    """The system calls of this machine's by name."""
    with open("/usr/include/x86_64-linux-gnu/asm/unistd_64.h") as file:
        return {name: int(number) for name, number in re.findall(r"#define __NR_(\w+) (\d+)", file.read())}


def instructions():
    """Of the default profile's filter, as swiftbox-runtime keeps it: see CachedFilter in SeccompCache.swift."""
    with open(boxes.filter_file(), "rb") as file:
        data = file.read()
    (size,) = struct.unpack_from("<Q", data, 16 + 8 * 5)
    return list(struct.iter_unpack("<HBBI", data[-size:]))


def is_served(program, number):
    """Whether the kernel's bitmap allows the call without running the filter: as seccomp_is_const_allow() in kernel/seccomp.c."""
    at, register = 0, 0
    while at < len(program):
        code, true, false, k = program[at]
        at += 1
        if code == 0x20 and k == 0:
            register = number
        elif code == 0x20 and k == 4:
            register = ARCHITECTURE
        elif code == 0x06:
            return k == ALLOW
        elif code == 0x05:
            at += k
        elif code in (0x15, 0x25, 0x35, 0x45):
            answer = {0x15: register == k, 0x25: register > k, 0x35: register >= k, 0x45: bool(register & k)}[code]
            at += true if answer else false
        elif code == 0x54:
            register &= k
        else:
            return False
    return False


def served():
    """How many calls the bitmap serves, and how many the profile allows at all."""
    known, program = numbers(), instructions()
    names = {name for rule in boxes.profile()["syscalls"] if rule["action"] == "SCMP_ACT_ALLOW" for name in rule["names"]}
    allowed = [known[name] for name in names if name in known]
    return sum(is_served(program, number) for number in allowed), len(allowed)


def share(command):
    """Percent of a workload's calls that the bitmap serves: counted by strace, outside of a box."""
    known, program = numbers(), instructions()
    with tempfile.TemporaryDirectory() as mnt:
        write_sql(mnt)
        subprocess.run(["strace", "-f", "-c", "-U", "calls,name", "-o", mnt + "/counts", "sh", "-c", command.format(mnt=mnt)],
                       check=True)
        with open(mnt + "/counts") as file:
            counts = [line.split() for line in file]
    counts = {line[1]: int(line[0]) for line in counts if len(line) == 2 and line[0].isdigit() and line[1] in known}
    by_bitmap = sum(count for name, count in counts.items() if is_served(program, known[name]))
    return 100 * by_bitmap / sum(counts.values())


def write_sql(directory):
    with open(directory + "/sql", "w") as file:
        file.write(SQL)


def call_costs(rounds):
    """Nanoseconds of one system call in a box of ours: without a filter, with one that allows everything (what the kernel
    takes for there being any), and with the profile."""
    def allow_all(config):
        config["linux"]["seccomp"] = {"defaultAction": "SCMP_ACT_ALLOW"}

    # A state of its own: elsewhere there is but the profile's filter.
    runtime = boxes.Runtime("calls", boxes.RUNTIME, "--root", boxes.state("calls"), "--cgroup-manager=disabled")
    bundles = [make_bundle("calls-none", ["/bin/calls"], False), make_bundle("calls-any", ["/bin/calls"], False, False, allow_all),
               make_bundle("calls-profile", ["/bin/calls"])]
    costs = [[] for _ in bundles]
    for number in range(rounds):
        for bundle, found in zip(bundles, costs):
            line = runtime.line("run", "--bundle", bundle, f"c{number}")
            found.append(float(subprocess.run(line, check=True, stdin=subprocess.DEVNULL, stdout=subprocess.PIPE).stdout))
    return [statistics.median(found) for found in costs]


def host_root():
    """This machine's root file system, once more."""
    root = boxes.BUNDLES + "/host"
    os.makedirs(root, exist_ok=True)
    if not os.path.ismount(root):
        subprocess.run(["mount", "--bind", "/", root], check=True)
    return root


def release_host_root():
    subprocess.run(["umount", boxes.BUNDLES + "/host"], check=True)


def work_bundle(name, command, seccomp):
    def change(config):
        config["root"] = {"path": host_root(), "readonly": True}
        config["mounts"] += [
            {"destination": "/mnt", "type": "tmpfs", "source": "tmpfs", "options": ["size=512m"]},
            {"destination": "/mnt/launcher", "type": "bind", "source": PROGRAMS + "/launcher", "options": ["bind", "ro"]},
            {"destination": "/mnt/sql", "type": "bind", "source": boxes.BUNDLES + "/sql", "options": ["bind", "ro"]},
        ]
    arguments = ["/mnt/launcher", "-", "/bin/sh", "-c", command.format(mnt="/mnt")]
    return make_bundle(f"{name}-{seccomp}", arguments, seccomp, change=change)


def overheads(rounds):
    """For each workload: its name, what the profile costs it in ours and in crun (percent), the bitmap's share, n. The time is
    taken in the box, from the workload's start to its end."""
    runtimes = Runtimes(with_cgroups=False)
    host_root()
    write_sql(boxes.BUNDLES)
    for name, command in WORKLOADS.items():
        if not shutil.which("sqlite3") and name == "sqlite":
            continue
        times = {}
        bundles = [(seccomp, work_bundle(name, command, seccomp)) for seccomp in (False, True)]
        for number in range(rounds + 1):
            for runtime in [runtimes.ours, runtimes.crun]:
                for seccomp, bundle in bundles:
                    line = runtime.line("run", "--bundle", bundle, f"w{number}")
                    done = subprocess.run(line, check=True, stdin=subprocess.DEVNULL, stdout=subprocess.PIPE, text=True)
                    if number:
                        times.setdefault((runtime.name, seccomp), []).append(int(done.stdout.split()[-4]))
        costs = [100 * (statistics.median(times[runtime.name, True]) / statistics.median(times[runtime.name, False]) - 1)
                 for runtime in [runtimes.ours, runtimes.crun]]
        yield name, *costs, share(command), rounds
    # The guest has no use for this mount, and could not make it again.
    release_host_root()
