// Subcommands about signals, terminals and process families.
#define _GNU_SOURCE
#include "workload.h"
#include <signal.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/ioctl.h>
#include <sys/wait.h>
#include <unistd.h>

int sleep_forever(char **arguments) {
    (void)arguments;
    puts("ready");
    for (;;) pause();
}

static int signal_number(const char *name) {
    if (!strncmp(name, "SIG", 3)) name += 3;
    for (int n = 1; n < NSIG; n++) {
        const char *known = sigabbrev_np(n);
        if (known && !strcmp(known, name)) return n;
    }
    return (int)number(name);
}

int trap(char **arguments) {
    sigset_t set;
    sigemptyset(&set);
    sigaddset(&set, SIGTERM);
    for (; *arguments; arguments++) sigaddset(&set, signal_number(*arguments));
    sigprocmask(SIG_BLOCK, &set, NULL);
    puts("ready");
    for (;;) {
        int got;
        sigwait(&set, &got);
        printf("got %s\n", sigabbrev_np(got) ? sigabbrev_np(got) : "a real-time signal");
        if (got == SIGTERM) return 0;
    }
}

int winsize(char **arguments) {
    (void)arguments;
    sigset_t set;
    sigemptyset(&set);
    sigaddset(&set, SIGTERM);
    sigaddset(&set, SIGWINCH);
    sigprocmask(SIG_BLOCK, &set, NULL);
    for (int got = 0; got != SIGTERM; sigwait(&set, &got)) {
        struct winsize size;
        if (ioctl(0, TIOCGWINSZ, &size)) fail("TIOCGWINSZ");
        printf("%d %d\n", size.ws_row, size.ws_col);
    }
    return 0;
}

int orphan(char **arguments) {
    long life = number(arguments[0]);
    int ends[2];
    pid_t grandchild = 0;
    if (pipe(ends)) fail("pipe");
    pid_t child = fork();
    if (child == 0) {
        grandchild = fork();
        if (grandchild == 0) {
            sleep(life);
            _exit(0);
        }
        _exit(write(ends[1], &grandchild, sizeof grandchild) != sizeof grandchild);
    }
    if (child < 0 || read(ends[0], &grandchild, sizeof grandchild) != sizeof grandchild) fail("fork");
    waitpid(child, NULL, 0);
    printf("pid %d\n", grandchild);
    return 0;
}

int descend(char **arguments) {
    for (long left = number(arguments[0]); left > 0; left--) {
        pid_t child = fork();
        if (child < 0) fail("fork");
        if (child > 0)
            for (;;) pause();
    }
    puts("ready");
    for (;;) pause();
}
