#ifndef CCONCURRENCY_H
#define CCONCURRENCY_H

/// Has every job that Swift's concurrency would give to its own threads be given to `run` instead. Once, before the first.
void box_take_jobs(void (*run)(void *job));

#endif
