#define _GNU_SOURCE
#include "box_caller.h"

#include <unistd.h>

uint32_t box_geteuid(void) { return geteuid(); }

char *const *box_environ(void) { return environ; }
uint32_t box_getegid(void) { return getegid(); }
