/// What the default seccomp profile allows whatever the arguments: the kernel keeps a bitmap of such
/// calls, and they cost nothing like a filter. One rule a group.
///
/// Left out, because they reach what no namespace holds or are a common way into the kernel: io_uring_*,
/// userfaultfd, keyctl, add_key and request_key, kexec_*, swapon and swapoff, nfsservctl, uselib, ustat, sysfs,
/// vm86, and everything in `DefaultSeccompProfile.guarded`.
enum OrdinarySyscalls {
    static let groups = [
        // Open, read and write files; openat2 and close_range are what newer programs try first.
        """
        open openat openat2 creat close close_range read write readv writev pread64 pwrite64 preadv preadv2 pwritev
        pwritev2 lseek _llseek dup dup2 dup3 fcntl fcntl64 flock ioctl fsync fdatasync sync syncfs sync_file_range
        sync_file_range2 arm_sync_file_range fallocate ftruncate ftruncate64 truncate truncate64 fadvise64 fadvise64_64
        arm_fadvise64_64 readahead sendfile sendfile64 splice tee vmsplice copy_file_range cachestat memfd_create
        memfd_secret
        """,
        // Names, directories and metadata. mknod makes fifos; for devices the kernel asks for CAP_MKNOD.
        """
        stat stat64 lstat lstat64 fstat fstat64 newfstatat fstatat64 statx statfs statfs64 fstatfs fstatfs64 access
        faccessat faccessat2 getcwd chdir fchdir getdents getdents64 mkdir mkdirat rmdir mknod mknodat link linkat
        symlink symlinkat readlink readlinkat unlink unlinkat rename renameat renameat2 umask chmod fchmod fchmodat
        fchmodat2 chown chown32 fchown fchown32 lchown lchown32 fchownat utime utimes futimesat utimensat
        utimensat_time64 name_to_handle_at file_getattr file_setattr
        """,
        // Extended attributes: package managers and tar keep file capabilities in them.
        """
        getxattr lgetxattr fgetxattr getxattrat setxattr lsetxattr fsetxattr setxattrat listxattr llistxattr flistxattr
        listxattrat removexattr lremovexattr fremovexattr removexattrat
        """,
        // Watching files, and being told of events.
        """
        inotify_init inotify_init1 inotify_add_watch inotify_rm_watch fanotify_mark poll ppoll ppoll_time64 select
        _newselect pselect6 pselect6_time64 epoll_create epoll_create1 epoll_ctl epoll_ctl_old epoll_wait epoll_wait_old
        epoll_pwait epoll_pwait2 eventfd eventfd2 signalfd signalfd4 timerfd_create timerfd_gettime timerfd_gettime64
        timerfd_settime timerfd_settime64
        """,
        // Linux's older asynchronous I/O, for databases.
        "io_setup io_destroy io_submit io_cancel io_getevents io_pgetevents io_pgetevents_time64",
        // Memory.
        """
        brk mmap mmap2 munmap mremap mprotect madvise mincore msync mlock mlock2 munlock mlockall munlockall
        remap_file_pages membarrier mseal map_shadow_stack pkey_alloc pkey_free pkey_mprotect process_mrelease
        """,
        // Processes and threads; clone has a rule of its own. ptrace reaches no further than the box.
        """
        fork vfork execve execveat exit exit_group wait4 waitid waitpid gettid getpid getppid getpgid getpgrp getsid
        setpgid setsid prctl arch_prctl modify_ldt set_thread_area get_thread_area set_tid_address set_robust_list
        get_robust_list rseq getcpu pidfd_open pidfd_send_signal ptrace restart_syscall
        """,
        // Waiting for one another.
        "futex futex_time64 futex_waitv futex_wake futex_wait futex_requeue",
        // Scheduling and limits; the kernel lets a process lower its own.
        """
        sched_yield sched_getaffinity sched_setaffinity sched_getattr sched_setattr sched_getparam sched_setparam
        sched_getscheduler sched_setscheduler sched_get_priority_max sched_get_priority_min sched_rr_get_interval
        sched_rr_get_interval_time64 getpriority setpriority ioprio_get ioprio_set getrlimit ugetrlimit setrlimit
        prlimit64 getrusage times sysinfo uname
        """,
        // Signals.
        """
        kill tkill tgkill pause alarm rt_sigaction rt_sigpending rt_sigprocmask rt_sigqueueinfo rt_tgsigqueueinfo
        rt_sigreturn rt_sigsuspend rt_sigtimedwait rt_sigtimedwait_time64 sigaltstack sigprocmask sigreturn
        """,
        // Users, groups and rights: the capabilities decide what comes of it.
        """
        getuid getuid32 geteuid geteuid32 getgid getgid32 getegid getegid32 getresuid getresuid32 getresgid getresgid32
        getgroups getgroups32 setuid setuid32 setgid setgid32 setreuid setreuid32 setregid setregid32 setresuid
        setresuid32 setresgid setresgid32 setfsuid setfsuid32 setfsgid setfsgid32 setgroups setgroups32 capget capset
        """,
        // A program that confines itself further.
        """
        seccomp landlock_create_ruleset landlock_add_rule landlock_restrict_self lsm_get_self_attr lsm_list_modules
        """,
        // Time. adjtimex asks too; to set the clock the kernel wants CAP_SYS_TIME.
        """
        time gettimeofday clock_gettime clock_gettime64 clock_getres clock_getres_time64 clock_nanosleep
        clock_nanosleep_time64 nanosleep getitimer setitimer timer_create timer_delete timer_getoverrun timer_gettime
        timer_gettime64 timer_settime timer_settime64 adjtimex clock_adjtime clock_adjtime64
        """,
        "getrandom",
        // Sockets; socket itself has a rule of its own.
        """
        socketpair bind listen accept accept4 connect shutdown getsockname getpeername getsockopt setsockopt send sendto
        sendmsg sendmmsg recv recvfrom recvmsg recvmmsg recvmmsg_time64
        """,
        // Pipes, System V and POSIX message queues, semaphores and shared memory: the ipc namespace holds them.
        """
        pipe pipe2 ipc msgctl msgget msgrcv msgsnd semctl semget semop semtimedop semtimedop_time64 shmat shmctl shmdt
        shmget mq_open mq_unlink mq_notify mq_getsetattr mq_timedsend mq_timedsend_time64 mq_timedreceive
        mq_timedreceive_time64
        """,
        // ARM's own.
        "breakpoint cacheflush set_tls",
    ]
}
