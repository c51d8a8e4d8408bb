#define _GNU_SOURCE
#include "box_process.h"
#include "box_channel.h"
#include <errno.h>
#include <grp.h>
#include <linux/filter.h>
#include <linux/sched.h>
#include <linux/seccomp.h>
#include <signal.h>
#include <string.h>
#include <sys/fsuid.h>
#include <sys/ioctl.h>
#include <sys/mman.h>
#include <sys/personality.h>
#include <sys/prctl.h>
#include <sys/random.h>
#include <sys/resource.h>
#include <sys/stat.h>
#include <sys/syscall.h>
#include <sys/utsname.h>
#include <sys/wait.h>
#include <time.h>
#include <unistd.h>

#define RESULT(call) long r = (call); return r < 0 ? -errno : r

long box_clone3(uint64_t flags, int exit_signal, int cgroup, int *pidfd) {
    // A sibling has its parent's signal, and the kernel wants none said.
    struct clone_args args = {.flags = flags, .exit_signal = flags & CLONE_PARENT ? 0 : exit_signal};
    if (pidfd) { args.flags |= CLONE_PIDFD; args.pidfd = (uint64_t)(uintptr_t)pidfd; }
    if (cgroup >= 0) { args.flags |= CLONE_INTO_CGROUP; args.cgroup = cgroup; }
    RESULT(syscall(SYS_clone3, &args, sizeof args));
}
long box_fork(void) { RESULT(syscall(SYS_clone, SIGCHLD, 0, 0, 0, 0)); }
extern int unshare(int), setns(int, int);
long box_unshare(int flags) { RESULT(unshare(flags)); }
long box_setns(int fd, int type) { RESULT(setns(fd, type)); }
#define NS_GET_NSTYPE _IO(0xb7, 0x3)
long box_namespace_type(int fd) { RESULT(ioctl(fd, NS_GET_NSTYPE)); }
long box_chroot(const char *path) { RESULT(chroot(path)); }
long box_execve(const char *path, char *const argv[], char *const envp[]) { RESULT(execve(path, argv, envp)); }
void box_exit(int status) { _exit(status); }
long box_pidfd_open(int pid, unsigned flags) { RESULT(syscall(SYS_pidfd_open, pid, flags)); }
long box_pidfd_send_signal(int pidfd, int signal) { RESULT(syscall(SYS_pidfd_send_signal, pidfd, signal, NULL, 0)); }
long box_kill(int pid, int signal) { RESULT(kill(pid, signal)); }

long box_wait(int pidfd, int options, struct box_wait *out) {
    siginfo_t info = {0};
    struct rusage usage = {0};
    long r = syscall(SYS_waitid, pidfd < 0 ? P_ALL : P_PIDFD, pidfd < 0 ? 0 : pidfd, &info, options, &usage);
    if (r < 0) return -errno;
    *out = (struct box_wait){.pid = info.si_pid, .code = info.si_code, .status = info.si_status,
        .user_usec = usage.ru_utime.tv_sec * 1000000L + usage.ru_utime.tv_usec,
        .system_usec = usage.ru_stime.tv_sec * 1000000L + usage.ru_stime.tv_usec,
        .max_rss_kib = usage.ru_maxrss};
    return 0;
}

long box_prctl(int option, unsigned long a, unsigned long b, unsigned long c, unsigned long d) { RESULT(prctl(option, a, b, c, d)); }
long box_setsid(void) { RESULT(setsid()); }
long box_getpid(void) { return getpid(); }
// The raw calls: glibc's would try to reach every thread.
long box_setresuid(unsigned uid) { RESULT(syscall(SYS_setresuid, uid, uid, uid)); }
long box_setresgid(unsigned gid) { RESULT(syscall(SYS_setresgid, gid, gid, gid)); }
long box_setfsuid(unsigned uid) { return setfsuid(uid); }
long box_setfsgid(unsigned gid) { return setfsgid(gid); }
long box_setgroups(size_t count, const unsigned *gids) { RESULT(syscall(SYS_setgroups, count, gids)); }
unsigned box_umask(unsigned mask) { return umask(mask); }
long box_most_descriptors(void) {
    struct rlimit limit;
    if (getrlimit(RLIMIT_NOFILE, &limit) < 0) return -errno;
    return limit.rlim_cur > INT32_MAX ? INT32_MAX : (long)limit.rlim_cur;
}
long box_setrlimit(int resource, uint64_t soft, uint64_t hard) {
    struct rlimit limit = {soft, hard};
    RESULT(setrlimit(resource, &limit));
}
long box_sethostname(const char *name, size_t length) { RESULT(sethostname(name, length)); }
long box_setdomainname(const char *name, size_t length) { RESULT(setdomainname(name, length)); }
long box_personality(unsigned long persona) { RESULT(personality(persona)); }
long box_ioprio_set(int class_and_data) { RESULT(syscall(SYS_ioprio_set, 1, 0, class_and_data)); }
long box_sched_setattr(const struct box_sched *a) {
    struct { uint32_t size, policy; uint64_t flags; int32_t nice; uint32_t priority; uint64_t runtime, deadline, period; }
        attr = {sizeof attr, a->policy, a->flags, a->nice, a->priority, a->runtime, a->deadline, a->period};
    RESULT(syscall(SYS_sched_setattr, 0, &attr, 0));
}
long box_set_mempolicy(int mode, const uint64_t *nodes, unsigned long bits) {
    RESULT(syscall(SYS_set_mempolicy, mode, nodes, bits));
}
long box_sched_setaffinity(int thread, size_t size, const uint64_t *processors) {
    RESULT(syscall(SYS_sched_setaffinity, thread, size, processors));
}
long box_seccomp_set_filter(unsigned flags, const void *instructions, uint16_t count) {
    struct sock_fprog program = {.len = count, .filter = (struct sock_filter *)instructions};
    RESULT(syscall(SYS_seccomp, SECCOMP_SET_MODE_FILTER, flags, &program));
}
long box_seccomp_listen(unsigned flags, const void *instructions, uint16_t count, uint8_t byte, int socket, long *sent) {
    struct sock_fprog program = {.len = count, .filter = (struct sock_filter *)instructions};
    int fd = syscall(SYS_seccomp, SECCOMP_SET_MODE_FILTER, flags, &program);
    if (fd < 0) return -errno;
    do *sent = box_send_record(socket, &byte, 1, fd);
    while (*sent == -EINTR);
    close(fd);
    return 0;
}
long box_seccomp_probe_flags(unsigned flags) { RESULT(syscall(SYS_seccomp, SECCOMP_SET_MODE_FILTER, flags, NULL)); }
void *box_shared_memory(size_t size, int *error) {
    void *memory = mmap(NULL, size, PROT_READ | PROT_WRITE, MAP_SHARED | MAP_ANONYMOUS, -1, 0);
    if (memory != MAP_FAILED) return memory;
    *error = errno;
    return NULL;
}
long box_clock_nanoseconds(int clock) {
    struct timespec t;
    if (clock_gettime(clock, &t) < 0) return -errno;
    return t.tv_sec * 1000000000L + t.tv_nsec;
}
long box_getrandom(void *buffer, size_t size) { RESULT(getrandom(buffer, size, 0)); }
long box_uname(char release[65], char machine[65]) {
    struct utsname u;
    if (uname(&u) < 0) return -errno;
    memcpy(release, u.release, 65);
    memcpy(machine, u.machine, 65);
    return 0;
}

long box_online_processors(void) {
    long count = sysconf(_SC_NPROCESSORS_ONLN);
    return count < 1 ? 1 : count;
}
