// Who started this program.
#pragma once
#include <stdint.h>

// geteuid(2)
uint32_t box_geteuid(void);
// environ(7): the array as the program got it, ended by NULL
char *const *box_environ(void);
// getegid(2)
uint32_t box_getegid(void);
