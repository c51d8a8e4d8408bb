// Subcommands that tell what a process in the box is and what the kernel lets it do.
#define _GNU_SOURCE
#include "workload.h"
#include <dirent.h>
#include <errno.h>
#include <fcntl.h>
#include <grp.h>
#include <linux/audit.h>
#include <sched.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/mman.h>
#include <sys/mount.h>
#include <sys/prctl.h>
#include <sys/ptrace.h>
#include <sys/resource.h>
#include <sys/socket.h>
#include <sys/stat.h>
#include <sys/syscall.h>
#include <sys/wait.h>
#include <unistd.h>

// Lines of /proc/self/status that are worth telling, as `CapEff=…`.
static void proc_status(void) {
    static const char *const wanted[] = {"CapInh", "CapPrm", "CapEff", "CapBnd", "CapAmb", "NoNewPrivs", "Seccomp",
                                         "Seccomp_filters", "Threads", "Cpus_allowed_list", "Mems_allowed_list",
                                         "Umask"};
    char line[4096], value[4096];
    FILE *file = fopen("/proc/self/status", "r");
    if (!file) return;
    while (fgets(line, sizeof line, file)) {
        char *colon = strchr(line, ':');
        if (!colon || sscanf(colon + 1, " %4095[^\n]", value) != 1) continue;
        *colon = 0;
        for (size_t i = 0; i < sizeof wanted / sizeof *wanted; i++)
            if (!strcmp(line, wanted[i])) printf("%s=%s\n", line, value);
    }
    fclose(file);
}

static void open_descriptors(void) {
    DIR *directory = opendir("/proc/self/fd");
    if (!directory) return;
    printf("fds=");
    for (struct dirent *entry; (entry = readdir(directory));)
        if (entry->d_name[0] != '.' && atoi(entry->d_name) != dirfd(directory)) printf("%s ", entry->d_name);
    printf("\n");
    closedir(directory);
}

static void first_line(const char *key, const char *path) {
    char line[512] = "";
    FILE *file = fopen(path, "r");
    if (file && fgets(line, sizeof line, file)) line[strcspn(line, "\n")] = 0;
    if (file) fclose(file);
    printf("%s=%s\n", key, line);
}

int status(char **arguments) {
    (void)arguments;
    char text[4096];
    gid_t groups[64];
    int count = getgroups(64, groups);
    printf("uid=%d\neuid=%d\ngid=%d\negid=%d\ngroups=", getuid(), geteuid(), getgid(), getegid());
    for (int i = 0; i < count; i++) printf("%d ", groups[i]);
    printf("\npid=%d\nppid=%d\nsid=%d\nnproc=%ld\n", getpid(), getppid(), getsid(0), sysconf(_SC_NPROCESSORS_ONLN));
    printf("hostname=%s\n", gethostname(text, sizeof text) ? "" : text);
    printf("cwd=%s\n", getcwd(text, sizeof text) ? text : strerror(errno));
    printf("tty=%s\n", ttyname_r(0, text, sizeof text) ? "" : text);
    printf("dumpable=%d\nnice=%d\n", prctl(PR_GET_DUMPABLE), getpriority(PRIO_PROCESS, 0));
    static const struct { const char *name; int number; } limits[] = {
        {"nofile", RLIMIT_NOFILE}, {"nproc", RLIMIT_NPROC}, {"core", RLIMIT_CORE}, {"memlock", RLIMIT_MEMLOCK},
        {"fsize", RLIMIT_FSIZE}, {"stack", RLIMIT_STACK}, {"cpu", RLIMIT_CPU}, {"as", RLIMIT_AS}};
    for (size_t i = 0; i < sizeof limits / sizeof *limits; i++) {
        struct rlimit limit;
        if (!getrlimit(limits[i].number, &limit))
            printf("rlimit.%s=%lld:%lld\n", limits[i].name, (long long)limit.rlim_cur, (long long)limit.rlim_max);
    }
    first_line("oom_score_adj", "/proc/self/oom_score_adj");
    first_line("cgroup", "/proc/self/cgroup");
    first_line("label", "/proc/self/attr/current");
    proc_status();
    open_descriptors();
    return 0;
}

