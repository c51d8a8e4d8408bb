// BPF programs. Every function returns the call's value, or -errno.
#pragma once
#include <stdint.h>

// A program of type BPF_PROG_TYPE_CGROUP_DEVICE; count in instructions of 8 bytes. Its descriptor is close-on-exec.
// The name, at most 15 letters, digits and '_', is what other tools show.
long box_bpf_load_cgroup_device(const void *instructions, uint32_t count, const char *name);
// BPF_PROG_ATTACH as BPF_CGROUP_DEVICE with BPF_F_ALLOW_MULTI.
long box_bpf_attach_cgroup_device(int cgroup, int program);
// The same with BPF_F_REPLACE: in the place of the program `old`, in one step.
long box_bpf_replace_cgroup_device(int cgroup, int program, int old);
long box_bpf_detach_cgroup_device(int cgroup, int program);
// BPF_PROG_QUERY: the ids of the programs attached to this very cgroup; how many.
long box_bpf_query_cgroup_device(int cgroup, uint32_t *ids, uint32_t capacity);
// BPF_PROG_GET_FD_BY_ID
long box_bpf_open_program(uint32_t id);
long box_bpf_program_name(int program, char name[16]);
