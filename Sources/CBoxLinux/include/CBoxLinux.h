// Every header of this target. A new one is added here, or the compiler keeps the old module and does not see it.
#pragma once
#include "box_bpf.h"
#include "box_caller.h"
#include "box_channel.h"
#include "box_file.h"
#include "box_keyring.h"
#include "box_mount.h"
#include "box_process.h"
#include "box_regex.h"
#include "box_program.h"
#include "box_spawn.h"
