// A process sandboxes itself with Landlock (landlock(7)) and seccomp (seccomp(2)). The C library has no
// wrappers for them, and both need structs and macros that Swift cannot import.
#pragma once
#include <linux/audit.h>
#include <linux/filter.h>
#include <linux/landlock.h>
#include <linux/seccomp.h>
#include <sched.h>
#include <stddef.h>
#include <sys/stat.h>
#include <sys/syscall.h>

/// O_PATH of open(2), which fcntl.h defines only with _GNU_SOURCE.
static const int multires_path_only = 010000000;

/// The kernel's Landlock version, or -1 if the kernel has no Landlock or it is disabled.
static inline int multires_landlock_version(void) {
    return (int)syscall(SYS_landlock_create_ruleset, NULL, 0, LANDLOCK_CREATE_RULESET_VERSION);
}

/// Creates a ruleset that denies every file access that version 1 of Landlock knows, and what later
/// versions up to `version` added. Returns a descriptor, or -1.
static inline int multires_landlock_ruleset(int version) {
    struct {
        __u64 files, network, scope;
    } attributes = {0};
    // Version 1 knows the first 13 rights; 2 added REFER, 3 TRUNCATE, 5 IOCTL_DEV.
    attributes.files = (1ULL << 13) - 1;
    if (version >= 2) attributes.files |= 1ULL << 13;
    if (version >= 3) attributes.files |= 1ULL << 14;
    if (version >= 5) attributes.files |= 1ULL << 15;
    size_t size = sizeof(__u64);
    if (version >= 4) attributes.network = 3, size = 2 * sizeof(__u64); // TCP bind and connect
    if (version >= 6) attributes.scope = 3, size = 3 * sizeof(__u64);   // abstract sockets, signals
    return (int)syscall(SYS_landlock_create_ruleset, &attributes, size, 0);
}

/// Adds a rule for a file, or for everything below a folder, given as the open descriptor `place`. It
/// allows reading (and executing, which libraries need), and, if `writable`, also creating, writing and
/// removing regular files and folders. Returns 0, or -1.
static inline int multires_landlock_allow(int ruleset, int version, int place, int writable) {
    struct stat status;
    if (fstat(place, &status) != 0) return -1;
    struct landlock_path_beneath_attr rule = {
        .allowed_access = LANDLOCK_ACCESS_FS_EXECUTE | LANDLOCK_ACCESS_FS_READ_FILE,
        .parent_fd = place,
    };
    if (S_ISDIR(status.st_mode)) rule.allowed_access |= LANDLOCK_ACCESS_FS_READ_DIR;
    if (writable) {
        rule.allowed_access |= LANDLOCK_ACCESS_FS_WRITE_FILE | LANDLOCK_ACCESS_FS_REMOVE_FILE |
                               LANDLOCK_ACCESS_FS_REMOVE_DIR | LANDLOCK_ACCESS_FS_MAKE_REG |
                               LANDLOCK_ACCESS_FS_MAKE_DIR;
        if (version >= 3) rule.allowed_access |= 1ULL << 14;
    }
    return (int)syscall(SYS_landlock_add_rule, ruleset, LANDLOCK_RULE_PATH_BENEATH, &rule, 0);
}

static inline int multires_landlock_enforce(int ruleset) {
    return (int)syscall(SYS_landlock_restrict_self, ruleset, 0);
}

/// Whether the kernel supports system call filters (prctl(2), PR_GET_SECCOMP).
static inline int multires_has_seccomp(void) {
    return prctl(PR_GET_SECCOMP, 0, 0, 0, 0) >= 0;
}

/// From now on, neither this process nor its children can gain privileges by execve(2).
static inline int multires_no_new_privileges(void) {
    return prctl(PR_SET_NO_NEW_PRIVS, 1, 0, 0, 0);
}

/// From now on, this process runs only when no other process needs the processor, so decoding never
/// slows serving down.
static inline int multires_set_idle_priority(void) {
    struct sched_param none = {0};
    return sched_setscheduler(0, 5 /* SCHED_IDLE, which needs _GNU_SOURCE */, &none);
}

