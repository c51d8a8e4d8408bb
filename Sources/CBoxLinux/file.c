#define _GNU_SOURCE
#include "box_file.h"
#include <dirent.h>
#include <errno.h>
#include <fcntl.h>
#include <linux/openat2.h>
#include <stdio.h>
#include <sys/file.h>
#include <sys/mman.h>
#include <sys/stat.h>
#include <sys/syscall.h>
#include <sys/sysmacros.h>
#include <sys/vfs.h>
#include <sys/xattr.h>
#include <unistd.h>

#define RESULT(call) long r = (call); return r < 0 ? -errno : r

long box_openat(int dir, const char *path, int flags, unsigned mode) { RESULT(openat(dir, path, flags, mode)); }
long box_openat2(int dir, const char *path, uint64_t flags, uint64_t mode, uint64_t resolve) {
    struct open_how how = {.flags = flags, .mode = mode, .resolve = resolve};
    RESULT(syscall(SYS_openat2, dir, path, &how, sizeof how));
}
long box_close(int fd) { RESULT(close(fd)); }
long box_close_range(unsigned first, unsigned last, unsigned flags) { RESULT(syscall(SYS_close_range, first, last, flags)); }
long box_dup3(int from, int to, int flags) { RESULT(dup3(from, to, flags)); }
long box_fcntl(int fd, int command, long argument) { RESULT(fcntl(fd, command, argument)); }
long box_read(int fd, void *buffer, size_t count) { RESULT(read(fd, buffer, count)); }
long box_write(int fd, const void *buffer, size_t count) { RESULT(write(fd, buffer, count)); }
long box_mkdirat(int dir, const char *path, unsigned mode) { RESULT(mkdirat(dir, path, mode)); }
long box_mknodat(int dir, const char *path, unsigned mode, unsigned major, unsigned minor) {
    RESULT(mknodat(dir, path, mode, makedev(major, minor)));
}
long box_symlinkat(const char *target, int dir, const char *path) { RESULT(symlinkat(target, dir, path)); }
long box_unlinkat(int dir, const char *path, int flags) { RESULT(unlinkat(dir, path, flags)); }
long box_renameat2(int from_dir, const char *from, int to_dir, const char *to, unsigned flags) {
    RESULT(renameat2(from_dir, from, to_dir, to, flags));
}
long box_renameat(int from_dir, const char *from, int to_dir, const char *to) { RESULT(renameat(from_dir, from, to_dir, to)); }
long box_readlinkat(int dir, const char *path, char *buffer, size_t size) { RESULT(readlinkat(dir, path, buffer, size)); }
long box_fchownat(int dir, const char *path, unsigned uid, unsigned gid, int flags) { RESULT(fchownat(dir, path, uid, gid, flags)); }
long box_fchmodat(int dir, const char *path, unsigned mode) { RESULT(fchmodat(dir, path, mode, 0)); }
long box_fchmod(int fd, unsigned mode) { RESULT(fchmod(fd, mode)); }
long box_flock(int fd, int operation) { RESULT(flock(fd, operation)); }
long box_chdir(const char *path) { RESULT(chdir(path)); }
long box_fchdir(int fd) { RESULT(fchdir(fd)); }
long box_getcwd(char *buffer, size_t size) { RESULT(syscall(SYS_getcwd, buffer, size)); }
long box_fsetxattr(int fd, const char *name, const void *value, size_t size) { RESULT(fsetxattr(fd, name, value, size, 0)); }
long box_fgetxattr(int fd, const char *name, void *value, size_t size) { RESULT(fgetxattr(fd, name, value, size)); }
long box_flistxattr(int fd, char *names, size_t size) { RESULT(flistxattr(fd, names, size)); }
long box_memfd_create(const char *name, unsigned flags) { RESULT(memfd_create(name, flags)); }
long box_lseek(int fd, long offset, int whence) { RESULT(lseek(fd, offset, whence)); }
long box_getdents64(int fd, void *buffer, size_t size) { RESULT(getdents64(fd, buffer, size)); }

long box_fstatat(int dir, const char *path, int flags, struct box_stat *out) {
    struct stat s;
    if (fstatat(dir, path, &s, flags) < 0) return -errno;
    *out = (struct box_stat){.mode = s.st_mode, .uid = s.st_uid, .gid = s.st_gid, .links = s.st_nlink,
        .inode = s.st_ino, .size = s.st_size, .blocks = s.st_blocks,
        .major = major(s.st_dev), .minor = minor(s.st_dev),
        .rdev_major = major(s.st_rdev), .rdev_minor = minor(s.st_rdev)};
    return 0;
}
long box_fstatfs_type(int fd) {
    struct statfs s;
    return fstatfs(fd, &s) < 0 ? -errno : (long)(uint32_t)s.f_type;
}
