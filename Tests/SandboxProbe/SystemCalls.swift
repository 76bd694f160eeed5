import CLinux
import Foundation

/// The system calls that a sandboxed process may make because they change nothing outside of it. Every
/// other call of this kernel must be denied. A new kernel's calls fail the test until they are listed here
/// or denied.
enum SystemCalls {
    /// Reading; the process's memory, timers, threads and descriptors; and what Landlock restricts: creating,
    /// renaming and removing files.
    private static let harmless: [Int32] =
        everywhere + older + [
            // Newer than Debian 12's headers: cachestat, map_shadow_stack, futex_wake, futex_wait,
            // futex_requeue, statmount, listmount, lsm_get_self_attr, lsm_list_modules, mseal,
            // getxattrat, listxattrat, file_getattr, listns; on x86-64 uretprobe and uprobe, which
            // only the kernel itself calls.
            451, 453, 454, 455, 456, 457, 458, 459, 461, 462, 464, 465, 468, 470, 335, 336,
        ]

    /// Allowed or denied by their arguments: the probe tries each of them.
    private static let byArgument: [Int32] =
        [
            SYS_openat, SYS_fcntl, SYS_clone, SYS_tgkill, SYS_prlimit64, SYS_sched_setscheduler,
            SYS_sched_setparam, SYS_sched_setattr, SYS_sched_setaffinity,
        ] + olderByArgument

    /// Tries every other number up to 1023, with arguments that are invalid for any call. Returns the calls
    /// that were not denied, with their errors.
    static func left() -> [String] {
        let allowed = Set(harmless + byArgument)
        return (0...1023).filter { !allowed.contains($0) }.compactMap { number in
            errno = 0
            let result = call(number, -1, -1, -1, -1, -1, -1)
            let error = errno
            guard result != -1 || (error != EPERM && error != ENOSYS) else { return nil }
            return "\(number) (\(String(cString: strerror(error))))"
        }
    }

    static func call(_ number: Int32, _ arguments: Int...) -> Int {
        multires_system_call(number, arguments + Array(repeating: 0, count: 6 - arguments.count))
    }

    private static let everywhere: [Int32] = [
        SYS_read, SYS_write, SYS_close, SYS_stat, SYS_fstat, SYS_lstat, SYS_lseek, SYS_mmap,
        SYS_mprotect, SYS_munmap, SYS_brk, SYS_rt_sigaction, SYS_rt_sigprocmask,
        SYS_rt_sigreturn, SYS_pread64, SYS_pwrite64, SYS_readv, SYS_writev, SYS_sched_yield,
        SYS_mremap, SYS_msync, SYS_mincore, SYS_madvise, SYS_dup, SYS_nanosleep, SYS_getitimer,
        SYS_setitimer, SYS_getpid, SYS_sendfile, SYS_recvfrom, SYS_recvmsg, SYS_getsockname,
        SYS_getpeername, SYS_getsockopt, SYS_exit, SYS_wait4, SYS_uname, SYS_shmdt, SYS_fsync,
        SYS_fdatasync, SYS_getcwd, SYS_chdir, SYS_fchdir, SYS_umask, SYS_gettimeofday,
        SYS_getrlimit, SYS_getrusage, SYS_sysinfo, SYS_times, SYS_getuid, SYS_getgid,
        SYS_geteuid, SYS_getegid, SYS_getppid, SYS_getgroups, SYS_getresuid, SYS_getresgid,
        SYS_getpgid, SYS_getsid, SYS_capget, SYS_rt_sigpending, SYS_rt_sigtimedwait,
        SYS_rt_sigsuspend, SYS_sigaltstack, SYS_statfs, SYS_fstatfs, SYS_getpriority,
        SYS_sched_getparam, SYS_sched_getscheduler, SYS_sched_get_priority_max,
        SYS_sched_get_priority_min, SYS_sched_rr_get_interval, SYS_mlock, SYS_munlock,
        SYS_mlockall, SYS_munlockall, SYS_prctl, SYS_gettid, SYS_readahead, SYS_getxattr,
        SYS_lgetxattr, SYS_fgetxattr, SYS_listxattr, SYS_llistxattr, SYS_flistxattr, SYS_futex,
        SYS_sched_getaffinity, SYS_io_destroy, SYS_io_getevents, SYS_io_cancel,
        SYS_lookup_dcookie, SYS_remap_file_pages, SYS_getdents64, SYS_set_tid_address,
        SYS_restart_syscall, SYS_fadvise64, SYS_timer_create, SYS_timer_settime,
        SYS_timer_gettime, SYS_timer_getoverrun, SYS_timer_delete, SYS_clock_gettime,
        SYS_clock_getres, SYS_clock_nanosleep, SYS_exit_group, SYS_epoll_ctl, SYS_mbind,
        SYS_set_mempolicy, SYS_get_mempolicy, SYS_waitid, SYS_ioprio_get, SYS_inotify_rm_watch,
        SYS_mkdirat, SYS_newfstatat, SYS_unlinkat, SYS_renameat, SYS_readlinkat, SYS_faccessat,
        SYS_pselect6, SYS_ppoll, SYS_set_robust_list, SYS_get_robust_list, SYS_splice, SYS_tee,
        SYS_sync_file_range, SYS_vmsplice, SYS_epoll_pwait, SYS_timerfd_create, SYS_fallocate,
        SYS_timerfd_settime, SYS_timerfd_gettime, SYS_signalfd4, SYS_eventfd2, SYS_epoll_create1,
        SYS_dup3, SYS_pipe2, SYS_preadv, SYS_pwritev, SYS_recvmmsg, SYS_getcpu,
        SYS_sched_getattr, SYS_renameat2, SYS_seccomp, SYS_getrandom, SYS_memfd_create,
        SYS_membarrier, SYS_mlock2, SYS_copy_file_range, SYS_preadv2, SYS_pwritev2,
        SYS_pkey_mprotect, SYS_pkey_alloc, SYS_pkey_free, SYS_statx, SYS_io_pgetevents, SYS_rseq,
        SYS_close_range, SYS_faccessat2, SYS_epoll_pwait2, SYS_memfd_secret, SYS_futex_waitv,
        SYS_set_mempolicy_home_node, SYS_landlock_create_ruleset, SYS_landlock_add_rule,
        SYS_landlock_restrict_self,
    ]

    #if arch(x86_64)
        private static let olderByArgument: [Int32] = [SYS_open]
        private static let older: [Int32] = [
            SYS_poll, SYS_access, SYS_pipe, SYS_select, SYS_dup2, SYS_pause, SYS_alarm,
            SYS_getdents,
            SYS_rename, SYS_mkdir, SYS_rmdir, SYS_creat, SYS_unlink, SYS_readlink, SYS_getpgrp,
            SYS_ustat, SYS_sysfs, SYS_arch_prctl, SYS_time, SYS_set_thread_area,
            SYS_get_thread_area,
            SYS_epoll_create, SYS_epoll_wait, SYS_signalfd, SYS_eventfd,
        ]
    #else
        private static let olderByArgument: [Int32] = []
        private static let older: [Int32] = []
    #endif
}