#if defined(__x86_64__)
#define MULTIRES_AUDIT_ARCH AUDIT_ARCH_X86_64
#elif defined(__aarch64__)
#define MULTIRES_AUDIT_ARCH AUDIT_ARCH_AARCH64
#endif

// System call numbers that Debian 12's headers may lack. They are the same for all architectures.
#define MULTIRES_SYS_QUOTACTL_FD 443
#define MULTIRES_SYS_MOUNT_SETATTR 442
#define MULTIRES_SYS_PROCESS_MADVISE 440
#define MULTIRES_SYS_OPENAT2 437
#define MULTIRES_SYS_PROCESS_MRELEASE 448
#define MULTIRES_SYS_FCHMODAT2 452
#define MULTIRES_SYS_LSM_SET_SELF_ATTR 460
#define MULTIRES_SYS_SETXATTRAT 463
#define MULTIRES_SYS_REMOVEXATTRAT 466
#define MULTIRES_SYS_OPEN_TREE_ATTR 467
#define MULTIRES_SYS_FILE_SETATTR 469

/// System calls that are denied with any arguments: decoding never needs them, and an attacker would.
/// Network and messages; other processes; programs; links and devices; a file's mode, owner, times,
/// attributes and length, which Landlock does not restrict, or not on every kernel; locks; mounts, clocks
/// and the rest of the machine; the identity of this process.
static const int multires_denied[] = {
    SYS_socket, SYS_socketpair, SYS_connect, SYS_bind, SYS_listen, SYS_accept, SYS_accept4, SYS_sendto,
    SYS_sendmsg, SYS_sendmmsg, SYS_setsockopt, SYS_shutdown,
    SYS_shmget, SYS_shmat, SYS_shmctl, SYS_msgget, SYS_msgsnd, SYS_msgrcv, SYS_msgctl, SYS_semget,
    SYS_semop, SYS_semtimedop, SYS_semctl, SYS_mq_open, SYS_mq_unlink, SYS_mq_timedsend,
    SYS_mq_timedreceive, SYS_mq_notify, SYS_mq_getsetattr,
    SYS_execve, SYS_execveat, SYS_ptrace, SYS_process_vm_readv, SYS_process_vm_writev, SYS_kill,
    SYS_tkill, SYS_pidfd_open, SYS_pidfd_getfd, SYS_pidfd_send_signal, SYS_rt_sigqueueinfo,
    SYS_rt_tgsigqueueinfo, SYS_setpriority, SYS_ioprio_set, SYS_migrate_pages, SYS_move_pages,
    MULTIRES_SYS_PROCESS_MADVISE, MULTIRES_SYS_PROCESS_MRELEASE, SYS_kcmp, SYS_setrlimit, SYS_setpgid,
    SYS_setsid,
    SYS_symlinkat, SYS_linkat, SYS_mknodat,
    SYS_fchmod, SYS_fchmodat, MULTIRES_SYS_FCHMODAT2, SYS_fchown, SYS_fchownat, SYS_utimensat,
    SYS_setxattr, SYS_lsetxattr, SYS_fsetxattr, SYS_removexattr, SYS_lremovexattr, SYS_fremovexattr,
    MULTIRES_SYS_SETXATTRAT, MULTIRES_SYS_REMOVEXATTRAT, MULTIRES_SYS_FILE_SETATTR, SYS_truncate,
    SYS_ftruncate, SYS_flock, SYS_ioctl, SYS_inotify_init1, SYS_inotify_add_watch, SYS_fanotify_init,
    SYS_fanotify_mark, SYS_sync, SYS_syncfs, SYS_vhangup,
    SYS_mount, SYS_umount2, SYS_pivot_root, SYS_chroot, SYS_open_tree, MULTIRES_SYS_OPEN_TREE_ATTR,
    SYS_move_mount, SYS_fsopen, SYS_fsconfig, SYS_fsmount, SYS_fspick, MULTIRES_SYS_MOUNT_SETATTR,
    SYS_unshare, SYS_setns, SYS_name_to_handle_at, SYS_open_by_handle_at, SYS_quotactl,
    MULTIRES_SYS_QUOTACTL_FD,
    SYS_setuid, SYS_setgid, SYS_setreuid, SYS_setregid, SYS_setresuid, SYS_setresgid, SYS_setfsuid,
    SYS_setfsgid, SYS_setgroups, SYS_capset, SYS_personality,
    MULTIRES_SYS_LSM_SET_SELF_ATTR,
    SYS_settimeofday, SYS_clock_settime, SYS_adjtimex, SYS_clock_adjtime, SYS_sethostname,
    SYS_setdomainname, SYS_syslog, SYS_acct, SYS_swapon, SYS_swapoff, SYS_reboot, SYS_kexec_load,
    SYS_init_module, SYS_finit_module, SYS_delete_module,
    SYS_bpf, SYS_perf_event_open, SYS_userfaultfd, SYS_io_uring_setup, SYS_io_uring_enter,
    SYS_io_uring_register, SYS_io_setup, SYS_io_submit, SYS_keyctl, SYS_add_key, SYS_request_key,
#if defined(__x86_64__)
    SYS_fork, SYS_vfork, SYS_symlink, SYS_link, SYS_mknod, SYS_chmod, SYS_chown, SYS_lchown, SYS_utime,
    SYS_utimes, SYS_futimesat, SYS_kexec_file_load, SYS_iopl, SYS_ioperm, SYS_modify_ldt,
    SYS_inotify_init, SYS_uselib, SYS__sysctl,
#endif
};

