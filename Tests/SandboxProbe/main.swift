import CLinux
import Foundation
import Processes

// Enters a sandbox for the folder in the first argument, with at most the version of Landlock in the second,
// and tries what the sandbox must deny or allow. Each line of output has an attempt and its result.
let folder = CommandLine.arguments[1]
if folder == "blocks" {
    FilledMemory.begin()
    print(FilledBlocks.failures())
    exit(0)
}
let lacking = try Sandbox(
    memory: 256 << 20, fileSize: 1 << 20, readable: [folder + "/in"], writable: [folder + "/out"],
    landlock: Int(CommandLine.arguments[2])
).apply()
for sentence in lacking { print("lacking: \(sentence)") }

func attempt(_ what: String, _ body: () -> Bool) {
    print("\(what): \(body() ? "possible" : "denied")")
}

let file = folder + "/in/file"
let parent = getppid()
// F_SETSIG, F_SETLEASE and RLIMIT_NOFILE, whose macros Swift does not import.
let (setSignal, setLease, openFiles) = (10, 1024, 7)

attempt("read in") { open(file, O_RDONLY) >= 0 }
attempt("write in") { creat(folder + "/in/new", 0o600) >= 0 }
attempt("write the file in") { open(file, O_WRONLY) >= 0 }
attempt("write out") { creat(folder + "/out/new", 0o600) >= 0 }
attempt("write out again") { open(folder + "/out/new", O_WRONLY | O_TRUNC) >= 0 }
attempt("read beside") { open(folder + "/secret", O_RDONLY) >= 0 }
attempt("list beside") { opendir(folder) != nil }
attempt("read /etc/passwd") { open("/etc/passwd", O_RDONLY) >= 0 }
attempt("link beside into out") { link(folder + "/secret", folder + "/out/link") == 0 }
attempt("remove the file in") { unlink(file) == 0 }
attempt("rename the file in") { rename(file, folder + "/out/moved") == 0 }

// What Landlock does not restrict, or only since version 3.
for path in [file, folder + "/secret"] {
    attempt("empty \(path)") { truncate(path, 0) == 0 }
    attempt("empty \(path) by opening") {
        [O_RDONLY, O_ACCMODE].contains { open(path, $0 | O_TRUNC) >= 0 }
    }
    attempt("mode of \(path)") {
        chmod(path, 0o777) == 0 || fchmodat(AT_FDCWD, path, 0o777, 0) == 0
            || fchmod(open(path, O_RDONLY), 0o777) == 0
    }
    attempt("owner of \(path)") {
        chown(path, getuid(), getgid()) == 0 || lchown(path, getuid(), getgid()) == 0
            || fchown(open(path, O_RDONLY), getuid(), getgid()) == 0
    }
    attempt("times of \(path)") {
        utimes(path, nil) == 0 || utimensat(AT_FDCWD, path, nil, 0) == 0
            || futimens(open(path, O_RDONLY), nil) == 0
    }
    attempt("attributes of \(path)") {
        path.withCString { path in
            "user.probe".withCString { name in
                let (path, name) = (Int(bitPattern: path), Int(bitPattern: name))
                return SystemCalls.call(SYS_setxattr, path, name, name, 1, 0) == 0
                    || errno != EPERM || SystemCalls.call(SYS_removexattr, path, name) == 0
                    || errno != EPERM
            }
        }
    }
}

// seccomp fails these with EPERM, Landlock with EACCES. EPERM shows that seccomp denies them on any kernel.
attempt("a symbolic link") {
    symlink("/etc/passwd", folder + "/out/symbolic") == 0 || errno != EPERM
}
attempt("a named pipe") { mkfifo(folder + "/out/pipe", 0o600) == 0 || errno != EPERM }
attempt("a hard link") {
    link(folder + "/out/new", folder + "/out/second") == 0 || errno != EPERM
}
attempt("socket") { socket(AF_INET, Int32(SOCK_STREAM.rawValue), 0) >= 0 }
attempt("UNIX socket") { socket(AF_UNIX, Int32(SOCK_STREAM.rawValue), 0) >= 0 }
attempt("start a program") { (try? ChildProcess("/bin/true", environment: [:])) != nil }
attempt("mount") { mount("none", folder, "tmpfs", 0, nil) == 0 }

// Other processes: the parent belongs to the same user.
attempt("signal the parent") { kill(parent, 0) == 0 }
attempt("signal the parent's thread") {
    SystemCalls.call(SYS_tgkill, Int(parent), Int(parent), 0) == 0
}
attempt("let the kernel signal the parent") {
    var ends: [Int32] = [0, 0]
    pipe(&ends)
    return SystemCalls.call(SYS_fcntl, Int(ends[0]), Int(F_SETOWN), Int(parent)) == 0
        || SystemCalls.call(SYS_fcntl, Int(ends[0]), setSignal, Int(SIGKILL)) == 0
}
attempt("lock the file in") {
    let descriptor = open(file, O_RDONLY)
    return flock(descriptor, LOCK_SH) == 0
        || SystemCalls.call(SYS_fcntl, Int(descriptor), setLease, Int(F_RDLCK)) == 0
}
attempt("limits of the parent") {
    SystemCalls.call(SYS_prlimit64, Int(parent), openFiles, 0, 0) == 0
}
attempt("priority of the parent") {
    setpriority(__priority_which_t(PRIO_PROCESS.rawValue), id_t(parent), 19) == 0
}
attempt("scheduling of the parent") {
    var none = sched_param()
    return sched_setscheduler(parent, 0, &none) == 0 || sched_setparam(parent, &none) == 0
}
attempt("processors of the parent") {
    let all: [UInt64] = Array(repeating: .max, count: 16)
    return all.withUnsafeBytes { all in
        SystemCalls.call(
            SYS_sched_setaffinity, Int(parent), all.count, Int(bitPattern: all.baseAddress)) == 0
    }
}

if !lacking.contains(where: { $0.contains("seccomp") }) {
    print("system calls left: \(SystemCalls.left())")
}

/// Not malloc: the optimizer removes an allocation that nothing reads, and then assumes that it succeeded.
func canAllocate(_ bytes: Int) -> Bool {
    var memory: UnsafeMutableRawPointer?
    return posix_memalign(&memory, 16, bytes) == 0
}
attempt("a gigabyte") { canAllocate(1 << 30) }
attempt("a megabyte") { canAllocate(1 << 20) }
attempt("a thread") {
    let done = DispatchSemaphore(value: 0)
    Thread.detachNewThread { done.signal() }
    return done.wait(timeout: .now() + 30) == .success
}
attempt("more processor time") {
    Sandbox.allowProcessorSeconds(100)
    var limits = rlimit()
    getrlimit(__rlimit_resource_t(RLIMIT_CPU.rawValue), &limits)
    return limits.rlim_cur >= 100 && limits.rlim_cur < 200
}
// abort(3) must work in the sandbox: it signals its own thread.
fflush(nil)
abort()
