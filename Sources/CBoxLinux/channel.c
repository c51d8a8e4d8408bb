#define _GNU_SOURCE
#include "box_channel.h"
#include <errno.h>
#include <linux/audit.h>
#include <linux/netlink.h>
#include <net/if.h>
#include <poll.h>
#include <signal.h>
#include <string.h>
#include <sys/ioctl.h>
#include <sys/signalfd.h>
#include <sys/socket.h>
#include <sys/un.h>
#include <termios.h>
#include <unistd.h>

#define RESULT(call) long r = (call); return r < 0 ? -errno : r

long box_socketpair_seqpacket(int fds[2]) { RESULT(socketpair(AF_UNIX, SOCK_SEQPACKET | SOCK_CLOEXEC, 0, fds)); }

long box_send_record(int socket, const void *data, size_t size, int fd) {
    struct iovec part = {(void *)data, size};
    union { char bytes[CMSG_SPACE(sizeof(int))]; struct cmsghdr align; } control = {0};
    struct msghdr message = {.msg_iov = &part, .msg_iovlen = 1};
    if (fd >= 0) {
        message.msg_control = control.bytes;
        message.msg_controllen = sizeof control.bytes;
        struct cmsghdr *head = CMSG_FIRSTHDR(&message);
        *head = (struct cmsghdr){.cmsg_level = SOL_SOCKET, .cmsg_type = SCM_RIGHTS, .cmsg_len = CMSG_LEN(sizeof(int))};
        memcpy(CMSG_DATA(head), &fd, sizeof fd);
    }
    RESULT(sendmsg(socket, &message, MSG_NOSIGNAL));
}

long box_receive_record(int socket, void *data, size_t size, int *fd) {
    struct iovec part = {data, size};
    union { char bytes[CMSG_SPACE(sizeof(int))]; struct cmsghdr align; } control = {0};
    struct msghdr message = {.msg_iov = &part, .msg_iovlen = 1, .msg_control = control.bytes, .msg_controllen = sizeof control.bytes};
    *fd = -1;
    long r = recvmsg(socket, &message, MSG_CMSG_CLOEXEC);
    if (r < 0) return -errno;
    for (struct cmsghdr *head = CMSG_FIRSTHDR(&message); head; head = CMSG_NXTHDR(&message, head))
        if (head->cmsg_level == SOL_SOCKET && head->cmsg_type == SCM_RIGHTS) memcpy(fd, CMSG_DATA(head), sizeof *fd);
    return r;
}

static long unix_address(struct sockaddr_un *address, const char *path) {
    *address = (struct sockaddr_un){.sun_family = AF_UNIX};
    if (strlen(path) >= sizeof address->sun_path) return -EINVAL;
    strcpy(address->sun_path, path);
    return 0;
}
long box_shutdown_write(int socket) { RESULT(shutdown(socket, SHUT_WR)); }
long box_unix_connect(const char *path, int type) {
    struct sockaddr_un address;
    if (unix_address(&address, path) < 0) return -EINVAL;
    int fd = socket(AF_UNIX, type | SOCK_CLOEXEC, 0);
    if (fd < 0) return -errno;
    if (connect(fd, (struct sockaddr *)&address, sizeof address) == 0) return fd;
    int error = errno;
    close(fd);
    return -error;
}
long box_unix_listen(const char *path, int type) {
    struct sockaddr_un address;
    if (unix_address(&address, path) < 0) return -EINVAL;
    int fd = socket(AF_UNIX, type | SOCK_CLOEXEC, 0);
    if (fd < 0) return -errno;
    if (bind(fd, (struct sockaddr *)&address, sizeof address) == 0 && listen(fd, 1) == 0) return fd;
    int error = errno;
    close(fd);
    return -error;
}
long box_accept(int socket) { RESULT(accept4(socket, NULL, NULL, SOCK_CLOEXEC)); }

