// launcher [-e] [-c DIR]… [-p PARALLEL -n COUNT] FILE COMMAND… [";" COMMAND…]…
//
// Runs the commands one after another and appends a line of numbers to FILE ("-": standard output):
//
//     TOTAL EXEC CLEAN RSS
//
// nanoseconds from before the first spawn to the end of the last command; to the workload's first look at the clock (-e: its
// standard output is a pipe on which it says so, see stamp.c; else 0); to the moment when nothing of the box is left: no
// child, the mounts as before, as many entries as before in each DIR. RSS is the most memory that one process had, in KiB.
//
// What a command leaves running becomes this program's child, as an engine's shim has it, and is waited for before the last
// command. With -p and -n COUNT runs of one command, so many at a time: the line is the nanoseconds of all; "@" in a word
// becomes the number of the run. Small and static, so that what is measured is the command. Exit status: the commands'.
#define _GNU_SOURCE
#include <dirent.h>
#include <errno.h>
#include <fcntl.h>
#include <sched.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/prctl.h>
#include <sys/resource.h>
#include <sys/wait.h>
#include <time.h>
#include <unistd.h>

enum { DIRECTORIES = 8, WORDS = 64, TABLE = 1 << 18 };

static long long nanoseconds(void) {
    struct timespec now;
    clock_gettime(CLOCK_MONOTONIC, &now);
    return now.tv_sec * 1000000000LL + now.tv_nsec;
}

static void fail(const char *what) {
    fprintf(stderr, "launcher: %s: %s\n", what, strerror(errno));
    exit(125);
}

static pid_t spawn(char **words, int output) {
    pid_t child = vfork();
    if (child == 0) {
        if (output >= 0) dup2(output, 1);
        execvp(words[0], words);
        _exit(127);
    }
    if (child < 0) fail("vfork");
    return child;
}

static long peak; // KiB

static int wait_for(pid_t child) {
    int status;
    struct rusage usage;
    while (wait4(child, &status, 0, &usage) != child)
        if (errno != EINTR) fail("wait4");
    if (usage.ru_maxrss > peak) peak = usage.ru_maxrss;
    return WIFEXITED(status) ? WEXITSTATUS(status) : 128 + WTERMSIG(status);
}

// What the box could leave: a fingerprint of the mounts, and how much there is in the directories.
static unsigned long mounts(void) {
    static char text[TABLE];
    int file = open("/proc/self/mountinfo", O_RDONLY | O_CLOEXEC);
    unsigned long hash = 5381;
    ssize_t count;
    while ((count = read(file, text, sizeof text)) > 0)
        for (ssize_t i = 0; i < count; i++) hash = hash * 33 + (unsigned char)text[i];
    close(file);
    return hash;
}

static int entries(const char *path) {
    DIR *directory = opendir(path);
    if (!directory) return -1;
    int count = 0;
    while (readdir(directory)) count++;
    closedir(directory);
    return count;
}

static const char *watched[DIRECTORIES];
static int before[DIRECTORIES], watching;

static int is_clean(unsigned long table) {
    pid_t left;
    do left = waitpid(-1, NULL, WNOHANG);
    while (left > 0);
    if (left == 0) return 0;
    for (int i = 0; i < watching; i++)
        if (entries(watched[i]) != before[i]) return 0;
    return mounts() == table;
}

static void say(const char *file, const char *line) {
    FILE *out = strcmp(file, "-") ? fopen(file, "a") : stdout;
    if (!out || fputs(line, out) < 0 || fflush(out)) fail(file);
}

static pid_t numbered(char **words, int number) {
    static char names[WORDS][256];
    char *own[WORDS + 1];
    int i = 0;
    for (; words[i] && i < WORDS; i++) {
        char *at = strchr(words[i], '@');
        own[i] = words[i];
        if (!at) continue;
        snprintf(names[i], sizeof names[i], "%.*s%d%s", (int)(at - words[i]), words[i], number, at + 1);
        own[i] = names[i];
    }
    own[i] = NULL;
    return spawn(own, -1);
}

static int flight(const char *file, char **words, int parallel, int count) {
    long long start = nanoseconds();
    int begun = 0, failed = 0;
    for (int ended = 0; ended < count; ended++) {
        while (begun < count && begun - ended < parallel) numbered(words, begun++);
        int status;
        if (wait(&status) < 0) fail("wait");
        failed |= status;
    }
    char line[64];
    snprintf(line, sizeof line, "%lld\n", nanoseconds() - start);
    say(file, line);
    return failed ? 1 : 0;
}

int main(int argc, char **argv) {
    int option, stamped = 0, parallel = 0, count = 0, pipes[2] = {-1, -1};
    while ((option = getopt(argc, argv, "+ec:p:n:")) != -1) {
        if (option == 'e') stamped = 1;
        else if (option == 'p') parallel = atoi(optarg);
        else if (option == 'n') count = atoi(optarg);
        else if (option == 'c' && watching < DIRECTORIES) watched[watching++] = optarg;
        else return 2;
    }
    if (argc - optind < 2) return 2;
    const char *file = argv[optind];
    char **words = argv + optind + 1;
    if (parallel) return flight(file, words, parallel, count);
    prctl(PR_SET_CHILD_SUBREAPER, 1, 0, 0, 0);
    if (stamped && pipe2(pipes, O_CLOEXEC)) fail("pipe2");
    for (int i = 0; i < watching; i++) before[i] = entries(watched[i]);
    unsigned long table = mounts();
    long long start = nanoseconds();
    int status = 0;
    for (char **end = words; *words && !status; words = end) {
        while (*end && strcmp(*end, ";")) end++;
        int is_last = !*end;
        if (!is_last) *end++ = NULL;
        if (is_last && words != argv + optind + 1)
            while (waitpid(-1, NULL, 0) > 0) continue;
        status = wait_for(spawn(words, pipes[1]));
    }
    long long total = nanoseconds() - start, stamp = start;
    if (status) return status;
    while (!is_clean(table)) {
        if (nanoseconds() - start - total > 10000000000LL) {
            fputs("launcher: the box left something, ten seconds after its end\n", stderr);
            return 124;
        }
        sched_yield();
    }
    long long clean = nanoseconds() - start;
    if (stamped && read(pipes[0], &stamp, sizeof stamp) != sizeof stamp) fail("no stamp");
    char line[128];
    snprintf(line, sizeof line, "%lld %lld %lld %ld\n", total, stamp - start, clean, peak);
    say(file, line);
    return 0;
}
