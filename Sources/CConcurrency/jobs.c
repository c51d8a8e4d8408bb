#include "CConcurrency.h"

// The hook that Swift's runtime has for this: swift/Runtime/Concurrency.h among Swift's sources. Swift cannot name it.
#define SWIFTCALL __attribute__((swiftcall))
extern SWIFTCALL void (*swift_task_enqueueGlobal_hook)(void *job, SWIFTCALL void (*original)(void *job));

static void (*take)(void *job);

static SWIFTCALL void enqueue(void *job, SWIFTCALL void (*original)(void *job)) {
    (void)original;
    take(job);
}

void box_take_jobs(void (*run)(void *job)) {
    take = run;
    swift_task_enqueueGlobal_hook = enqueue;
}