/// Denies the calls of `multires_denied`, and others depending on their arguments. The filter lists what
/// is denied, because a list of what is allowed would break with every new C library. SandboxTests
/// checks that no call that changes anything outside the process is left. The process can start new
/// threads, but no processes. Returns 0, or -1 if there is no seccomp.
static inline int multires_deny_system_calls(void) {
#if !defined(MULTIRES_AUDIT_ARCH)
    errno = ENOSYS;
    return -1;
#else
    enum { count = sizeof multires_denied / sizeof *multires_denied };
    _Static_assert(count < 250, "a jump reaches 255 instructions");
    struct sock_filter filter[count + 80];
    unsigned short n = 0;
// The lower 32 bits of an argument. The kernel reads no more than these if the argument is an int.
#define ARGUMENT(index) \
    (struct sock_filter) BPF_STMT(BPF_LD | BPF_W | BPF_ABS, \
        offsetof(struct seccomp_data, args) + 8 * (index))
#define LOAD(field) \
    (struct sock_filter) BPF_STMT(BPF_LD | BPF_W | BPF_ABS, offsetof(struct seccomp_data, field))
#define ANSWER(value) (struct sock_filter) BPF_STMT(BPF_RET | BPF_K, value)
#define ALLOW ANSWER(SECCOMP_RET_ALLOW)
#define DENY ANSWER(SECCOMP_RET_ERRNO | EPERM)
#define IF(operation, value, yes, no) \
    (struct sock_filter) BPF_JUMP(BPF_JMP | operation | BPF_K, value, yes, no)
    filter[n++] = LOAD(arch);
    filter[n++] = IF(BPF_JEQ, MULTIRES_AUDIT_ARCH, 1, 0);
    filter[n++] = ANSWER(SECCOMP_RET_KILL_PROCESS);
    filter[n++] = LOAD(nr);
#if defined(__x86_64__)
    // The x32 ABI of the same kernel, which has its own system call numbers.
    filter[n++] = IF(BPF_JGE, 0x40000000, 0, 1);
    filter[n++] = DENY;
#endif
    // These pass their flags in memory, which a filter cannot read. After ENOSYS the C library uses the
    // older calls.
    filter[n++] = IF(BPF_JEQ, SYS_clone3, 1, 0);
    filter[n++] = IF(BPF_JEQ, MULTIRES_SYS_OPENAT2, 0, 1);
    filter[n++] = ANSWER(SECCOMP_RET_ERRNO | ENOSYS);
    filter[n++] = IF(BPF_JEQ, SYS_clone, 0, 4);
    filter[n++] = ARGUMENT(0);
    filter[n++] = IF(BPF_JSET, 0x00010000 /* CLONE_THREAD */, 0, 1);
    filter[n++] = ALLOW;
    filter[n++] = DENY;
    // Signals only to threads of this process, which abort(3) needs.
    filter[n++] = IF(BPF_JEQ, SYS_tgkill, 0, 4);
    filter[n++] = ARGUMENT(0);
    filter[n++] = IF(BPF_JEQ, (unsigned)getpid(), 0, 1);
    filter[n++] = ALLOW;
    filter[n++] = DENY;
    // Limits and scheduling only with pid 0, which is this process: any other pid could be another one.
    static const int own[] = {
        SYS_prlimit64, SYS_sched_setscheduler, SYS_sched_setparam, SYS_sched_setattr,
        SYS_sched_setaffinity,
    };
    for (unsigned i = 0; i < sizeof own / sizeof *own; i++) {
        filter[n++] = IF(BPF_JEQ, own[i], 0, 4);
        filter[n++] = ARGUMENT(0);
        filter[n++] = IF(BPF_JEQ, 0, 0, 1);
        filter[n++] = ALLOW;
        filter[n++] = DENY;
    }
    // O_TRUNC only with write access: otherwise, opening a file for reading could empty it. Landlock
    // prevents that only from version 3 on.
    static const struct { int number, flags; } opening[] = {
        {SYS_openat, 2},
#if defined(__x86_64__)
        {SYS_open, 1},
#endif
    };
    for (unsigned i = 0; i < sizeof opening / sizeof *opening; i++) {
        filter[n++] = IF(BPF_JEQ, opening[i].number, 0, 8);
        filter[n++] = ARGUMENT(opening[i].flags);
        filter[n++] = IF(BPF_JSET, O_TRUNC, 1, 0);
        filter[n++] = ALLOW;
        filter[n++] = (struct sock_filter) BPF_STMT(BPF_ALU | BPF_AND | BPF_K, O_ACCMODE);
        filter[n++] = IF(BPF_JEQ, O_WRONLY, 1, 0);
        filter[n++] = IF(BPF_JEQ, O_RDWR, 0, 1);
        filter[n++] = ALLOW;
        filter[n++] = DENY;
    }
    // Commands that make the kernel send signals about a descriptor, and locks.
    static const unsigned commands[] = {
        F_SETOWN, 15 /* F_SETOWN_EX */, 10 /* F_SETSIG */, 1024 /* F_SETLEASE */, 1026 /* F_NOTIFY */,
        F_SETLK, F_SETLKW, 37 /* F_OFD_SETLK */, 38 /* F_OFD_SETLKW */,
    };
    enum { commandCount = sizeof commands / sizeof *commands };
    filter[n++] = IF(BPF_JEQ, SYS_fcntl, 0, commandCount + 3);
    filter[n++] = ARGUMENT(1);
    for (int i = 0; i < commandCount; i++) {
        filter[n++] = IF(BPF_JEQ, commands[i], (unsigned char)(commandCount - i), 0);
    }
    filter[n++] = ALLOW;
    filter[n++] = DENY;
    for (int i = 0; i < count; i++) {
        filter[n++] = IF(BPF_JEQ, multires_denied[i], (unsigned char)(count - i), 0);
    }
    filter[n++] = ALLOW;
    filter[n++] = DENY;
#undef ARGUMENT
#undef LOAD
#undef ANSWER
#undef ALLOW
#undef DENY
#undef IF
    struct sock_fprog program = {.len = n, .filter = filter};
    return prctl(PR_SET_SECCOMP, SECCOMP_MODE_FILTER, &program, 0, 0);
#endif
}
