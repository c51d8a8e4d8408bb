// floor run STATE BUNDLE ID FILTER CGROUPS COMMAND…: the kernel's share of `swiftbox-runtime run`, as a static C program.
//
// It makes the kernel calls by which a box of config.json comes to life and ends, with the same arguments and in the same order,
// and nothing else: nothing is parsed, checked or decided. STATE is a directory of boxes' state, FILTER a file that
// swiftbox-runtime keeps a compiled filter in, CGROUPS where cgroup2 is mounted. Linked with Sources/CBoxLinux/entry.c it begins
// as swiftbox-runtime does, in a sealed copy of itself. HostTests' FloorTests compares the calls of the two.
#define _GNU_SOURCE
#include <fcntl.h>
#include <linux/capability.h>
#include <linux/mount.h>
#include <linux/openat2.h>
#include <linux/sched.h>
#include <linux/seccomp.h>
#include <net/if.h>
#include <poll.h>
#include <signal.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/file.h>
#include <sys/ioctl.h>
#include <sys/mman.h>
#include <sys/prctl.h>
#include <sys/signalfd.h>
#include <sys/socket.h>
#include <sys/stat.h>
#include <sys/syscall.h>
#include <sys/sysmacros.h>
#include <sys/wait.h>
#include <unistd.h>

#define EMPTY_PATH 0x1000
#define RECURSIVE 0x8000
enum { NOSUID = 2, NODEV = 4, NOEXEC = 8, STRICT_ATIME = 0x20, RDONLY = 1 };

static long must(long result, const char *what) {
    if (result < 0) {
        perror(what);
        _exit(125);
    }
    return result;
}
#define CALL(number, ...) must(syscall(SYS_##number, __VA_ARGS__), #number)

static size_t read_file(int at, const char *path, char *text, size_t size) {
    int file = must(openat(at, path, O_RDONLY | O_CLOEXEC), path);
    size_t count = must(read(file, text, size), path);
    close(file);
    return count;
}

static void write_new(int at, const char *name, const char *text, size_t size) {
    int file = must(openat(at, name, O_CREAT | O_WRONLY | O_TRUNC | O_NOFOLLOW | O_CLOEXEC, 0600), name);
    must(write(file, text, size), name);
    close(file);
}

static int open_below(int root, const char *path, uint64_t flags, uint64_t resolve) {
    struct open_how how = {.flags = flags | O_CLOEXEC, .resolve = resolve};
    return syscall(SYS_openat2, root, path, &how, sizeof how);
}

static int target(int root, const char *path) {
    return open_below(root, path, O_PATH, RESOLVE_NO_SYMLINKS | RESOLVE_IN_ROOT);
}

static int file_system(const char *type, const char *const *options, unsigned flags) {
    int context = CALL(fsopen, type, FSOPEN_CLOEXEC);
    for (; *options; options += 2)
        CALL(fsconfig, context, options[1] ? FSCONFIG_SET_STRING : FSCONFIG_SET_FLAG, options[0], options[1], 0);
    CALL(fsconfig, context, FSCONFIG_CMD_CREATE, NULL, NULL, 0);
    int mount = CALL(fsmount, context, FSMOUNT_CLOEXEC, flags);
    close(context);
    return mount;
}

static void attach(int mount, int place) {
    CALL(move_mount, mount, "", place, "", MOVE_MOUNT_F_EMPTY_PATH | MOVE_MOUNT_T_EMPTY_PATH);
}

struct mount {
    const char *path, *parent, *name, *type;
    unsigned flags;
    const char *options[12];
};
static const struct mount mounts[] = {
    {"proc", 0, 0, "proc", NOSUID | NODEV | NOEXEC, {"source", "proc"}},
    {"dev", 0, 0, "tmpfs", NOSUID | STRICT_ATIME, {"source", "tmpfs", "mode", "755", "size", "65536k"}},
    {"dev/pts", "dev", "pts", "devpts", NOSUID | NOEXEC,
     {"source", "devpts", "newinstance", 0, "ptmxmode", "0666", "mode", "0620", "gid", "5"}},
    {"dev/shm", "dev", "shm", "tmpfs", NOSUID | NODEV | NOEXEC, {"source", "shm", "mode", "1777", "size", "65536k"}},
    {"dev/mqueue", "dev", "mqueue", "mqueue", NOSUID | NODEV | NOEXEC, {"source", "mqueue"}},
    {"sys", 0, 0, "sysfs", RDONLY | NOSUID | NODEV | NOEXEC, {"source", "sysfs"}},
    {"sys/fs/cgroup", 0, 0, "cgroup2", RDONLY | NOSUID | NODEV | NOEXEC, {"source", "cgroup"}},
};

