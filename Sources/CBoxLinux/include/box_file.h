// Files and directories. Every function returns the call's value, or -errno.
#pragma once
#include <stddef.h>
#include <stdint.h>
#include <sys/types.h>

long box_openat(int dir, const char *path, int flags, unsigned mode);
long box_openat2(int dir, const char *path, uint64_t flags, uint64_t mode, uint64_t resolve);
long box_close(int fd);
long box_close_range(unsigned first, unsigned last, unsigned flags);
long box_dup3(int from, int to, int flags);
long box_fcntl(int fd, int command, long argument);
long box_read(int fd, void *buffer, size_t count);
long box_write(int fd, const void *buffer, size_t count);
long box_mkdirat(int dir, const char *path, unsigned mode);
long box_mknodat(int dir, const char *path, unsigned mode, unsigned major, unsigned minor);
long box_symlinkat(const char *target, int dir, const char *path);
long box_unlinkat(int dir, const char *path, int flags);
long box_renameat2(int from_dir, const char *from, int to_dir, const char *to, unsigned flags);
long box_renameat(int from_dir, const char *from, int to_dir, const char *to);
long box_readlinkat(int dir, const char *path, char *buffer, size_t size);
long box_fchownat(int dir, const char *path, unsigned uid, unsigned gid, int flags);
long box_fchmodat(int dir, const char *path, unsigned mode);
long box_fchmod(int fd, unsigned mode);
long box_flock(int fd, int operation);
long box_chdir(const char *path);
long box_fchdir(int fd);
long box_getcwd(char *buffer, size_t size);
long box_fsetxattr(int fd, const char *name, const void *value, size_t size);
long box_fgetxattr(int fd, const char *name, void *value, size_t size);
// Names, each with a NUL behind it.
long box_flistxattr(int fd, char *names, size_t size);
long box_memfd_create(const char *name, unsigned flags);
long box_lseek(int fd, long offset, int whence);
// getdents64 into buffer; bytes filled, 0 at the end.
long box_getdents64(int fd, void *buffer, size_t size);

struct box_stat {
    uint32_t mode, uid, gid, links;
    uint64_t inode, size, blocks;
    uint32_t major, minor, rdev_major, rdev_minor;
};
long box_fstatat(int dir, const char *path, int flags, struct box_stat *out);
// The file system's magic number (statfs f_type).
long box_fstatfs_type(int fd);
