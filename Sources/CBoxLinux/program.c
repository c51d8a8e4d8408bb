#define _GNU_SOURCE
#include "box_program.h"
#include <errno.h>
#include <fcntl.h>
#include <sys/syscall.h>
#include <sys/vfs.h>
#include <unistd.h>

long box_execveat(int fd, char *const argv[], char *const envp[]) {
    long r = syscall(SYS_execveat, fd, "", argv, envp, AT_EMPTY_PATH);
    return r < 0 ? -errno : r;
}
long box_fstatfs_flags(int fd) {
    struct statfs s;
    return fstatfs(fd, &s) < 0 ? -errno : (long)s.f_flags;
}

const char *box_commit(void) {
#ifdef SWIFTBOX_COMMIT
    return SWIFTBOX_COMMIT;
#else
    return NULL;
#endif
}
