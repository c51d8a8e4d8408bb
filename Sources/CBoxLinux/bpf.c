#define _GNU_SOURCE
#include "box_bpf.h"
#include <errno.h>
#include <linux/bpf.h>
#include <string.h>
#include <sys/syscall.h>
#include <unistd.h>

static long bpf(int command, union bpf_attr *attributes) {
    long r = syscall(SYS_bpf, command, attributes, sizeof *attributes);
    return r < 0 ? -errno : r;
}

long box_bpf_load_cgroup_device(const void *instructions, uint32_t count, const char *name) {
    union bpf_attr attributes = {0};
    strncpy(attributes.prog_name, name, sizeof attributes.prog_name - 1);
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

long box_bpf_replace_cgroup_device(int cgroup, int program, int old) {
    union bpf_attr attributes = {0};
    attributes.target_fd = (uint32_t)cgroup;
    attributes.attach_bpf_fd = (uint32_t)program;
    attributes.attach_type = BPF_CGROUP_DEVICE;
    attributes.attach_flags = BPF_F_ALLOW_MULTI | BPF_F_REPLACE;
    attributes.replace_bpf_fd = (uint32_t)old;
    return bpf(BPF_PROG_ATTACH, &attributes);
}

long box_bpf_detach_cgroup_device(int cgroup, int program) {
    union bpf_attr attributes = {0};
    attributes.target_fd = (uint32_t)cgroup;
    attributes.attach_bpf_fd = (uint32_t)program;
    attributes.attach_type = BPF_CGROUP_DEVICE;
    return bpf(BPF_PROG_DETACH, &attributes);
}

long box_bpf_query_cgroup_device(int cgroup, uint32_t *ids, uint32_t capacity) {
    union bpf_attr attributes = {0};
    attributes.query.target_fd = (uint32_t)cgroup;
    attributes.query.attach_type = BPF_CGROUP_DEVICE;
    attributes.query.prog_ids = (uint64_t)(uintptr_t)ids;
    attributes.query.prog_cnt = capacity;
    long r = bpf(BPF_PROG_QUERY, &attributes);
    return r < 0 ? r : (long)attributes.query.prog_cnt;
}

long box_bpf_open_program(uint32_t id) {
    union bpf_attr attributes = {0};
    attributes.prog_id = id;
    return bpf(BPF_PROG_GET_FD_BY_ID, &attributes);
}

long box_bpf_program_name(int program, char name[16]) {
    struct bpf_prog_info info = {0};
    union bpf_attr attributes = {0};
    attributes.info.bpf_fd = (uint32_t)program;
    attributes.info.info = (uint64_t)(uintptr_t)&info;
    attributes.info.info_len = sizeof info;
    long r = bpf(BPF_OBJ_GET_INFO_BY_FD, &attributes);
    memcpy(name, info.name, 16);
    return r;
}
