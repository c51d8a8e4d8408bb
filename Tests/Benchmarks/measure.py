"""Running commands by launcher.c, in turns, and what comes of it."""

import os, shlex, statistics, subprocess, sys

PROGRAMS = os.environ["SWIFTBOX_BENCHMARK_PROGRAMS"]
LAUNCHER = PROGRAMS + "/launcher"
CGROUPS = "/sys/fs/cgroup"


class Failed(Exception):
    pass


class Contender:
    """Somebody who does a thing: `words` is its command line, with `@` for the number of the run and `;` between commands.
    `state` is the directory that is to be as before afterwards."""

    def __init__(self, name, words, state=None, stamped=False):
        self.name, self.words, self.state, self.stamped = name, words, state, stamped
        self.totals, self.execs, self.cleans, self.peaks = [], [], [], []

    def run(self, number):
        options = ["-e"] if self.stamped else []
        for directory in [self.state, CGROUPS]:
            options += ["-c", directory] if directory else []
        words = [word.replace("@", str(number)) for word in self.words]
        done = subprocess.run([LAUNCHER, *options, "-", *words],
                              stdin=subprocess.DEVNULL, stdout=subprocess.PIPE, stderr=subprocess.PIPE, text=True)
        if done.returncode:
            raise Failed(f"{self.name}: status {done.returncode}: {done.stderr.strip().splitlines()[-1:]}")
        return [int(figure) for figure in done.stdout.split()[-4:]]

    def warm(self):
        line = " ".join(map(shlex.quote, self.words)).replace("';'", ";").replace("@", "first")
        subprocess.run(["sh", "-c", line], stdin=subprocess.DEVNULL, stdout=subprocess.DEVNULL, stderr=subprocess.DEVNULL)

    def measure(self, number):
        total, begun, clean, peak = self.run(number)
        self.totals.append(total)
        self.execs.append(begun)
        self.cleans.append(clean)
        self.peaks.append(peak)


def interleave(contenders, rounds):
    """Everybody in turn, the first another one each round. Two runs of each are not counted: after the first, state may be
    left that is meant to stay, such as a compiled filter. Who fails drops out, and says why."""
    able = []
    for contender in contenders:
        try:
            contender.warm()
            contender.run("warm")
            able.append(contender)
        except Failed as failure:
            print(f"does not take part: {failure}", file=sys.stderr)
    for number in range(rounds):
        turn = number % max(1, len(able))
        for contender in able[turn:] + able[:turn]:
            contender.measure(number)
    return able


def median(figures):
    return statistics.median(figures) if figures else None


def ratio(ours, theirs):
    """Of two lists of figures, by their medians; None where one has not taken part."""
    return median(ours) / median(theirs) if ours and theirs else None


def in_flight(words, parallel, count):
    """Boxes a second. Of an engine that hangs, nothing is measured."""
    try:
        done = subprocess.run([LAUNCHER, "-p", str(parallel), "-n", str(count), "-", *words], timeout=300,
                              stdin=subprocess.DEVNULL, stdout=subprocess.PIPE, stderr=subprocess.PIPE, text=True)
    except subprocess.TimeoutExpired as late:
        raise Failed(f"{parallel} in flight took more than {late.timeout} s") from None
    if done.returncode:
        raise Failed(f"{parallel} in flight: {done.stderr.strip().splitlines()[-1:]}")
    return count / int(done.stdout.split()[-1]) * 1e9
