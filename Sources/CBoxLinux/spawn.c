#define _GNU_SOURCE
#include "box_spawn.h"

#include <errno.h>
#include <fcntl.h>
#include <malloc.h>
#include <netinet/in.h>
#include <signal.h>
#include <spawn.h>
#include <sys/inotify.h>
#include <sys/mman.h>
#include <sys/socket.h>
#include <sys/stat.h>
#include <time.h>
#include <unistd.h>

#define RESULT(call)                     \
    long result_ = (call);               \
    return result_ < 0 ? -errno : result_

enum { most_descriptors = 8 };

// A source below `count` might be replaced before it is copied: it is moved out of the way.
static int lift(int fd, int count) { return fd >= 0 && fd < count ? fcntl(fd, F_DUPFD_CLOEXEC, count) : fd; }

static int place(posix_spawn_file_actions_t *actions, const int *fds, int count) {
    for (int n = 0; n < count; n++) {
        int error = fds[n] < 0 ? posix_spawn_file_actions_addopen(actions, n, "/dev/null", O_RDWR, 0)
                               : posix_spawn_file_actions_adddup2(actions, fds[n], n);
        if (error) return error;
    }
    return posix_spawn_file_actions_addclosefrom_np(actions, count);
}

static int shape(posix_spawnattr_t *attributes) {
    sigset_t none, all;
    sigemptyset(&none);
    sigfillset(&all);
    int error = posix_spawnattr_setsigmask(attributes, &none);
    if (!error) error = posix_spawnattr_setsigdefault(attributes, &all);
    if (!error)
        error = posix_spawnattr_setflags(
            attributes, POSIX_SPAWN_SETSIGMASK | POSIX_SPAWN_SETSIGDEF | POSIX_SPAWN_SETSID);
    return error;
}

static int start(const char *path, char *const argv[], char *const envp[], const int *fds, int count, pid_t *pid) {
    posix_spawn_file_actions_t actions;
    posix_spawnattr_t attributes;
    int error = posix_spawn_file_actions_init(&actions);
    if (error) return error;
    error = posix_spawnattr_init(&attributes);
    if (!error) {
        error = place(&actions, fds, count);
        if (!error) error = shape(&attributes);
        if (!error) error = posix_spawn(pid, path, &actions, &attributes, argv, envp);
        posix_spawnattr_destroy(&attributes);
    }
    posix_spawn_file_actions_destroy(&actions);
    return error;
}

long box_spawn(const char *path, char *const argv[], char *const envp[], const int *fds, int count) {
    int sources[most_descriptors];
    if (count > most_descriptors) return -EINVAL;
    int error = 0;
    for (int n = 0; n < count; n++) {
        sources[n] = lift(fds[n], count);
        if (fds[n] >= 0 && sources[n] < 0) error = errno;
    }
    pid_t pid = 0;
    if (!error) error = start(path, argv, envp, sources, count, &pid);
    for (int n = 0; n < count; n++)
        if (sources[n] >= 0 && sources[n] != fds[n]) close(sources[n]);
    return error ? -error : pid;
}

long box_inotify(void) { RESULT(inotify_init1(IN_CLOEXEC | IN_NONBLOCK)); }
long box_inotify_watch(int fd, const char *path, uint32_t mask) { RESULT(inotify_add_watch(fd, path, mask)); }
long box_pipe(int fds[2]) { RESULT(pipe2(fds, O_CLOEXEC)); }
long box_fdatasync(int fd) { RESULT(fdatasync(fd)); }

long box_listen_loopback(uint16_t port, int version6) {
    struct sockaddr_in six_less = {.sin_family = AF_INET, .sin_port = htons(port), .sin_addr = {htonl(INADDR_LOOPBACK)}};
    struct sockaddr_in6 six = {.sin6_family = AF_INET6, .sin6_port = htons(port), .sin6_addr = IN6ADDR_LOOPBACK_INIT};
    struct sockaddr *address = version6 ? (struct sockaddr *)&six : (struct sockaddr *)&six_less;
    socklen_t size = version6 ? sizeof six : sizeof six_less;
    int fd = socket(address->sa_family, SOCK_STREAM | SOCK_CLOEXEC, 0), one = 1;
    if (fd < 0) return -errno;
    if (setsockopt(fd, SOL_SOCKET, SO_REUSEADDR, &one, sizeof one) == 0 && bind(fd, address, size) == 0 &&
        listen(fd, 16) == 0)
        return fd;
    int error = errno;
    close(fd);
    return -error;
}
long box_forget_pages(uintptr_t start, size_t size) { RESULT(madvise((void *)start, size, MADV_DONTNEED)); }
void box_trim_heap(void) { malloc_trim(0); }
long box_listen(int fd, int backlog) { RESULT(listen(fd, backlog)); }
long box_modified(int dir, const char *path) {
    struct stat s;
    return fstatat(dir, path, &s, AT_SYMLINK_NOFOLLOW) < 0 ? -errno : s.st_mtim.tv_sec < 0 ? 0 : s.st_mtim.tv_sec;
}
long box_set_modified(int dir, const char *path, int64_t seconds) {
    struct timespec times[2] = {{.tv_sec = seconds}, {.tv_sec = seconds}};
    RESULT(utimensat(dir, path, times, AT_SYMLINK_NOFOLLOW));
}
long box_linkat(int from_dir, const char *from, int dir, const char *to) { RESULT(linkat(from_dir, from, dir, to, 0)); }
