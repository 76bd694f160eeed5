/// How long a worker runs.
enum WorkMode {
    /// Until a signal stops it. It listens for wake-ups, keeps a resizer ready, and sweeps periodically.
    case untilStopped
    /// Until no job is due, on a host that runs no daemon. It sweeps once, before it exits.
    case untilEmpty

    var sweepsPeriodically: Bool { self == .untilStopped }

    /// A draining worker does not wait, so it needs no wake-up. Its data folder may have a path that is
    /// too long for a socket address, which has 107 bytes.
    var listensForWakeups: Bool { self == .untilStopped }

    var preparesResizers: Bool { self == .untilStopped }
}
