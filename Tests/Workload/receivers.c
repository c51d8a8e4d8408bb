// The other end of the sockets that a runtime hands descriptors to. These run on the host, beside the box.
#define _GNU_SOURCE
#include "workload.h"
#include <errno.h>
#include <fcntl.h>
#include <linux/seccomp.h>
#include <poll.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/ioctl.h>
#include <sys/socket.h>
#include <sys/un.h>
#include <termios.h>
#include <unistd.h>

static int accept_one(const char *path) {
    struct sockaddr_un address = {.sun_family = AF_UNIX};
    if (strlen(path) >= sizeof address.sun_path) errno = ENAMETOOLONG, fail(path);
    strcpy(address.sun_path, path);
    int listener = socket(AF_UNIX, SOCK_STREAM | SOCK_CLOEXEC, 0);
    if (listener < 0 || bind(listener, (struct sockaddr *)&address, sizeof address) || listen(listener, 1)) fail(path);
    puts("ready");
    int peer = accept(listener, NULL, NULL);
    if (peer < 0) fail("accept");
    close(listener);
    return peer;
}

// One message: its bytes, with a zero behind them, and up to 8 descriptors. Their number.
static int receive(int peer, char *text, size_t size, int descriptors[8]) {
    char control[CMSG_SPACE(8 * sizeof(int))];
    struct iovec part = {.iov_base = text, .iov_len = size - 1};
    struct msghdr message = {
        .msg_iov = &part, .msg_iovlen = 1, .msg_control = control, .msg_controllen = sizeof control};
    ssize_t length = recvmsg(peer, &message, 0);
    if (length < 0) fail("recvmsg");
    text[length] = 0;
    struct cmsghdr *head = CMSG_FIRSTHDR(&message);
    if (!head || head->cmsg_type != SCM_RIGHTS) return 0;
    int count = (head->cmsg_len - CMSG_LEN(0)) / sizeof(int);
    memcpy(descriptors, CMSG_DATA(head), count * sizeof(int));
    return count;
}

// SOCKET [TEXT]: what came, how the terminal is set, and all that the box writes; TEXT is typed once it has it.
int receive_terminal(char **arguments) {
    char text[4096];
    int descriptors[8], count = receive(accept_one(arguments[0]), text, sizeof text, descriptors);
    printf("name=%s\ndescriptors=%d\n", text, count);
    if (count != 1) return 1;
    struct winsize size;
    struct termios settings;
    if (ioctl(descriptors[0], TIOCGWINSZ, &size) || tcgetattr(descriptors[0], &settings)) fail("no terminal");
    printf("rows=%d\ncolumns=%d\nonlcr=%d\n", size.ws_row, size.ws_col, !!(settings.c_oflag & ONLCR));
    if (arguments[1] && write(descriptors[0], arguments[1], strlen(arguments[1])) < 0) fail("write");
    // EIO: the last process that had the other side open is gone. Nobody may have opened it yet, too.
    for (;;) {
        struct pollfd wait = {.fd = descriptors[0], .events = POLLIN};
        ssize_t length = poll(&wait, 1, 10000) > 0 ? read(descriptors[0], text, sizeof text) : -1;
        if (length <= 0) return 0;
        fwrite(text, 1, length, stdout);
        fflush(stdout);
    }
}

// SOCKET: `pid N` of the process that the descriptor stands for, and `ended` when it has.
int receive_pidfd(char **arguments) {
    char text[4096], path[64], line[256];
    int descriptors[8], count = receive(accept_one(arguments[0]), text, sizeof text, descriptors);
    printf("descriptors=%d\n", count);
    if (count != 1) return 1;
    snprintf(path, sizeof path, "/proc/self/fdinfo/%d", descriptors[0]);
    FILE *file = fopen(path, "r");
    while (file && fgets(line, sizeof line, file)) {
        int pid;
        if (sscanf(line, "Pid: %d", &pid) == 1) printf("pid %d\n", pid);
    }
    struct pollfd wait = {.fd = descriptors[0], .events = POLLIN};
    if (poll(&wait, 1, 30000) != 1) fail("poll");
    puts("ended");
    return 0;
}

// SOCKET ERRNO: a seccomp agent (OCI "Container Process State"): prints the state, then answers each call with ERRNO.
int seccomp_agent(char **arguments) {
    static char text[65536];
    int descriptors[8], peer = accept_one(arguments[0]);
    int count = receive(peer, text, sizeof text, descriptors);
    for (char *at = text; (at = strchr(at, '\n'));) *at = ' ';
    printf("descriptors=%d\nstate=%s\n", count, text);
    if (count < 1) return 1;
    int listener = descriptors[0];
    for (;;) {
        struct pollfd wait = {.fd = listener, .events = POLLIN};
        if (poll(&wait, 1, 30000) != 1 || !(wait.revents & POLLIN)) return 0;
        struct seccomp_notif asked = {0};
        if (ioctl(listener, SECCOMP_IOCTL_NOTIF_RECV, &asked)) continue;
        printf("call %d\n", asked.data.nr);
        struct seccomp_notif_resp answer = {.id = asked.id, .error = -number(arguments[1])};
        ioctl(listener, SECCOMP_IOCTL_NOTIF_SEND, &answer);
    }
}
