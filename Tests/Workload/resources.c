// Subcommands that use up what a box limits.
#define _GNU_SOURCE
#include "workload.h"
#include <errno.h>
#include <fcntl.h>
#include <signal.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/mman.h>
#include <sys/resource.h>
#include <sys/wait.h>
#include <time.h>
#include <unistd.h>

enum {
    megabyte = 1 << 20,
    request = 1 << 16,    // small enough that no kernel splits it, so that operations can be counted
};

int fork_bomb(char **arguments) {
    long wanted = number(arguments[0]), started = 0;
    pid_t *children = calloc(wanted, sizeof *children);
    int error = 0;
    while (started < wanted) {
        pid_t child = fork();
        if (child == 0)
            for (;;) pause();
        if (child < 0) {
            error = errno;
            break;
        }
        children[started++] = child;
    }
    printf("started %ld errno %d\n", started, error);
    for (long i = 0; i < started; i++) kill(children[i], SIGKILL);
    while (wait(NULL) > 0) {}
    return 0;
}

int eat_memory(char **arguments) {
    long megabytes = number(arguments[0]);
    for (long i = 0; i < megabytes; i++) {
        char *page = mmap(NULL, megabyte, PROT_READ | PROT_WRITE, MAP_PRIVATE | MAP_ANONYMOUS, -1, 0);
        if (page == MAP_FAILED) fail("mmap");
        // Not one value all over, or a kernel that merges or compresses pages would be flattered.
        for (int at = 0; at < megabyte; at += 64) page[at] = (char)(at / 64 + i + 1);
    }
    printf("ate %ld\n", megabytes);
    for (;;) pause();
}

int eat_hugepages(char **arguments) {
    long wanted = number(arguments[0]), mapped = 0;
    for (; mapped < wanted; mapped++) {
        char *page = mmap(NULL, 2 * megabyte, PROT_READ | PROT_WRITE, MAP_PRIVATE | MAP_ANONYMOUS | MAP_HUGETLB, -1, 0);
        if (page == MAP_FAILED) break;
        *page = 1;
    }
    printf("mapped %ld errno %d\n", mapped, mapped < wanted ? errno : 0);
    return 0;
}

int burn(char **arguments) {
    double end = seconds() + number(arguments[0]);
    unsigned long work = 0;
    while (seconds() < end)
        for (volatile int i = 0; i < 10000; i++) work++;
    struct timespec used;
    clock_gettime(CLOCK_PROCESS_CPUTIME_ID, &used);
    printf("work %lu cpu %.3f\n", work / 10000, used.tv_sec + used.tv_nsec / 1e9);
    return 0;
}

static void *block(void) {
    void *memory;
    if ((errno = posix_memalign(&memory, 4096, request))) fail("posix_memalign");
    memset(memory, 'x', request);
    return memory;
}

int write_file(char **arguments) {
    long megabytes = number(arguments[1]);
    char *memory = block();
    int file = open(arguments[0], O_WRONLY | O_CREAT | O_TRUNC | O_DIRECT, 0644);
    if (file < 0) fail(arguments[0]);
    double start = seconds();
    for (long i = 0; i < megabytes * (megabyte / request); i++)
        if (write(file, memory, request) != request) fail("write");
    if (fsync(file)) fail("fsync");
    printf("seconds %.3f\n", seconds() - start);
    return 0;
}

int read_file(char **arguments) {
    char *memory = block();
    int file = open(arguments[0], O_RDONLY | O_DIRECT);
    if (file < 0) fail(arguments[0]);
    double start = seconds();
    ssize_t got;
    while ((got = read(file, memory, request)) > 0) {}
    if (got < 0) fail("read");
    printf("seconds %.3f\n", seconds() - start);
    return 0;
}

int open_files(char **arguments) {
    long wanted = number(arguments[0]), opened = 0;
    while (opened < wanted && open("/dev/null", O_RDONLY) >= 0) opened++;
    printf("opened %ld errno %d\n", opened, opened < wanted ? errno : 0);
    return 0;
}
