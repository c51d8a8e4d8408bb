#define _GNU_SOURCE
#include "box_mount.h"
#include <errno.h>
#include <linux/mount.h>
#include <sys/syscall.h>
#include <unistd.h>

int mount(const char *, const char *, const char *, unsigned long, const void *);  // <sys/mount.h> clashes with <linux/mount.h>
int umount2(const char *, int);

#define RESULT(call) long r = (call); return r < 0 ? -errno : r

long box_open_tree(int dir, const char *path, unsigned flags) { RESULT(syscall(SYS_open_tree, dir, path, flags)); }
long box_move_mount(int from_dir, const char *from, int to_dir, const char *to, unsigned flags) {
    RESULT(syscall(SYS_move_mount, from_dir, from, to_dir, to, flags));
}
long box_fsopen(const char *type, unsigned flags) { RESULT(syscall(SYS_fsopen, type, flags)); }
long box_fsconfig(int fs, unsigned command, const char *key, const char *value, int aux) {
    RESULT(syscall(SYS_fsconfig, fs, command, key, value, aux));
}
long box_fspick(int dir, unsigned flags) { RESULT(syscall(SYS_fspick, dir, "", flags)); }
long box_fsmount(int fs, unsigned flags, unsigned attributes) { RESULT(syscall(SYS_fsmount, fs, flags, attributes)); }
long box_mount_setattr(int dir, const char *path, unsigned flags, uint64_t set, uint64_t clear,
                       uint64_t propagation, int userns) {
    struct mount_attr attr = {.attr_set = set, .attr_clr = clear, .propagation = propagation,
        .userns_fd = userns < 0 ? 0 : (uint64_t)userns};
    RESULT(syscall(SYS_mount_setattr, dir, path, flags, &attr, sizeof attr));
}
long box_mount(const char *source, const char *target, const char *type, unsigned long flags, const char *data) {
    RESULT(mount(source, target, type, flags, data));
}
long box_umount2(const char *target, int flags) { RESULT(umount2(target, flags)); }
long box_pivot_root(const char *new_root, const char *put_old) { RESULT(syscall(SYS_pivot_root, new_root, put_old)); }
