import Catalog
import Foundation
import Processes

/// A resizer child and the pipe to it: started when needed, killed when it takes too long, replaced
/// when it died or has worked long enough. Used by one thread.
final class ResizerProcess {
    enum Outcome {
        case rendered(Rendering)
        case unusable(RenderFailure)
        case failed(RenderFailure)
        /// We were told to stop before it was done.
        case stopped

        /// For the log.
        var summary: String {
            switch self {
            case .rendered(let rendering): "\(rendering.variants.count) sizes"
            case .unusable(let failure), .failed(let failure): failure.code
            case .stopped: "handed back"
            }
        }
    }

    private struct Child: ~Copyable {
        let process: ChildProcess
        let orders: FileDescriptor
        let reports: FileDescriptor
        var renders = 0
    }

    private let program: String
    private let timeLimit: Duration
    private let rendersPerChild: Int
    private var child: Child?
    private var lastUse: ContinuousClock.Instant?

    init(_ configuration: Configuration) {
        program = ProgramFiles.path(of: "resizer")
        timeLimit = .seconds(configuration.renderSeconds)
        rendersPerChild = configuration.rendersPerResizer
    }

    deinit {
        child?.process.send(SIGKILL)
        _ = child?.process.wait()
    }

    /// 0 when nothing was rendered since the child started.
    var idleSeconds: TimeInterval {
        guard let lastUse else { return 0 }
        return TimeInterval((ContinuousClock.now - lastUse).wholeMilliseconds) / 1000
    }

    /// Starts a child if there is none, so that the next order does not wait for it. A failure shows
    /// at the next order.
    func warm() {
        try? start()
    }

    func end(thenWarm: Bool) {
        _ = kill()
        if thenWarm { warm() }
    }

    /// Gives the order and waits for the report, renewing the lease every so often. Whatever the
    /// child does, this returns within the time limit.
    func render(
        _ order: RenderOrder, until bell: Bell, every renewal: Duration, renew: () throws -> Void
    ) throws -> Outcome {
        do {
            try start()
            try child?.orders.write(Array(JSONEncoder().encode(order)) + [0x0A])
        } catch let error as SystemError {
            return .failed(.resizerEnded(kill() ?? error.description))
        }
        lastUse = .now
        defer { lastUse = .now }

        let end = ContinuousClock.now + timeLimit
        var nextRenewal = ContinuousClock.now + renewal
        var line: [UInt8] = []
        while line.last != 0x0A {
            let now = ContinuousClock.now
            if now >= end {
                _ = kill()
                return .failed(.timedOut(seconds: timeLimit.wholeSeconds))
            }
            if let deadline = bell.deadline, now >= deadline {
                _ = kill()
                return .stopped
            }
            if now >= nextRenewal {
                do { try renew() } catch {
                    _ = kill()
                    throw error
                }
                nextRenewal = now + renewal
            }
            let pause = min(end - now, nextRenewal - now, .milliseconds(500))
            guard try child?.reports.isReadable(within: pause) == true else { continue }
            let bytes = try child?.reports.read() ?? []
            if bytes.isEmpty { return .failed(.resizerEnded(kill() ?? "it closed its pipe")) }
            line += bytes
        }
        child?.renders += 1
        guard let report = try? JSONDecoder().decode(RenderReport.self, from: Data(line)) else {
            _ = kill()
            return .failed(.resizerEnded("its report made no sense"))
        }
        if let renders = child?.renders, renders >= rendersPerChild { _ = kill() }
        return switch report {
        case .rendered(let rendering): .rendered(rendering)
        case .unusable(let failure): .unusable(failure)
        case .failed(let failure): .failed(failure)
        }
    }

    private func start() throws {
        guard child == nil else { return }
        let orders = try PipeEnds()
        let reports = try PipeEnds()
        let process = try ChildProcess(
            program, environment: ["VIPS_CONCURRENCY": "1"],
            descriptors: [0: orders.reading.number, 1: reports.writing.number])
        child = Child(
            process: process, orders: try orders.writing.duplicate(),
            reports: try reports.reading.duplicate())
        lastUse = nil
    }

    /// How it ended; nil when there was none.
    private func kill() -> String? {
        guard let ended = child.take() else { return nil }
        ended.process.send(SIGKILL)
        lastUse = nil
        return ended.process.wait().description
    }
}

extension RenderFailure {
    /// `how` is an exit status or a signal.
    static func resizerEnded(_ how: String) -> RenderFailure {
        RenderFailure(
            code: "resizer_crashed",
            sentence: "The resizer ended while it worked on this picture: \(how).")
    }

    static func timedOut(seconds: Int64) -> RenderFailure {
        RenderFailure(
            code: "render_timeout",
            sentence: "The picture took longer than \(seconds) seconds and was given up.")
    }
}