static void mount_all(int root) {
    for (size_t i = 0; i < sizeof mounts / sizeof *mounts; i++) {
        const struct mount *mount = &mounts[i];
        int place = target(root, mount->path);
        if (place < 0 && mount->parent) {
            int parent = must(target(root, mount->parent), mount->parent);
            must(mkdirat(parent, mount->name, 0755), mount->path);
            place = open_below(parent, mount->name, O_PATH | O_DIRECTORY | O_NOFOLLOW, RESOLVE_BENEATH | RESOLVE_NO_SYMLINKS);
            close(parent);
        }
        must(place, mount->path);
        int made = file_system(mount->type, mount->options, mount->flags);
        attach(made, place);
        close(made);
        close(place);
    }
}

static void fill_dev(int root) {
    static const struct { const char *name; int major, minor; } devices[] = {
        {"null", 1, 3}, {"zero", 1, 5}, {"full", 1, 7}, {"random", 1, 8}, {"urandom", 1, 9}, {"tty", 5, 0}};
    static const char *const links[][2] = {{"/proc/self/fd", "fd"}, {"/proc/self/fd/0", "stdin"},
        {"/proc/self/fd/1", "stdout"}, {"/proc/self/fd/2", "stderr"}, {"pts/ptmx", "ptmx"}};
    int dev = must(target(root, "dev"), "dev");
    for (size_t i = 0; i < sizeof devices / sizeof *devices; i++) {
        must(mknodat(dev, devices[i].name, S_IFCHR | 0666, makedev(devices[i].major, devices[i].minor)), devices[i].name);
        CALL(fchmodat, dev, devices[i].name, 0666);
    }
    for (size_t i = 0; i < sizeof links / sizeof *links; i++) must(symlinkat(links[i][0], dev, links[i][1]), links[i][1]);
    close(dev);
}

static int resolved(int root, const char *path) {
    return open_below(root, path, O_PATH, RESOLVE_NO_MAGICLINKS | RESOLVE_IN_ROOT);
}

static void protect(int root, const char *path) {
    int place = resolved(root, path);
    if (place < 0) return;
    int copy = CALL(open_tree, place, "", OPEN_TREE_CLONE | OPEN_TREE_CLOEXEC | EMPTY_PATH | RECURSIVE);
    struct mount_attr attributes = {.attr_set = RDONLY};
    CALL(mount_setattr, copy, "", EMPTY_PATH | RECURSIVE, &attributes, sizeof attributes);
    attach(copy, place);
    close(copy);
    close(place);
}

static void mask(int root, const char *path, int null, int *empty) {
    static const char *const options[] = {"size", "4096", "mode", "0555", 0};
    struct stat status;
    int place = resolved(root, path);
    if (place < 0) return;
    must(fstatat(place, "", &status, AT_EMPTY_PATH), path);
    if (S_ISDIR(status.st_mode) && *empty < 0) {
        *empty = file_system("tmpfs", options, RDONLY | NOSUID | NODEV | NOEXEC);
        attach(*empty, place);
    } else {
        int copy = CALL(open_tree, S_ISDIR(status.st_mode) ? *empty : null, "",
                        OPEN_TREE_CLONE | OPEN_TREE_CLOEXEC | EMPTY_PATH);
        attach(copy, place);
        close(copy);
    }
    close(place);
}

static void hide(int root) {
    static const char *const read_only[] = {"proc/bus", "proc/fs", "proc/irq", "proc/sys", "proc/sysrq-trigger"};
    static const char *const masked[] = {"proc/asound", "proc/acpi", "proc/kcore", "proc/keys", "proc/latency_stats",
        "proc/timer_list", "proc/timer_stats", "proc/sched_debug", "proc/scsi", "sys/firmware"};
    for (size_t i = 0; i < sizeof read_only / sizeof *read_only; i++) protect(root, read_only[i]);
    int null = must(target(root, "dev/null"), "dev/null"), empty = -1;
    for (size_t i = 0; i < sizeof masked / sizeof *masked; i++) mask(root, masked[i], null, &empty);
    if (empty >= 0) close(empty);
    close(null);
}