// Every attempt is one that fails for want of permission, not for its arguments, or that does no harm if it succeeds.
// A child makes it, so that one cannot change the outcome of the next.
static long attempt(const char *name) {
    struct { int type, fd; unsigned long rest[30]; } zero = {0};
    if (!strcmp(name, "mount")) return mount("none", "/tmp", "tmpfs", 0, "");
    if (!strcmp(name, "umount")) return umount2("/proc", MNT_DETACH);
    if (!strcmp(name, "fsopen")) return syscall(SYS_fsopen, "tmpfs", 0);
    if (!strcmp(name, "pivot_root")) return syscall(SYS_pivot_root, "/", "/tmp");
    if (!strcmp(name, "unshare-user")) return unshare(CLONE_NEWUSER);
    if (!strcmp(name, "unshare-mount")) return unshare(CLONE_NEWNS);
    if (!strcmp(name, "setns")) return setns(open("/proc/self/ns/uts", O_RDONLY), 0);
    if (!strcmp(name, "clone-user")) {
        long child = syscall(SYS_clone, CLONE_NEWUSER | SIGCHLD, 0, 0, 0, 0);
        if (child == 0) _exit(0);
        return child;
    }
    if (!strcmp(name, "clone3")) return syscall(SYS_clone3, NULL, 0);
    if (!strcmp(name, "bpf")) return syscall(SYS_bpf, 0, &zero, 4);
    if (!strcmp(name, "perf")) return syscall(SYS_perf_event_open, &zero, 0, -1, -1, 0);
    if (!strcmp(name, "keyctl")) return syscall(SYS_keyctl, 0, -3, 0);
    if (!strcmp(name, "add_key")) return syscall(SYS_add_key, "user", "swiftbox-test", "x", 1, -1);
    if (!strcmp(name, "io_uring")) return syscall(SYS_io_uring_setup, 0, NULL);
    if (!strcmp(name, "userfaultfd")) return syscall(SYS_userfaultfd, 0);
    if (!strcmp(name, "ptrace")) return ptrace(PTRACE_TRACEME, 0, 0, 0);
    if (!strcmp(name, "reboot")) return syscall(SYS_reboot, 0, 0, 0, 0);
    if (!strcmp(name, "kexec")) return syscall(SYS_kexec_load, 0, 0, 0, ~0ul);
    if (!strcmp(name, "init_module")) return syscall(SYS_init_module, NULL, 0, "");
    if (!strcmp(name, "open_by_handle_at")) return syscall(SYS_open_by_handle_at, -1, NULL, 0);
    if (!strcmp(name, "sethostname")) return sethostname("taken", 5);
    if (!strcmp(name, "settime")) return syscall(SYS_clock_settime, 0, NULL);
    if (!strcmp(name, "mknod-disk")) return mknod("/tmp/disk", S_IFBLK | 0600, 0x0800);
    if (!strcmp(name, "mknod-null")) return mknod("/tmp/null", S_IFCHR | 0600, 0x0103);
    if (!strcmp(name, "chroot")) return chroot("/");
    if (!strcmp(name, "setuid")) return setuid(1);
    if (!strcmp(name, "raw-socket")) return socket(AF_INET, SOCK_RAW, 1);
    if (!strcmp(name, "vsock")) return socket(AF_VSOCK, SOCK_STREAM, 0);
    if (!strcmp(name, "personality")) return syscall(SYS_personality, 0x0400000);
    if (!strcmp(name, "getpid")) return getpid();
#ifdef __x86_64__
    if (!strncmp(name, "i386-socket", 11)) {    // …call: the three arguments lie in memory
        int result, *arguments = mmap(NULL, 4096, PROT_READ | PROT_WRITE, MAP_PRIVATE | MAP_ANONYMOUS | MAP_32BIT, -1, 0);
        if (arguments == MAP_FAILED) return -1;
        arguments[0] = AF_VSOCK;
        arguments[1] = SOCK_STREAM;
        int direct = !strcmp(name, "i386-socket");
        __asm__ volatile("int $0x80" : "=a"(result)
            : "a"(direct ? 359 : 102), "b"(direct ? AF_UNIX : 1), "c"(direct ? SOCK_STREAM : (int)(long)arguments), "d"(0)
            : "memory", "r8", "r9", "r10", "r11");
        errno = -result;
        return result;
    }
    if (!strcmp(name, "i386-getpid") || !strcmp(name, "i386-keyctl")) {
        int result, call = name[5] == 'g' ? 20 : 288;
        __asm__ volatile("int $0x80" : "=a"(result) : "a"(call), "b"(0), "c"(-3), "d"(0) : "memory", "r8", "r9", "r10", "r11");
        errno = -result;
        return result;
    }
#endif
    return syscall(number(name), -1L, -1L, -1L, -1L, -1L, -1L);
}

// On a bare machine root would succeed, and mount over that machine's own directories.
static void refuse_outside_of_a_box(void) {
    static const char initial[] = "pid:[4026531836]";    // PROC_PID_INIT_INO, the same on every kernel
    char name[64] = "";
    if (readlink("/proc/self/ns/pid", name, sizeof name - 1) > 0 && !strcmp(name, initial)) {
        fprintf(stderr, "workload: syscall: only inside a box with a pid namespace of its own\n");
        exit(2);
    }
}

int try_syscall(char **arguments) {
    refuse_outside_of_a_box();
    for (; *arguments; arguments++) {
        pid_t child = fork();
        if (child < 0) fail("fork");
        if (child == 0) {
            errno = 0;
            _exit(attempt(*arguments) < 0 ? errno : 0);
        }
        int ended;
        waitpid(child, &ended, 0);
        if (WIFSIGNALED(ended)) printf("%s signal %d\n", *arguments, WTERMSIG(ended));
        else printf("%s %d\n", *arguments, WEXITSTATUS(ended));
    }
    return 0;
}

int ptrace_init(char **arguments) {
    char path[64];
    long pid = number(arguments[0]);
    printf("attach %d\n", ptrace(PTRACE_SEIZE, pid, 0, 0) < 0 ? errno : 0);
    static const char *const files[] = {"root", "mem", "environ", "exe"};
    for (size_t i = 0; i < sizeof files / sizeof *files; i++) {
        snprintf(path, sizeof path, "/proc/%ld/%s", pid, files[i]);
        printf("%s %d\n", files[i], open(path, i == 1 ? O_RDWR : O_RDONLY) < 0 ? errno : 0);
    }
    return 0;
}
