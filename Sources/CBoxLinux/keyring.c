#define _GNU_SOURCE
#include "box_keyring.h"
#include <errno.h>
#include <linux/keyctl.h>
#include <stddef.h>
#include <sys/syscall.h>
#include <unistd.h>

long box_join_session_keyring(void) {
    long r = syscall(SYS_keyctl, KEYCTL_JOIN_SESSION_KEYRING, NULL);
    return r < 0 ? -errno : r;
}