// The capabilities of config.json.
#define KEPT (1ull << 0 | 1ull << 1 | 1ull << 3 | 1ull << 4 | 1ull << 5 | 1ull << 6 | 1ull << 7 | 1ull << 8 | 1ull << 10 \
    | 1ull << 13 | 1ull << 18 | 1ull << 27 | 1ull << 29 | 1ull << 31)

static void become_ordinary(void) {
    for (int capability = 0; capability <= 40; capability++)
        if (!(KEPT >> capability & 1)) prctl(PR_CAPBSET_DROP, capability, 0, 0, 0);
    prctl(PR_SET_KEEPCAPS, 1, 0, 0, 0);
    CALL(setresgid, 0, 0, 0);
    CALL(setgroups, 0, NULL);
    CALL(setresuid, 0, 0, 0);
    struct __user_cap_header_struct header = {_LINUX_CAPABILITY_VERSION_3, 0};
    struct __user_cap_data_struct data[2] = {{(uint32_t)KEPT, (uint32_t)KEPT, 0}, {KEPT >> 32, KEPT >> 32, 0}};
    CALL(capset, &header, data);
    prctl(PR_CAP_AMBIENT, PR_CAP_AMBIENT_CLEAR_ALL, 0, 0, 0);
    prctl(PR_SET_KEEPCAPS, 0, 0, 0, 0);
}

static void pivot(int root) {
    must(fchdir(root), "fchdir");
    CALL(pivot_root, ".", ".");
    CALL(umount2, ".", 2 | 8);
    must(chdir("/"), "chdir");
}

static void loopback_up(void) {
    struct ifreq request = {.ifr_name = "lo", .ifr_flags = IFF_UP | IFF_RUNNING};
    int socket_ = must(socket(AF_INET, SOCK_DGRAM | SOCK_CLOEXEC, 0), "socket");
    must(ioctl(socket_, SIOCSIFFLAGS, &request), "SIOCSIFFLAGS");
    close(socket_);
}

static void install(const char *filter, size_t size) {
    // SeccompCache's file: 16 bytes of magic, a checksum, five numbers, of which the last is the size of the program at the end.
    uint64_t bytes;
    memcpy(&bytes, filter + 16 + 8 * 5, sizeof bytes);
    struct { uint16_t count; const void *instructions; } program = {bytes / 8, filter + size - bytes};
    CALL(seccomp, SECCOMP_SET_MODE_FILTER, 0, &program);
}

static char byte = 1;
static struct iovec bytes = {&byte, 1};
static struct msghdr go = {.msg_iov = &bytes, .msg_iovlen = 1};

static void initialise(int channel, int root, const char *filter, size_t size, char **command) {
    char *nothing[] = {"PATH=/usr/sbin:/usr/bin:/sbin:/bin", "HOME=/root", NULL}, directory[64];
    if (recvmsg(channel, &go, MSG_CMSG_CLOEXEC) != 1) _exit(125);
    prctl(PR_SET_DUMPABLE, 0, 0, 0, 0);
    CALL(unshare, CLONE_NEWCGROUP);
    setsid();
    CALL(keyctl, 1, NULL, 0, 0, 0);
    struct mount_attr attributes = {.propagation = 1 << 18};
    CALL(mount_setattr, AT_FDCWD, "/", RECURSIVE, &attributes, sizeof attributes);
    CALL(move_mount, root, "", AT_FDCWD, "/", MOVE_MOUNT_F_EMPTY_PATH);
    mount_all(root);
    fill_dev(root);
    hide(root);
    pivot(root);
    must(sethostname("benchmark", 9), "sethostname");
    loopback_up();
    CALL(close_range, 3, channel - 1, 0);
    CALL(close_range, channel + 1, ~0u >> 1, 0);
    become_ordinary();
    must(chdir("/"), "chdir");
    CALL(getcwd, directory, sizeof directory);
    prctl(PR_SET_NO_NEW_PRIVS, 1, 0, 0, 0);
    prctl(PR_SET_PDEATHSIG, SIGKILL, 0, 0, 0);
    struct pollfd watched = {.fd = channel, .events = POLLIN};
    poll(&watched, 1, 0);
    install(filter, size);
    sigset_t none;
    sigemptyset(&none);
    sigprocmask(SIG_SETMASK, &none, NULL);
    execve(command[0], command, nothing);
    _exit(127);
}

