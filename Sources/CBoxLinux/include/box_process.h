// Processes, namespaces, credentials and limits. Every function returns the call's value, or -errno.
#pragma once
#include <stddef.h>
#include <stdint.h>
#include <sys/types.h>

// clone3 without a stack of its own (as fork); cgroup < 0: the caller's. The child gets 0.
long box_clone3(uint64_t flags, int exit_signal, int cgroup, int *pidfd);
// clone(2) with SIGCHLD alone, which seccomp profiles allow where they answer ENOSYS to clone3. The child gets 0.
long box_fork(void);
long box_unshare(int flags);
long box_setns(int fd, int type);
// The CLONE_NEW* of the namespace behind fd (NS_GET_NSTYPE).
long box_namespace_type(int fd);
long box_chroot(const char *path);
long box_execve(const char *path, char *const argv[], char *const envp[]);
void box_exit(int status) __attribute__((noreturn));
long box_pidfd_open(int pid, unsigned flags);
long box_pidfd_send_signal(int pidfd, int signal);
long box_kill(int pid, int signal);

struct box_wait {
    int pid, code, status;               // code: CLD_EXITED, CLD_KILLED, CLD_DUMPED
    int64_t user_usec, system_usec;
    int64_t max_rss_kib;
};
// waitid (with rusage) on a pidfd or, with pidfd < 0, on any child. 0 and pid 0: nothing yet (WNOHANG).
long box_wait(int pidfd, int options, struct box_wait *out);

long box_prctl(int option, unsigned long a, unsigned long b, unsigned long c, unsigned long d);
long box_setsid(void);
long box_getpid(void);
long box_setresuid(unsigned uid);
long box_setresgid(unsigned gid);
// Always succeed as calls; the return value is the id from before.
long box_setfsuid(unsigned uid);
long box_setfsgid(unsigned gid);
long box_setgroups(size_t count, const unsigned *gids);
unsigned box_umask(unsigned mask);
long box_most_descriptors(void);
long box_setrlimit(int resource, uint64_t soft, uint64_t hard);
long box_sethostname(const char *name, size_t length);
long box_setdomainname(const char *name, size_t length);
long box_personality(unsigned long persona);
long box_ioprio_set(int class_and_data);
struct box_sched { uint32_t policy; uint64_t flags; int32_t nice; uint32_t priority; uint64_t runtime, deadline, period; };
long box_sched_setattr(const struct box_sched *attr);
long box_set_mempolicy(int mode, const uint64_t *nodes, unsigned long bits);
long box_sched_setaffinity(int thread, size_t size, const uint64_t *processors);
long box_seccomp_set_filter(unsigned flags, const void *instructions, uint16_t count);
// With SECCOMP_FILTER_FLAG_NEW_LISTENER: the descriptor is sent beside the byte, and closed. *sent: sendmsg's value, or -errno.
long box_seccomp_listen(unsigned flags, const void *instructions, uint16_t count, uint8_t byte, int socket, long *sent);
// -EFAULT: the kernel knows the flags; it got no program.
long box_seccomp_probe_flags(unsigned flags);
// Zeroed memory shared with every later child, or NULL with *error set.
void *box_shared_memory(size_t size, int *error);
long box_clock_nanoseconds(int clock);
// sysconf(_SC_NPROCESSORS_ONLN)
long box_online_processors(void);
long box_getrandom(void *buffer, size_t size);
// The kernel's release and machine, NUL-terminated.
long box_uname(char release[65], char machine[65]);
