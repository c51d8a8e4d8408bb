// The program that a process runs. Every function returns the call's value, or -errno.
#pragma once

// execveat(2) of the file behind a descriptor (AT_EMPTY_PATH).
long box_execveat(int fd, char *const argv[], char *const envp[]);
// statfs(2)'s f_flags: the ST_* of the mount behind a descriptor.
long box_fstatfs_flags(int fd);
// What SWIFTBOX_COMMIT was when this was built, or NULL.
const char *box_commit(void);
