/// How long a worker works.
enum WorkMode {
    /// Until it is told to stop. It hears who adds work, keeps a resizer ready for it, and sweeps now and
    /// then.
    case untilStopped
    /// Until nothing is due, as where no program stays. It sweeps once, at its end.
    case untilEmpty

    var sweepsMeanwhile: Bool { self == .untilStopped }

    /// Who drains waits for nobody; and the long paths of rented hosts are no sockets' addresses, which
    /// have 107 bytes.
    var hearsDoorbell: Bool { self == .untilStopped }

    var preparesResizers: Bool { self == .untilStopped }
}
