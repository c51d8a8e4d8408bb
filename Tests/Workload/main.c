// Behaves, inside a box, as a test tells it to: `workload SUBCOMMAND ARGUMENTS…`. Static, so that it runs in any rootfs.
// Results go to standard output a line each; status 0 unless said otherwise, 1 for a failure, 2 for wrong usage.
#include "workload.h"
#include <errno.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <time.h>

static const struct {
    const char *name;
    int least;
    int (*run)(char **);
    const char *help;
} subcommands[] = {
    {"fork-bomb", 1, fork_bomb, "N: start up to N sleeping children; prints `started K` and the errno that stopped it"},
    {"eat-memory", 1, eat_memory, "MB: touch so much, print `ate MB`, stay until killed"},
    {"eat-hugepages", 1, eat_hugepages, "N: map and touch up to N huge pages; prints `mapped K` and the errno that stopped it"},
    {"burn", 1, burn, "SECONDS: busy for so long by the wall clock; prints `work W cpu SECONDS`"},
    {"write-file", 2, write_file, "PATH MB: O_DIRECT writes, 64 KB each; prints `seconds S`"},
    {"read-file", 1, read_file, "PATH: O_DIRECT reads of 64 KB to the end; prints `seconds S`"},
    {"open-files", 1, open_files, "N: open /dev/null up to N times; prints `opened K` and the errno that stopped it"},
    {"sleep-forever", 0, sleep_forever, "prints `ready`, then waits"},
    {"trap", 1, trap, "SIGNAL…: prints `ready`, then each signal's number; TERM ends it with status 0"},
    {"winsize", 0, winsize, "prints `ROWS COLUMNS` now and at each SIGWINCH; TERM ends it"},
    {"orphan", 1, orphan, "SECONDS: leaves a grandchild that lives so long; prints its `pid P`"},
    {"descend", 1, descend, "N: N generations of processes, all sleeping; prints `ready`"},
    {"status", 0, status, "prints what the process finds itself to be, `key=value` a line"},
    {"syscall", 1, try_syscall, "NAME…: tries each; prints `NAME ERRNO`, 0 for success"},
    {"attributes", 0, attributes, "prints scheduling, I/O priority, personality and memory policy, `key=value` a line"},
    {"call", 1, make_call, "NAME ARGUMENT…: makes the system call with these numbers; prints `NAME ERRNO`"},
    {"receive-terminal", 1, receive_terminal, "SOCKET [TEXT]: a console socket's other end; types TEXT, prints what comes"},
    {"receive-pidfd", 1, receive_pidfd, "SOCKET: a pidfd socket's other end; prints its `pid N`, and `ended` when it has"},
    {"seccomp-agent", 2, seccomp_agent, "SOCKET ERRNO: prints the state it gets and fails every call with ERRNO"},
    {"ptrace-init", 1, ptrace_init, "PID: tries to attach to it and to open its root and memory; prints an errno each"},
    {"find-key", 1, find_key, "NAME: looks for it in the session keyring; prints `key ERRNO`"},
    {"with-key", 2, with_key, "NAME COMMAND…: runs it with a new session keyring that holds such a key"},
    {"swap", 2, swap_names, "A B: exchanges the two names again and again; prints `ready` first"},
    {"stalk", 2, stalk,
     "SECONDS PROGRAM: tries for so long to get at any process that does not execute PROGRAM; prints what it got"},
};

long number(const char *text) {
    char *end;
    errno = 0;
    long value = strtol(text, &end, 10);
    if (errno || end == text || *end) {
        fprintf(stderr, "workload: not a number: %s\n", text);
        exit(2);
    }
    return value;
}

double seconds(void) {
    struct timespec now;
    clock_gettime(CLOCK_MONOTONIC, &now);
    return now.tv_sec + now.tv_nsec / 1e9;
}

void fail(const char *what) {
    fprintf(stderr, "workload: %s: %s (%d)\n", what, strerror(errno), errno);
    exit(1);
}

int main(int argc, char **argv) {
    const int count = sizeof subcommands / sizeof *subcommands;
    setvbuf(stdout, NULL, _IOLBF, 0);
    for (int i = 0; argc > 1 && i < count; i++)
        if (!strcmp(argv[1], subcommands[i].name) && argc - 2 >= subcommands[i].least)
            return subcommands[i].run(argv + 2);
    for (int i = 0; i < count; i++)
        fprintf(stderr, "workload %s %s\n", subcommands[i].name, subcommands[i].help);
    return 2;
}
