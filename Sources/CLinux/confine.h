// Confinement of a process by itself: Landlock (landlock(7)) and seccomp (seccomp(2)). Neither has a
// C library's wrapper, and both need structs and macros that Swift cannot see.
#pragma once
#include <linux/audit.h>
#include <linux/filter.h>
#include <linux/landlock.h>
#include <linux/seccomp.h>
#include <sched.h>
#include <stddef.h>
#include <sys/stat.h>
#include <sys/syscall.h>

/// open(2), O_PATH, which fcntl.h shows under _GNU_SOURCE alone.
static const int multires_path_only = 010000000;

/// The kernel's Landlock version, or -1 where it has none or it is switched off.
static inline int multires_landlock_version(void) {
    return (int)syscall(SYS_landlock_create_ruleset, NULL, 0, LANDLOCK_CREATE_RULESET_VERSION);
}

/// A set of rules that forbids every access to files which version 1 of Landlock knows, and what
/// later versions added as far as this kernel has it. A descriptor, or -1.
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

/// What may be done with a file, or below a folder: reading (and running libraries from it), or, for
/// `writable`, making, writing and removing regular files and folders too.
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

/// Whether the kernel takes filters of system calls (prctl(2), PR_GET_SECCOMP).
static inline int multires_has_seccomp(void) {
    return prctl(PR_GET_SECCOMP, 0, 0, 0, 0) >= 0;
}

/// From now on neither this process nor what it starts gains rights by running a program.
static inline int multires_no_new_privileges(void) {
    return prctl(PR_SET_NO_NEW_PRIVS, 1, 0, 0, 0);
}

/// Runs only when nothing else wants to: decoding never slows serving down.
static inline int multires_yield_to_everyone(void) {
    struct sched_param none = {0};
    return sched_setscheduler(0, 5 /* SCHED_IDLE, which needs _GNU_SOURCE */, &none);
}

#if defined(__x86_64__)
#define MULTIRES_AUDIT_ARCH AUDIT_ARCH_X86_64
#elif defined(__aarch64__)
#define MULTIRES_AUDIT_ARCH AUDIT_ARCH_AARCH64
#endif

/// Denies what decoding never needs and an intruder would: network, other processes, programs, links
/// and devices, mounts, kernel modules. Short on purpose, and never a list of what is allowed: that
/// would break with every new C library. Threads stay possible, processes do not. -1 where there is
/// no seccomp.
static inline int multires_deny_system_calls(void) {
#if !defined(MULTIRES_AUDIT_ARCH)
    errno = ENOSYS;
    return -1;
#else
    static const int denied[] = {
        SYS_socket, SYS_socketpair, SYS_connect, SYS_bind, SYS_listen, SYS_accept, SYS_accept4,
        SYS_sendto, SYS_sendmsg, SYS_sendmmsg,
        SYS_execve, SYS_execveat, SYS_ptrace, SYS_process_vm_readv, SYS_process_vm_writev,
        SYS_kill, SYS_tkill, SYS_pidfd_open, SYS_pidfd_getfd, SYS_pidfd_send_signal,
        SYS_rt_sigqueueinfo, SYS_rt_tgsigqueueinfo,
        SYS_symlinkat, SYS_linkat, SYS_mknodat,
        SYS_mount, SYS_umount2, SYS_pivot_root, SYS_chroot, SYS_open_tree, SYS_move_mount,
        SYS_fsopen, SYS_fsmount, SYS_unshare, SYS_setns, SYS_open_by_handle_at,
        SYS_bpf, SYS_perf_event_open, SYS_userfaultfd, SYS_io_uring_setup, SYS_keyctl,
        SYS_add_key, SYS_request_key, SYS_init_module, SYS_finit_module, SYS_delete_module,
        SYS_kexec_load, SYS_reboot, SYS_swapon, SYS_swapoff, SYS_personality, SYS_quotactl,
#if defined(__x86_64__)
        SYS_fork, SYS_vfork, SYS_symlink, SYS_link, SYS_mknod, SYS_kexec_file_load,
#endif
    };
    enum { count = sizeof denied / sizeof *denied };
    struct sock_filter filter[count + 15];
    unsigned short n = 0;
#define LOAD(field) \
    (struct sock_filter) BPF_STMT(BPF_LD | BPF_W | BPF_ABS, offsetof(struct seccomp_data, field))
#define ANSWER(value) (struct sock_filter) BPF_STMT(BPF_RET | BPF_K, value)
#define IF(operation, value, yes, no) \
    (struct sock_filter) BPF_JUMP(BPF_JMP | operation | BPF_K, value, yes, no)
    filter[n++] = LOAD(arch);
    filter[n++] = IF(BPF_JEQ, MULTIRES_AUDIT_ARCH, 1, 0);
    filter[n++] = ANSWER(SECCOMP_RET_KILL_PROCESS);
    filter[n++] = LOAD(nr);
#if defined(__x86_64__)
    // The x32 way of calling the same kernel, which has numbers of its own.
    filter[n++] = IF(BPF_JGE, 0x40000000, 0, 1);
    filter[n++] = ANSWER(SECCOMP_RET_ERRNO | EPERM);
#endif
    // clone3 passes its flags in memory, where no filter sees them; the C library then uses clone.
    filter[n++] = IF(BPF_JEQ, SYS_clone3, 0, 1);
    filter[n++] = ANSWER(SECCOMP_RET_ERRNO | ENOSYS);
    filter[n++] = IF(BPF_JEQ, SYS_clone, 0, 4);
    filter[n++] = LOAD(args[0]);
    filter[n++] = IF(BPF_JSET, 0x00010000 /* CLONE_THREAD */, 0, 1);
    filter[n++] = ANSWER(SECCOMP_RET_ALLOW);
    filter[n++] = ANSWER(SECCOMP_RET_ERRNO | EPERM);
    for (int i = 0; i < count; i++) filter[n++] = IF(BPF_JEQ, denied[i], (unsigned char)(count - i), 0);
    filter[n++] = ANSWER(SECCOMP_RET_ALLOW);
    filter[n++] = ANSWER(SECCOMP_RET_ERRNO | EPERM);
#undef LOAD
#undef ANSWER
#undef IF
    struct sock_fprog program = {.len = n, .filter = filter};
    return prctl(PR_SET_SECCOMP, SECCOMP_MODE_FILTER, &program, 0, 0);
#endif
}
