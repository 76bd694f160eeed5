import CLinux

/// Memory that shows nothing of what it held before: for a process that works for one after another.
public enum FilledMemory {
    /// For the start of such a process. glibc 2.36 keeps small blocks for each thread and hands them out
    /// again as they are, whatever `begin` says; this switches that off (mallopt(3), the GNU C Library's
    /// manual on tunables).
    public static let environment = ["GLIBC_TUNABLES": "glibc.malloc.tcache_count=0"]

    /// From now on every block is filled when it is given out and when it is freed, aligned and grown
    /// ones too. Before anything secret is read.
    public static func begin() {
        multires_fill_memory()
    }
}
