import API
import Gateway
import Metrics
import Model
import Operations

extension ImageResponder {
    /// GET /api/health: a 503 names the part that fails. Disk and queue fail at the limits at which uploads
    /// are refused.
    func health(_ request: Request, _: Parameters) throws -> Response {
        let depth: (ready: Int, running: Int)
        do { depth = try catalog.queue.depth() } catch {
            throw unhealthy("database", because: "\(error)", request)
        }
        let free: Int64
        do { free = try media.freeBytes() } catch {
            throw unhealthy("disk", because: "\(error)", request)
        }
        guard free > configuration.diskReserve else {
            let cause = "\(free) bytes are free, and MULTIRES_DISK_RESERVE is "
            throw unhealthy("disk", because: cause + "\(configuration.diskReserve)", request)
        }
        guard depth.ready < configuration.allowance.queue else {
            let images = HumanReadable.count(depth.ready, "image")
            let cause = "\(images) in the queue, and MULTIRES_QUEUE is "
            throw unhealthy("queue", because: cause + "\(configuration.allowance.queue)", request)
        }
        return .json(
            200,
            Healthy(
                disk: .init(freeBytes: free, reserveBytes: configuration.diskReserve),
                queue: .init(waiting: depth.ready, running: depth.running)))
    }

    /// GET /api/limits: what a page shows before a file is chosen. Needs no token.
    func limits(_ request: Request, _: Parameters) throws -> Response {
        let limits = configuration.renderLimits
        return .json(
            200,
            Limits(
                sizes: configuration.preset.sizes.map {
                    .init(name: $0.name, width: $0.box.width, height: $0.box.height)
                },
                formats: FormatRecord(configuration.folders).faults().formats(
                    with: configuration.preset
                )
                .map(\.mediaType),
                fits: Fit.allCases, imageBytes: configuration.imageLimit,
                requestBytes: configuration.requestLimit, pixels: limits.pixels,
                side: limits.side, animatedPixels: limits.animatedPixels,
                interlacedPixels: limits.interlacedPixels, frames: limits.frames,
                scans: limits.scans, renderSeconds: configuration.renderSeconds,
                quota: configuration.quota, registration: configuration.registration.rawValue,
                empty: !(try catalog.accounts.hasAccounts())))
    }

    /// GET /metrics: Prometheus' text format, version 0.0.4.
    func metrics(_ request: Request, _: Parameters) throws -> Response {
        let depth = try catalog.queue.depth()
        let oldest = try catalog.queue.oldestWaiting().map {
            Timestamp.now().milliseconds - $0.milliseconds
        }
        var gauges = Exposition()
        gauges.gauge(
            "multires_jobs", "Jobs in the queue.", by: "state",
            [("ready", Int64(depth.ready)), ("running", Int64(depth.running))])
        gauges.gauge(
            "multires_oldest_waiting_job_seconds",
            "Age of the oldest waiting job; 0 when no job is waiting.",
            Double(max(0, oldest ?? 0)) / 1000)
        gauges.gauge(
            "multires_wal_bytes",
            "Size of the database's write-ahead log. It grows while it cannot be checkpointed.",
            Double(catalog.logBytes))
        gauges.gauge(
            "multires_disk_free_bytes", "Free bytes on the disk of the data folder.",
            Double(try media.freeBytes()))
        gauges.gauge(
            "multires_disk_reserve_bytes", "Uploads are refused when free space falls below this.",
            Double(configuration.diskReserve))
        gauges.gauge(
            "multires_upload_reserved_bytes",
            "Reserved for uploads in progress, including the bytes already received.",
            Double(try uploads.reservedBytes()))
        let text = gauges.text + (program.metrics?.text ?? "")
        return Response(
            status: 200, headers: [("Content-Type", "text/plain; version=0.0.4; charset=utf-8")],
            body: .bytes(Array(text.utf8)))
    }
}

private struct Healthy: Encodable {
    struct Disk: Encodable {
        let freeBytes: Int64
        let reserveBytes: Int64
    }

    struct Queue: Encodable {
        let waiting: Int
        let running: Int
    }

    let status = "ok"
    let database = "ok"
    let disk: Disk
    let queue: Queue
}

private struct Limits: Encodable {
    struct Size: Encodable {
        let name: String
        let width: Int
        let height: Int
    }

    let sizes: [Size]
    let formats: [String]
    let fits: [Fit]
    let imageBytes: Int64
    let requestBytes: Int64
    let pixels: Int
    let side: Int
    let animatedPixels: Int
    let interlacedPixels: Int
    let frames: Int
    let scans: Int
    let renderSeconds: Int
    let quota: Usage
    /// `open` or `closed`.
    let registration: String
    /// True while there is no account.
    let empty: Bool
}
