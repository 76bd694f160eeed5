import Glibc

/// Time since the machine booted, including sleep. It cannot be set, so a jump of the system clock does not
/// end a lease. Readings are comparable only if `bootID` is the same.
public enum BootClock {
    public static func milliseconds() -> Int64 {
        var time = timespec()
        clock_gettime(CLOCK_BOOTTIME, &time)
        return Int64(time.tv_sec) * 1000 + Int64(time.tv_nsec) / 1_000_000
    }

    /// random(4): a new id at every boot. Empty if /proc is not mounted.
    public static let bootID: String = {
        guard
            let file = try? FileDescriptor(opening: "/proc/sys/kernel/random/boot_id", O_RDONLY),
            let bytes = try? file.read(upTo: 64)
        else { return "" }
        return String(decoding: bytes.prefix(36), as: UTF8.self)
    }()
}
