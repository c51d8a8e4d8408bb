// What the subcommands share. Each returns the exit status.
#pragma once

int fork_bomb(char **arguments);
int eat_memory(char **arguments);
int eat_hugepages(char **arguments);
int burn(char **arguments);
int write_file(char **arguments);
int read_file(char **arguments);
int open_files(char **arguments);

int sleep_forever(char **arguments);
int trap(char **arguments);
int winsize(char **arguments);
int orphan(char **arguments);
int descend(char **arguments);

int status(char **arguments);
int try_syscall(char **arguments);
int ptrace_init(char **arguments);

int attributes(char **arguments);
int make_call(char **arguments);
int receive_terminal(char **arguments);
int receive_pidfd(char **arguments);
int seccomp_agent(char **arguments);

int find_key(char **arguments);
int with_key(char **arguments);
int swap_names(char **arguments);
int stalk(char **arguments);

// A whole number from the command line; anything else ends the program with status 2.
long number(const char *text);
// CLOCK_MONOTONIC.
double seconds(void);
// Prints "WHAT: MESSAGE (ERRNO)" on standard error and ends the program with status 1.
__attribute__((noreturn)) void fail(const char *what);
