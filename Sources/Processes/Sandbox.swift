import CLinux
import Glibc

/// The restrictions that a process which handles untrusted input applies to itself before it begins. They
/// cannot be undone.
public struct Sandbox: Sendable {
    /// Maximum bytes of data, stacks and private mappings (RLIMIT_DATA). Libraries do not count.
    public let memory: Int64
    /// The longest file it may write, in bytes.
    public let fileSize: Int64
    /// Whether it runs only when no other process needs the processor (sched(7), SCHED_IDLE).
    public let isIdle: Bool
    /// Folders whose contents it may read, in addition to the system's libraries.
    public let readable: [String]
    /// Folders in which it may create, write and remove files.
    public let writable: [String]
    /// The newest version of Landlock to use, to behave like an older kernel; nil for the kernel's newest.
    public let landlock: Int?

    public init(
        memory: Int64, fileSize: Int64, isIdle: Bool = true, readable: [String],
        writable: [String], landlock: Int? = nil
    ) {
        (self.isIdle, self.landlock, self.memory) = (isIdle, landlock, memory)
        (self.fileSize, self.readable, self.writable) = (fileSize, readable, writable)
    }

    /// Applies all restrictions that this kernel supports, in an order in which no step removes what a later
    /// one needs. Before this call, open everything that the restrictions would deny.
    ///
    /// - Returns: what this kernel lacks, each as a message for the log. Throws `SystemError` if a limit that
    ///   every Linux supports cannot be set.
    public func apply() throws -> [String] {
        try limit(__rlimit_resource_t(RLIMIT_DATA.rawValue), memory)
        try limit(__rlimit_resource_t(RLIMIT_FSIZE.rawValue), fileSize)
        // A core dump would contain the image.
        try limit(__rlimit_resource_t(RLIMIT_CORE.rawValue), 0)
        try limit(__rlimit_resource_t(RLIMIT_NOFILE.rawValue), 64)
        guard !isIdle || multires_set_idle_priority() == 0 else {
            throw SystemError("sched_setscheduler", "idle")
        }
        guard multires_no_new_privileges() == 0 else {
            throw SystemError("prctl", "no new privileges")
        }
        var lacking: [String] = []
        if try !restrictFiles() {
            lacking.append("this kernel has no Landlock: only permissions restrict file access")
        }
        // Denies new processes. RLIMIT_NPROC would also count the user's other processes and threads.
        if multires_deny_system_calls() != 0 {
            lacking.append("this kernel has no seccomp: network and new processes are not denied")
        }
        return lacking
    }

    /// The memory limit of this process in bytes (RLIMIT_DATA), set by us or from outside; nil if there is
    /// none.
    public static var memoryLimit: Int? {
        var limits = rlimit()
        guard getrlimit(__rlimit_resource_t(RLIMIT_DATA.rawValue), &limits) == 0 else { return nil }
        // RLIM_INFINITY does not fit into an Int.
        return Int(exactly: limits.rlim_cur)
    }

    /// Which of the two this kernel supports. Does not apply them.
    public static var available: (landlock: Bool, seccomp: Bool) {
        (multires_landlock_version() > 0, multires_has_seccomp() != 0)
    }

    /// Allows this process to use this much processor time from now on. After that the kernel kills it with
    /// SIGXCPU, even if no other process monitors it.
    public static func allowProcessorSeconds(_ seconds: Int) {
        var usage = rusage()
        getrusage(__rusage_who_t(RUSAGE_SELF.rawValue), &usage)
        let used = usage.ru_utime.tv_sec + usage.ru_stime.tv_sec
        var limits = rlimit(rlim_cur: rlim_t(used + seconds + 1), rlim_max: rlim_t.max)
        setrlimit(__rlimit_resource_t(RLIMIT_CPU.rawValue), &limits)
    }

    /// False if the kernel has no Landlock.
    private func restrictFiles() throws -> Bool {
        let version = min(multires_landlock_version(), Int32(clamping: landlock ?? .max))
        guard version > 0 else { return false }
        let rules = FileDescriptor(owning: multires_landlock_ruleset(version))
        guard rules.number >= 0 else { throw SystemError("landlock_create_ruleset", "") }
        for (folders, isWritable) in [(Self.system + readable, false), (writable, true)] {
            for path in folders {
                // A path that does not exist needs no rule.
                guard let folder = try? FileDescriptor(opening: path, multires_path_only) else {
                    continue
                }
                let allowed = multires_landlock_allow(
                    rules.number, version, folder.number, isWritable ? 1 : 0)
                guard allowed == 0 else { throw SystemError("landlock_add_rule", path) }
            }
        }
        guard multires_landlock_enforce(rules.number) == 0 else {
            throw SystemError("landlock_restrict_self", "")
        }
        return true
    }

    /// Libraries that are loaded later, and the number of processors, which codecs read.
    private static let system = [
        "/usr/lib", "/usr/lib64", "/lib", "/lib64", "/etc/ld.so.cache",
        "/sys/devices/system/cpu",
    ]

    private func limit(_ resource: __rlimit_resource_t, _ value: Int64) throws {
        var limits = rlimit(rlim_cur: rlim_t(value), rlim_max: rlim_t(value))
        guard setrlimit(resource, &limits) == 0 else { throw SystemError("setrlimit", "\(value)") }
    }
}
