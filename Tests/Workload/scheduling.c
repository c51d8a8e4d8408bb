// What only system calls tell about a process.
#define _GNU_SOURCE
#include "workload.h"
#include <errno.h>
#include <sched.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/personality.h>
#include <sys/syscall.h>
#include <sys/wait.h>
#include <unistd.h>

// sched_getattr(2), ioprio_get(2), personality(2), get_mempolicy(2), `key=value` a line.
int attributes(char **arguments) {
    (void)arguments;
    struct { uint32_t size, policy; uint64_t flags; int32_t nice; uint32_t priority; uint64_t runtime, deadline, period; } now = {0};
    if (syscall(SYS_sched_getattr, 0, &now, sizeof now, 0)) fail("sched_getattr");
    printf("policy=%u\nsched_flags=%llu\nsched_nice=%d\npriority=%u\n", now.policy, (unsigned long long)now.flags, now.nice,
           now.priority);
    printf("runtime=%llu\ndeadline=%llu\nperiod=%llu\n", (unsigned long long)now.runtime, (unsigned long long)now.deadline,
           (unsigned long long)now.period);
    long io = syscall(SYS_ioprio_get, 1, 0);
    printf("io_class=%ld\nio_level=%ld\npersonality=%x\n", io >> 13, io & 0x1fff, personality(0xffffffff));
    int mode = -1;
    unsigned long nodes[16] = {0};
    if (syscall(SYS_get_mempolicy, &mode, nodes, sizeof nodes * 8, 0, 0)) mode = -errno;
    printf("memory_mode=%d\nmemory_nodes=%lx\n", mode, nodes[0]);
    return 0;
}

// NAME ARGUMENT…: the call with up to six arguments, made by a child; prints `NAME ERRNO` or `NAME signal N`.
int make_call(char **arguments) {
    long number_of_call = !strcmp(arguments[0], "getpgid") ? SYS_getpgid
        : !strcmp(arguments[0], "getsid")                  ? SYS_getsid
        : !strcmp(arguments[0], "personality")             ? SYS_personality
                                                           : number(arguments[0]);
    long values[6] = {0};
    for (int i = 0; i < 6 && arguments[i + 1]; i++) values[i] = number(arguments[i + 1]);
    pid_t child = fork();
    if (child < 0) fail("fork");
    if (child == 0) {
        errno = 0;
        syscall(number_of_call, values[0], values[1], values[2], values[3], values[4], values[5]);
        _exit(errno);
    }
    int ended;
    waitpid(child, &ended, 0);
    if (WIFSIGNALED(ended)) printf("%s signal %d\n", arguments[0], WTERMSIG(ended));
    else printf("%s %d\n", arguments[0], WEXITSTATUS(ended));
    return 0;
}
