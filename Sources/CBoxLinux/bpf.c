#define _GNU_SOURCE
#include "box_bpf.h"
#include <errno.h>
#include <linux/bpf.h>
#include <sys/syscall.h>
#include <unistd.h>

static long bpf(int command, union bpf_attr *attributes) {
    long r = syscall(SYS_bpf, command, attributes, sizeof *attributes);
    return r < 0 ? -errno : r;
}

long box_bpf_load_cgroup_device(const void *instructions, uint32_t count) {
    union bpf_attr attributes = {0};
    attributes.prog_type = BPF_PROG_TYPE_CGROUP_DEVICE;
    attributes.insns = (uint64_t)(uintptr_t)instructions;
    attributes.insn_cnt = count;
    attributes.license = (uint64_t)(uintptr_t)"Apache-2.0";
    return bpf(BPF_PROG_LOAD, &attributes);
}

long box_bpf_attach_cgroup_device(int cgroup, int program) {
    union bpf_attr attributes = {0};
    attributes.target_fd = (uint32_t)cgroup;
    attributes.attach_bpf_fd = (uint32_t)program;
    attributes.attach_type = BPF_CGROUP_DEVICE;
    attributes.attach_flags = BPF_F_ALLOW_MULTI;
    return bpf(BPF_PROG_ATTACH, &attributes);
}