int main(int argc, char **argv) {
    static char config[65536], filter[65536], path[4096], stat[512];
    if (argc < 8) return 2;
    char *id = argv[4];
    size_t length = read_file(AT_FDCWD, strcat(strcpy(path, argv[3]), "/config.json"), config, sizeof config);
    sigset_t all;
    sigfillset(&all);
    sigprocmask(SIG_BLOCK, &all, NULL);
    int signals = signalfd(-1, &all, SFD_CLOEXEC | SFD_NONBLOCK);
    size_t size = read_file(AT_FDCWD, argv[5], filter, sizeof filter);

    // The box's state, made under a name of its own.
    int boxes = must(open(argv[2], O_RDONLY | O_DIRECTORY | O_CLOEXEC), argv[2]);
    char hidden[256] = ".new-";
    strncat(hidden, id, sizeof hidden - sizeof ".new-");
    must(mkdirat(boxes, hidden, 0700), hidden);
    int state = must(openat(boxes, hidden, O_RDONLY | O_DIRECTORY | O_CLOEXEC), hidden);
    must(flock(state, LOCK_EX), "flock");
    write_new(state, "config.json", config, length);
    write_new(state, "state.json", config, 300);
    must(renameat(boxes, hidden, boxes, id), id);

    int cgroups = must(open(argv[6], O_RDONLY | O_DIRECTORY | O_CLOEXEC), argv[6]);
    must(mkdirat(cgroups, id, 0755), id);
    int cgroup = must(open_below(cgroups, id, O_DIRECTORY, RESOLVE_BENEATH | RESOLVE_NO_SYMLINKS), id);
    int root = CALL(open_tree, AT_FDCWD, strcat(strcpy(path, argv[3]), "/rootfs"), OPEN_TREE_CLONE | OPEN_TREE_CLOEXEC | RECURSIVE);
    struct mount_attr attributes = {.propagation = 1 << 18};
    CALL(mount_setattr, root, "", EMPTY_PATH | RECURSIVE, &attributes, sizeof attributes);
    int ends[2], pidfd = -1;
    must((long)mmap(NULL, 4096, PROT_READ | PROT_WRITE, MAP_SHARED | MAP_ANONYMOUS, -1, 0), "mmap");
    must(socketpair(AF_UNIX, SOCK_SEQPACKET | SOCK_CLOEXEC, 0, ends), "socketpair");
    struct clone_args birth = {.flags = CLONE_PIDFD | CLONE_NEWNS | CLONE_NEWUTS | CLONE_NEWIPC | CLONE_NEWPID | CLONE_NEWNET
            | CLONE_INTO_CGROUP, .pidfd = (uint64_t)&pidfd, .exit_signal = SIGCHLD, .cgroup = cgroup};
    long child = CALL(clone3, &birth, sizeof birth);
    if (child == 0) initialise(ends[1], root, filter, size, argv + 7);
    close(ends[1]);
    snprintf(path, sizeof path, "/proc/%ld/stat", child);
    read_file(AT_FDCWD, path, stat, sizeof stat);
    write_new(state, ".state.json", config, 300);
    must(renameat(state, ".state.json", state, "state.json"), "state.json");
    sendmsg(ends[0], &go, MSG_NOSIGNAL);
    recvmsg(ends[0], &go, MSG_CMSG_CLOEXEC);
    close(ends[0]);
    struct pollfd watched[] = {{.fd = pidfd, .events = POLLIN}, {.fd = signals, .events = POLLIN}};
    while (!(watched[0].revents & POLLIN)) poll(watched, 2, -1);
    siginfo_t end;
    must(waitid(P_PIDFD, pidfd, &end, WEXITED), "waitid");

    must(unlinkat(cgroups, id, AT_REMOVEDIR), id);
    unlinkat(state, "state.json", 0);
    unlinkat(state, "config.json", 0);
    must(unlinkat(boxes, id, AT_REMOVEDIR), id);
    return end.si_status;
}
