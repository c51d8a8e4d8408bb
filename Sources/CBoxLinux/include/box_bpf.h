// BPF programs. Every function returns the call's value, or -errno.
#pragma once
#include <stdint.h>

// A program of type BPF_PROG_TYPE_CGROUP_DEVICE; count in instructions of 8 bytes. Its descriptor is close-on-exec.
long box_bpf_load_cgroup_device(const void *instructions, uint32_t count);
// BPF_PROG_ATTACH as BPF_CGROUP_DEVICE with BPF_F_ALLOW_MULTI.
long box_bpf_attach_cgroup_device(int cgroup, int program);
