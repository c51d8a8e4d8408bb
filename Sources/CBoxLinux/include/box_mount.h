// The mount API. Every function returns the call's value, or -errno.
#pragma once
#include <stdint.h>

long box_open_tree(int dir, const char *path, unsigned flags);
long box_move_mount(int from_dir, const char *from, int to_dir, const char *to, unsigned flags);
long box_fsopen(const char *type, unsigned flags);
long box_fsconfig(int fs, unsigned command, const char *key, const char *value, int aux);
// The file system mounted at the directory behind dir.
long box_fspick(int dir, unsigned flags);
long box_fsmount(int fs, unsigned flags, unsigned attributes);
long box_mount_setattr(int dir, const char *path, unsigned flags, uint64_t set, uint64_t clear,
                       uint64_t propagation, int userns);
long box_mount(const char *source, const char *target, const char *type, unsigned long flags, const char *data);
long box_umount2(const char *target, int flags);
long box_pivot_root(const char *new_root, const char *put_old);
