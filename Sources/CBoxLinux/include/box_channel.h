// Sockets, signals, polling and terminals. Every function returns the call's value, or -errno.
#pragma once
#include <stddef.h>
#include <stdint.h>

long box_socketpair_seqpacket(int fds[2]);
// One record, with a descriptor beside it when fd >= 0.
long box_send_record(int socket, const void *data, size_t size, int fd);
// One record; *fd is the descriptor that came with it, or -1. 0: the other end is closed.
long box_receive_record(int socket, void *data, size_t size, int *fd);
// Unix sockets by path, close-on-exec; -EINVAL where the path is longer than an address can hold. type: SOCK_STREAM 1, SOCK_SEQPACKET 5.
long box_unix_connect(const char *path, int type);
long box_unix_listen(const char *path, int type);
long box_accept(int socket);
// SHUT_WR: the other end reads the end; this one may read on.
long box_shutdown_write(int socket);
// A bit a signal: bit n-1 is signal n.
long box_block_signals(uint64_t mask);
// The default action for every signal; 1 when the caller's action is SIG_IGN.
void box_default_signals(void);
void box_default_signal(int signal);
long box_signal_is_ignored(int signal);
long box_unblock_signals(void);
long box_signalfd(uint64_t mask);
// The next signal's number from a signalfd; the sender's pid.
long box_read_signal(int fd, int *sender);

struct box_poll { int fd; short events, revents; };
long box_poll(struct box_poll *fds, size_t count, int timeout_ms);
long box_poll_in(void);
long box_poll_out(void);
long box_poll_priority(void);
long box_poll_hangup(void);

long box_isatty(int fd);
long box_terminal_size(int fd, uint16_t *rows, uint16_t *columns);
long box_set_terminal_size(int fd, uint16_t rows, uint16_t columns);
// Raw mode; the 60 bytes of the old settings go to saved.
long box_terminal_raw(int fd, void *saved);
long box_terminal_restore(int fd, const void *saved);
// ONLCR off.
long box_terminal_plain_newlines(int fd);
long box_set_controlling_terminal(int fd);
// A process group of the caller's own, in the foreground of its terminal.
long box_take_foreground(int fd);
long box_pty_unlock(int master);
long box_pty_peer(int master, int flags);
// Sets IFF_UP on `lo` of the caller's network namespace.
long box_loopback_up(void);
// A NETLINK_ROUTE socket.
long box_route_socket(void);
// A NETLINK_AUDIT socket that hears every record (AUDIT_NLGRP_READLOG), non-blocking.
long box_audit_socket(void);
