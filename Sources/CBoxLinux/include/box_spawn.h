// Starting another program from a process with threads, and watching files. Every function returns the call's value, or -errno.
#pragma once
#include <stddef.h>
#include <stdint.h>

// posix_spawn(3): descriptor n of the child is fds[n], /dev/null where that is negative; all others are closed. A session of
// its own, every signal at its default and none blocked. The pid.
long box_spawn(const char *path, char *const argv[], char *const envp[], const int *fds, int count);
// An inotify instance, non-blocking, close-on-exec.
long box_inotify(void);
// The watch's number. mask: IN_MODIFY 2, IN_MOVED_TO 0x80, IN_CREATE 0x100, IN_DELETE 0x200, IN_MOVE_SELF 0x800.
long box_inotify_watch(int fd, const char *path, uint32_t mask);
// pipe2(2), close-on-exec: fds[0] is read from.
long box_pipe(int fds[2]);
// fdatasync(2).
long box_fdatasync(int fd);
// A listening TCP socket on 127.0.0.1 or ::1, close-on-exec.
long box_listen_loopback(uint16_t port, int version6);
// madvise(2), MADV_DONTNEED.
long box_forget_pages(uintptr_t start, size_t size);
// malloc_trim(3).
void box_trim_heap(void);
// listen(2).
long box_listen(int fd, int backlog);
// Seconds since the epoch of the last modification; links are not followed.
long box_modified(int dir, const char *path);
long box_set_modified(int dir, const char *path, int64_t seconds);
long box_linkat(int from_dir, const char *from, int dir, const char *to);
