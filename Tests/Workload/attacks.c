// Subcommands that play the part of an attacker.
#define _GNU_SOURCE
#include "workload.h"
#include <dirent.h>
#include <errno.h>
#include <fcntl.h>
#include <linux/keyctl.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/syscall.h>
#include <unistd.h>

int find_key(char **arguments) {
    long key = syscall(SYS_keyctl, KEYCTL_SEARCH, KEY_SPEC_SESSION_KEYRING, "user", arguments[0], 0);
    printf("key %d\n", key < 0 ? errno : 0);
    return 0;
}

int with_key(char **arguments) {
    if (syscall(SYS_keyctl, KEYCTL_JOIN_SESSION_KEYRING, NULL) < 0) fail("keyctl");
    if (syscall(SYS_add_key, "user", arguments[0], "secret", 6, KEY_SPEC_SESSION_KEYRING) < 0) fail("add_key");
    execvp(arguments[1], arguments + 1);
    fail(arguments[1]);
}

int swap_names(char **arguments) {
    puts("ready");
    for (;;)
        if (syscall(SYS_renameat2, AT_FDCWD, arguments[0], AT_FDCWD, arguments[1], 2 /* RENAME_EXCHANGE */) < 0)
            fail("renameat2");
}

static int executes(const char *pid, const char *program, char target[256]) {
    char path[64];
    memset(target, 0, 256);
    snprintf(path, sizeof path, "/proc/%s/exe", pid);
    return readlink(path, target, 255) > 0 && !strcmp(target, program);
}

// Whether something was got.
static int reach(const char *pid, const char *program) {
    static const char *const things[] = {"root", "fd/0", "mem"};
    char path[64], target[256];
    const char *got = NULL;
    if (executes(pid, program, target)) return 0;
    for (size_t i = 0; i < sizeof things / sizeof *things; i++) {
        snprintf(path, sizeof path, "/proc/%s/%s", pid, things[i]);
        // The check is that of ptrace(2) to attach.
        int file = open(path, i == 2 ? O_RDWR : O_RDONLY);
        if (file >= 0) got = things[i];
        close(file);
    }
    // It may have become the program in the meantime, or ended as such: then there was nothing to it.
    errno = 0;
    if (!got || executes(pid, program, target) || errno == ENOENT || errno == ESRCH) return 0;
    printf("got %s of %s\n", got, *target ? target : "a process");
    return 1;
}

int stalk(char **arguments) {
    char own[16];
    snprintf(own, sizeof own, "%d", getpid());
    double end = seconds() + number(arguments[0]);
    int got = 0;
    puts("ready");
    while (!got && seconds() < end) {
        DIR *directory = opendir("/proc");
        if (!directory) fail("/proc");
        for (struct dirent *entry; (entry = readdir(directory));)
            if (entry->d_name[0] >= '1' && entry->d_name[0] <= '9' && strcmp(entry->d_name, own))
                got |= reach(entry->d_name, arguments[1]);
        closedir(directory);
    }
    return 0;
}
