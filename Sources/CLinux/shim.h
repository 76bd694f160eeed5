// Linux calls that Swift cannot make: variadic ones, and macros.
#pragma once
#include <errno.h>
#include <fcntl.h>
#include <signal.h>
#include <spawn.h>
#include <sys/file.h>
#include <sys/prctl.h>
#include <sys/resource.h>
#include <sys/socket.h>
#include <sys/statfs.h>
#include <sys/un.h>
#include <sys/wait.h>
#include <time.h>
#include <unistd.h>

#include "confine.h"

/// The kernel sends this process `signal` when the thread that started it ends.
static inline int multires_die_with_parent(int signal) {
    return prctl(PR_SET_PDEATHSIG, signal, 0, 0, 0);
}

/// Both ends are close-on-exec: a child gets only the descriptors it is meant to have.
static inline int multires_pipe(int ends[2]) {
    return pipe2(ends, O_CLOEXEC);
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
