// What Swift cannot call or import from Linux's headers: variadic functions, and macros.
#pragma once
#include <errno.h>
#include <fcntl.h>
#include <malloc.h>
#include <signal.h>
#include <spawn.h>
#include <stdint.h>
#include <sys/file.h>
#include <sys/prctl.h>
#include <sys/resource.h>
#include <sys/signalfd.h>
#include <sys/socket.h>
#include <sys/statfs.h>
#include <sys/un.h>
#include <sys/wait.h>
#include <time.h>
#include <unistd.h>

#include "sandbox.h"

/// The kernel sends this process `signal` when the thread that started it exits (prctl(2),
/// PR_SET_PDEATHSIG).
static inline int multires_die_with_parent(int signal) {
    return prctl(PR_SET_PDEATHSIG, signal, 0, 0, 0);
}

/// program_invocation_name(3), which errno.h declares only with _GNU_SOURCE.
extern char *program_invocation_name;

static inline const char *multires_invocation_name(void) {
    return program_invocation_name;
}

/// POSIX_SPAWN_SETSID, which spawn.h defines only with _GNU_SOURCE: the child leads a new session.
static const short multires_spawn_session = 0x80;

/// Both ends are close-on-exec, so that a child gets only the descriptors that are meant for it.
static inline int multires_pipe(int ends[2]) {
    return pipe2(ends, O_CLOEXEC);
}

/// Since glibc 2.34; spawn.h declares it only with _GNU_SOURCE.
extern int posix_spawn_file_actions_addclosefrom_np(posix_spawn_file_actions_t *actions, int first);

static inline int multires_close_from(posix_spawn_file_actions_t *actions, int first) {
    return posix_spawn_file_actions_addclosefrom_np(actions, first);
}

/// accept4(2), which sys/socket.h declares only with _GNU_SOURCE.
extern int accept4(int socket, struct sockaddr *address, socklen_t *length, int flags);

static inline int multires_accept(int socket) {
    return accept4(socket, NULL, NULL, SOCK_CLOEXEC);
}

/// A descriptor that is readable while one of `signals`, which must be blocked, is pending (signalfd(2)).
static inline int multires_signal_descriptor(const sigset_t *signals) {
    return signalfd(-1, signals, SFD_CLOEXEC | SFD_NONBLOCK);
}

static inline int multires_duplicate(int descriptor) {
    return fcntl(descriptor, F_DUPFD_CLOEXEC, 0);
}

static inline int multires_open(const char *path, int flags, mode_t mode) {
    return open(path, flags, mode);
}

static inline int multires_set_nonblocking(int descriptor) {
    return fcntl(descriptor, F_SETFL, fcntl(descriptor, F_GETFL) | O_NONBLOCK);
}

/// syscall(2), for tests.
static inline long multires_system_call(int number, const long arguments[6]) {
    return syscall(
        number, arguments[0], arguments[1], arguments[2], arguments[3], arguments[4], arguments[5]);
}

/// mallopt(3), M_PERTURB: fills every allocated block with zero bits, and every freed block with one bits.
static inline void multires_fill_memory(void) {
    mallopt(M_PERTURB, 0xFF);
}

/// Adds to a number in memory that is shared with other processes.
static inline void multires_atomic_add(int64_t *number, int64_t amount) {
    __atomic_fetch_add(number, amount, __ATOMIC_RELAXED);
}

/// Everything that was written before a number was stored with `multires_atomic_store` is visible after
/// this has loaded that number.
static inline int64_t multires_atomic_load(const int64_t *number) {
    return __atomic_load_n(number, __ATOMIC_ACQUIRE);
}

static inline void multires_atomic_store(int64_t *number, int64_t value) {
    __atomic_store_n(number, value, __ATOMIC_RELEASE);
}
