import CLinux
import Glibc
import Synchronization

/// A program started by this one, with exactly the descriptors and environment it is given.
public final class ChildProcess: Sendable {
    public let pid: pid_t
    private let end = Mutex<End?>(nil)

    /// How a child ended.
    public enum End: Hashable, Sendable, CustomStringConvertible {
        case exited(Int32)
        case killed(signal: Int32)

        public var description: String {
            switch self {
            case .exited(let code): "exit status \(code)"
            case .killed(let signal): "signal \(signal)"
            }
        }
    }

    public enum Group: Sendable {
        /// It leads a new process group, so that a terminal's Ctrl-C reaches only this process.
        case own
        /// It leads a new session, so that the end of this process's session does not end it.
        case session
    }

    /// - Parameters:
    ///   - program: a path, or a name looked up in this process's PATH.
    ///   - environment: the whole environment; nothing is inherited.
    ///   - descriptors: for each descriptor of the child, the one of this process that is duplicated to it.
    ///     0, 1 and 2 are inherited unless named here.
    public init(
        _ program: String, _ arguments: [String] = [], environment: [String: String],
        descriptors: [Int32: Int32] = [:], group: Group = .own
    ) throws {
        var actions = posix_spawn_file_actions_t()
        posix_spawn_file_actions_init(&actions)
        defer { posix_spawn_file_actions_destroy(&actions) }
        // The lowest first: with [0: 3, 3: 4], 3 must be duplicated to 0 before 4 replaces it.
        for (theirs, ours) in descriptors.sorted(by: { $0.key < $1.key }) {
            posix_spawn_file_actions_adddup2(&actions, ours, theirs)
        }

        // Some libraries open descriptors without close-on-exec.
        multires_close_from(&actions, max(2, descriptors.keys.max() ?? 2) + 1)

        var attributes = posix_spawnattr_t()
        posix_spawnattr_init(&attributes)
        defer { posix_spawnattr_destroy(&attributes) }
        var none = sigset_t()
        sigemptyset(&none)
        var all = sigset_t()
        sigfillset(&all)
        posix_spawnattr_setsigmask(&attributes, &none)
        posix_spawnattr_setsigdefault(&attributes, &all)
        let lead =
            group == .own ? Int16(POSIX_SPAWN_SETPGROUP) : multires_spawn_session
        posix_spawnattr_setflags(
            &attributes, Int16(POSIX_SPAWN_SETSIGMASK | POSIX_SPAWN_SETSIGDEF) | lead)
        posix_spawnattr_setpgroup(&attributes, 0)

        var started: pid_t = 0
        let words = [program] + arguments
        let variables = environment.map { "\($0.key)=\($0.value)" }
        let code = withCStrings(words) { argv in
            withCStrings(variables) { envp in
                posix_spawnp(&started, program, &actions, &attributes, argv, envp)
            }
        }
        guard code == 0 else { throw SystemError("start", program, code: code) }
        pid = started
    }

    /// Starts a program that keeps running after this one exits, and does not keep this one's output open.
    /// Its output is appended to `log`, which is emptied before if it has more than a megabyte.
    public static func startDetached(
        _ program: String, _ arguments: [String], environment: [String: String], log: String
    ) throws {
        // Its exit status is not needed.
        signal(SIGCHLD, SIG_IGN)
        let nothing = try FileDescriptor(opening: "/dev/null", O_RDWR)
        let output = try FileDescriptor(opening: log, O_WRONLY | O_CREAT | O_APPEND)
        var status = stat()
        if fstat(output.number, &status) == 0, status.st_size > 1_000_000 {
            ftruncate(output.number, 0)
        }
        _ = try ChildProcess(
            program, arguments, environment: environment,
            descriptors: [0: nothing.number, 1: output.number, 2: output.number], group: .session)
    }

    /// Does nothing if it has ended.
    public func send(_ signal: Int32) {
        if !hasEnded { kill(pid, signal) }
    }

    /// Sends a signal to its process group, which it must lead: to it and everything that it started.
    public func sendToGroup(_ signal: Int32) {
        kill(-pid, signal)
    }

    /// Whether any process is left in its group, which it must lead. Processes that it started and left
    /// behind keep the group's number in use, so that no other process gets it.
    public var hasLiveGroup: Bool { kill(-pid, 0) == 0 || errno == EPERM }

    /// Whether it has ended, without reaping it: until `poll` or `wait` is called, no other process gets its
    /// pid.
    public var hasExited: Bool {
        var information = siginfo_t()
        let flags = WEXITED | WNOWAIT | WNOHANG
        guard end.withLock({ $0 == nil }) else { return true }
        return waitid(P_PID, id_t(pid), &information, flags) != 0 || information.si_signo != 0
    }

    /// Processor time of all its threads so far; nil after it was reaped.
    public var processorTime: Duration? {
        end.withLock { end in
            var clock = clockid_t()
            var time = timespec()
            // Until it is reaped, no other process gets its pid.
            guard end == nil, clock_getcpuclockid(pid, &clock) == 0,
                clock_gettime(clock, &time) == 0
            else { return nil }
            return .seconds(time.tv_sec) + .nanoseconds(time.tv_nsec)
        }
    }

    /// How it ended; nil while it runs.
    public func poll() -> End? { reap(WNOHANG) }

    public var hasEnded: Bool { poll() != nil }

    /// Blocks until it has ended.
    @discardableResult
    public func wait() -> End {
        while true {
            if let end = reap(WNOHANG) { return end }
            // Waits without the lock, so that other threads can poll meanwhile. Only `reap` reaps it.
            var information = siginfo_t()
            waitid(P_PID, id_t(pid), &information, WEXITED | WNOWAIT)
        }
    }

    /// Reaps the child at most once: afterwards, another process may get its pid.
    private func reap(_ options: Int32) -> End? {
        end.withLock { end in
            if end == nil {
                var status: Int32 = 0
                let got = waitpid(pid, &status, options)
                if got == pid {
                    let signal = status & 0x7F
                    end = signal == 0 ? .exited((status >> 8) & 0xFF) : .killed(signal: signal)
                } else if got < 0, errno == ECHILD {
                    end = .exited(-1)
                }
            }
            return end
        }
    }
}

private func withCStrings<Result>(
    _ strings: [String], _ body: ([UnsafeMutablePointer<CChar>?]) -> Result
) -> Result {
    var pointers: [UnsafeMutablePointer<CChar>?] = strings.map { strdup($0) }
    pointers.append(nil)
    defer { for pointer in pointers { free(pointer) } }
    return body(pointers)
}
