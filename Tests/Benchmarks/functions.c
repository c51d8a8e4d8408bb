// functions NAMES PROGRAM ARGUMENT…: runs the program and prints the sections of the functions that it and its children
// execute, `.text.NAME` a line, in the order in which they are first entered. NAMES is what `nm -n PROGRAM` says.
//
// A breakpoint on every function, gone once it has been hit. The program is one that executes itself from a sealed copy
// (Sources/CBoxLinux/entry.c): the breakpoints are set in the second image.
#define _GNU_SOURCE
#include <fcntl.h>
#include <signal.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/ptrace.h>
#include <sys/user.h>
#include <sys/wait.h>
#include <unistd.h>

enum { MOST = 1 << 17 };

static struct function {
    unsigned long address;
    char *name;
    unsigned char byte;
} functions[MOST];
static int count;

static void fail(const char *what) {
    perror(what);
    exit(1);
}

static int by_address(const void *a, const void *b) {
    const struct function *one = a, *other = b;
    return (one->address > other->address) - (one->address < other->address);
}

static void read_names(const char *path) {
    FILE *file = fopen(path, "r");
    char *line = NULL, kind;
    size_t size = 0;
    if (!file) fail(path);
    while (getline(&line, &size, file) > 0 && count < MOST) {
        char *name = malloc(strlen(line));
        if (sscanf(line, "%lx %c %s", &functions[count].address, &kind, name) == 3 && strchr("tTwWi", kind))
            functions[count++].name = name;
    }
    qsort(functions, count, sizeof *functions, by_address);
}

static int memory_of(pid_t process) {
    char path[64];
    snprintf(path, sizeof path, "/proc/%d/mem", process);
    int memory = open(path, O_RDWR | O_CLOEXEC);
    if (memory < 0) fail(path);
    return memory;
}

static void set_breakpoints(pid_t process) {
    int memory = memory_of(process);
    for (int i = 0; i < count; i++) {
        int is_alias = i > 0 && functions[i - 1].address == functions[i].address;
        if (is_alias) functions[i].byte = functions[i - 1].byte;
        else if (pread(memory, &functions[i].byte, 1, functions[i].address) != 1
                 || pwrite(memory, "\xcc", 1, functions[i].address) != 1) functions[i].address = 0;
    }
    close(memory);
}

// Whether the process has hit one of ours, which is then told, and gone in this process.
static int is_breakpoint(pid_t process) {
    struct user_regs_struct registers;
    if (ptrace(PTRACE_GETREGS, process, 0, &registers)) return 0;
    struct function wanted = {.address = --registers.rip};
    struct function *found = bsearch(&wanted, functions, count, sizeof wanted, by_address);
    if (!found) return 0;
    int memory = memory_of(process);
    if (pwrite(memory, &found->byte, 1, registers.rip) != 1) fail("restore");
    close(memory);
    if (ptrace(PTRACE_SETREGS, process, 0, &registers)) fail("PTRACE_SETREGS");
    while (found > functions && found[-1].address == found->address) found--;
    for (; found < functions + count && found->address == registers.rip; found++) printf(".text.%s\n", found->name);
    return 1;
}

int main(int argc, char **argv) {
    if (argc < 3) return 2;
    read_names(argv[1]);
    pid_t child = fork();
    if (child == 0) {
        ptrace(PTRACE_TRACEME, 0, 0, 0);
        raise(SIGSTOP);
        execv(argv[2], argv + 2);
        _exit(127);
    }
    int status, images = 0;
    waitpid(child, &status, 0);
    ptrace(PTRACE_SETOPTIONS, child, 0,
           PTRACE_O_TRACECLONE | PTRACE_O_TRACEFORK | PTRACE_O_TRACEVFORK | PTRACE_O_TRACEEXEC);
    for (pid_t process = child;; process = waitpid(-1, &status, __WALL)) {
        if (WIFEXITED(status) || WIFSIGNALED(status)) {
            if (process == child) return WIFEXITED(status) ? WEXITSTATUS(status) : 1;
            continue;
        }
        int signal = WSTOPSIG(status), event = status >> 16;
        if (event == PTRACE_EVENT_EXEC && process == child && ++images == 2) set_breakpoints(process);
        if (event || signal == SIGSTOP || (signal == SIGTRAP && is_breakpoint(process))) signal = 0;
        ptrace(PTRACE_CONT, process, 0, signal);
    }
}
