import CLinux

/// Fills memory when it is allocated and freed, so that no data of an earlier image is left in it. For a
/// process that handles images of different accounts.
public enum FilledMemory {
    /// Environment variables for the start of such a process. glibc 2.36 caches small blocks per thread and
    /// reuses them unchanged, regardless of `begin`; this disables that cache (mallopt(3), the GNU C
    /// Library's manual on tunables).
    public static let environment = ["GLIBC_TUNABLES": "glibc.malloc.tcache_count=0"]

    /// From now on, every block is filled when it is allocated and when it is freed, including aligned and
    /// reallocated blocks. Call it before anything secret is read.
    public static func begin() {
        multires_fill_memory()
    }
}