static sigset_t set_of(uint64_t mask) {
    sigset_t set;
    sigemptyset(&set);
    for (int n = 1; n <= 64; n++)
        if (mask & (1ULL << (n - 1))) sigaddset(&set, n);
    return set;
}
long box_block_signals(uint64_t mask) { sigset_t set = set_of(mask); RESULT(sigprocmask(SIG_BLOCK, &set, NULL)); }
void box_default_signal(int n) { signal(n, SIG_DFL); }
void box_default_signals(void) {
    for (int n = 1; n <= 64; n++)
        if (n != SIGKILL && n != SIGSTOP && n != 32 && n != 33) signal(n, SIG_DFL);
}
long box_signal_is_ignored(int n) {
    struct sigaction action;
    return sigaction(n, NULL, &action) < 0 ? -errno : action.sa_handler == SIG_IGN;
}
long box_unblock_signals(void) {
    sigset_t none;
    sigemptyset(&none);
    RESULT(sigprocmask(SIG_SETMASK, &none, NULL));
}
long box_signalfd(uint64_t mask) { sigset_t set = set_of(mask); RESULT(signalfd(-1, &set, SFD_CLOEXEC | SFD_NONBLOCK)); }
long box_read_signal(int fd, int *sender) {
    struct signalfd_siginfo info;
    long r = read(fd, &info, sizeof info);
    if (r < 0) return -errno;
    *sender = (int)info.ssi_pid;
    return info.ssi_signo;
}
_Static_assert(sizeof(struct box_poll) == sizeof(struct pollfd), "box_poll is pollfd");
long box_poll(struct box_poll *fds, size_t count, int timeout_ms) { RESULT(poll((struct pollfd *)fds, count, timeout_ms)); }
long box_poll_in(void) { return POLLIN; }
long box_poll_out(void) { return POLLOUT; }
long box_poll_priority(void) { return POLLPRI; }
long box_poll_hangup(void) { return POLLHUP | POLLERR | POLLNVAL; }

long box_isatty(int fd) { return isatty(fd); }
long box_terminal_size(int fd, uint16_t *rows, uint16_t *columns) {
    struct winsize size;
    if (ioctl(fd, TIOCGWINSZ, &size) < 0) return -errno;
    *rows = size.ws_row;
    *columns = size.ws_col;
    return 0;
}
long box_set_terminal_size(int fd, uint16_t rows, uint16_t columns) {
    struct winsize size = {.ws_row = rows, .ws_col = columns};
    RESULT(ioctl(fd, TIOCSWINSZ, &size));
}
_Static_assert(sizeof(struct termios) == 60, "the size that box_terminal_raw documents");
long box_terminal_raw(int fd, void *saved) {
    struct termios settings;
    if (tcgetattr(fd, &settings) < 0) return -errno;
    memcpy(saved, &settings, sizeof settings);
    cfmakeraw(&settings);
    RESULT(tcsetattr(fd, TCSANOW, &settings));
}
long box_terminal_restore(int fd, const void *saved) { RESULT(tcsetattr(fd, TCSADRAIN, saved)); }
long box_terminal_plain_newlines(int fd) {
    struct termios settings;
    if (tcgetattr(fd, &settings) < 0) return -errno;
    settings.c_oflag &= ~(tcflag_t)ONLCR;
    RESULT(tcsetattr(fd, TCSANOW, &settings));
}
long box_set_controlling_terminal(int fd) { RESULT(ioctl(fd, TIOCSCTTY, 0)); }
long box_take_foreground(int fd) {
    // From the background, SIGTTOU would stop the caller; the mask is as it was when this returns.
    sigset_t ttou = set_of(1ULL << (SIGTTOU - 1)), before;
    if (setpgid(0, 0) < 0 || sigprocmask(SIG_BLOCK, &ttou, &before) < 0) return -errno;
    long r = tcsetpgrp(fd, getpid()) < 0 ? -errno : 0;
    sigprocmask(SIG_SETMASK, &before, NULL);
    return r;
}
long box_pty_unlock(int master) { int no = 0; RESULT(ioctl(master, TIOCSPTLCK, &no)); }
long box_pty_peer(int master, int flags) { RESULT(ioctl(master, TIOCGPTPEER, flags)); }
long box_loopback_up(void) {
    int s = socket(AF_INET, SOCK_DGRAM | SOCK_CLOEXEC, 0);
    if (s < 0) return -errno;
    struct ifreq request = {.ifr_name = "lo", .ifr_flags = IFF_UP | IFF_RUNNING};
    long r = ioctl(s, SIOCSIFFLAGS, &request) < 0 ? -errno : 0;
    close(s);
    return r;
}

long box_route_socket(void) { RESULT(socket(AF_NETLINK, SOCK_RAW | SOCK_CLOEXEC, NETLINK_ROUTE)); }
long box_audit_socket(void) {
    int fd = socket(AF_NETLINK, SOCK_RAW | SOCK_CLOEXEC | SOCK_NONBLOCK, NETLINK_AUDIT);
    if (fd < 0) return -errno;
    struct sockaddr_nl address = {.nl_family = AF_NETLINK, .nl_groups = 1 << (AUDIT_NLGRP_READLOG - 1)};
    if (bind(fd, (struct sockaddr *)&address, sizeof address) == 0) return fd;
    int error = errno;
    close(fd);
    return -error;
}
