// Where the static executables begin, before libc and Swift are set up: `-e box_entry` in Package.swift.
//
// A program that is about to make a box executes itself once more from a sealed copy of its own mount (SealedProgram in
// BoxSecurity says why). Everything that a process sets up before that is thrown away, and it is more than the copy costs:
// processor features asked one by one, relocations, Swift's runtime. So the copy is made first of all. This is the one place
// with policy in C, for no Swift can run yet; whatever does not work here is left to SealedProgram, which also checks.
// Only system calls, no libc: there is no thread-local storage, so no errno and no stack protector.
#define _GNU_SOURCE
#include <fcntl.h>
#include <linux/mount.h>
#include <stddef.h>
#include <stdint.h>
#include <sys/syscall.h>
#include <sys/vfs.h>

#define ALONE __attribute__((no_stack_protector))
#define EMPTY_PATH 0x1000
#define READ_ONLY 1

#if defined(__x86_64__)
ALONE static inline long call(long n, long a, long b, long c, long d, long e) {
    register long r10 __asm__("r10") = d;
    register long r8 __asm__("r8") = e;
    long result;
    __asm__ volatile("syscall" : "=a"(result) : "a"(n), "D"(a), "S"(b), "d"(c), "r"(r10), "r"(r8) : "rcx", "r11", "memory");
    return result;
}
// The kernel leaves the stack aligned; rdx is what the C library is to call at exit.
__asm__(".text\n.globl box_entry\n.type box_entry,@function\nbox_entry:\n"
        "    mov %rsp, %rdi\n    push %rdx\n    sub $8, %rsp\n    call box_seal_early\n"
        "    add $8, %rsp\n    pop %rdx\n    jmp _start\n.size box_entry, . - box_entry\n");
#elif defined(__aarch64__)
ALONE static inline long call(long n, long a, long b, long c, long d, long e) {
    register long x8 __asm__("x8") = n;
    register long x0 __asm__("x0") = a;
    register long x1 __asm__("x1") = b;
    register long x2 __asm__("x2") = c;
    register long x3 __asm__("x3") = d;
    register long x4 __asm__("x4") = e;
    __asm__ volatile("svc 0" : "+r"(x0) : "r"(x8), "r"(x1), "r"(x2), "r"(x3), "r"(x4) : "memory");
    return x0;
}
__asm__(".text\n.globl box_entry\n.type box_entry,%function\nbox_entry:\n"
        "    mov x19, x0\n    mov x0, sp\n    bl box_seal_early\n    mov x0, x19\n    b _start\n"
        ".size box_entry, . - box_entry\n");
#else
#error "swiftbox runs on x86_64 and aarch64"
#endif

ALONE static int same(const char *a, const char *b) {
    while (*a && *a == *b) a++, b++;
    return *a == *b;
}

// Detached and read-only, as SealedProgram asks: the path of such a file is "/".
ALONE static int is_sealed(int file) {
    struct statfs status;
    if (call(SYS_fstatfs, file, (long)&status, 0, 0, 0) < 0 || !(status.f_flags & READ_ONLY)) return 0;
    char link[32] = "/proc/self/fd/", path[2], digits[12];
    int length = 14, count = 0;
    do digits[count++] = '0' + file % 10;
    while (file /= 10);
    while (count) link[length++] = digits[--count];
    link[length] = 0;
    return call(SYS_readlinkat, AT_FDCWD, (long)link, (long)path, sizeof path, 0) == 1 && path[0] == '/';
}

// Verbs that make boxes or processes in them; a word of that kind elsewhere costs an execve and does no harm.
ALONE static int makes_boxes(char **words) {
    static const char verbs[][8] = {"run", "create", "exec", "restore", "monitor"};
    for (; *words; words++)
        for (size_t i = 0; i < sizeof verbs / sizeof *verbs; i++)
            if (same(*words, verbs[i])) return 1;
    return 0;
}

ALONE __attribute__((used)) void box_seal_early(long *stack) {
    long count = stack[0];
    char **words = (char **)(stack + 1), **environment = words + count + 1;
    if (count < 2 || !makes_boxes(words + 1) || call(SYS_geteuid, 0, 0, 0, 0, 0) != 0) return;
    long own = call(SYS_openat, AT_FDCWD, (long)"/proc/self/exe", O_PATH | O_CLOEXEC, 0, 0);
    if (own < 0) return;
    if (!is_sealed(own)) {
        long copy = call(SYS_open_tree, own, (long)"", OPEN_TREE_CLONE | OPEN_TREE_CLOEXEC | EMPTY_PATH, 0, 0);
        if (copy >= 0) {
            struct mount_attr attributes = {.attr_set = MOUNT_ATTR_RDONLY};
            if (call(SYS_mount_setattr, copy, (long)"", EMPTY_PATH, (long)&attributes, sizeof attributes) == 0 && is_sealed(copy))
                call(SYS_execveat, copy, (long)"", (long)words, (long)environment, EMPTY_PATH);
            call(SYS_close, copy, 0, 0, 0, 0);
        }
    }
    call(SYS_close, own, 0, 0, 0, 0);
}
