import API
import Foundation
import Gateway
import Model
import Synchronization
import Text

extension ImageResponder {
    /// GET /api/images/:id/status: answers at once, or with `wait` as soon as the status is final or the
    /// seconds have passed.
    func status(_ request: Request, _ parameters: Parameters) throws -> Response {
        let owner = try authenticator.account(of: request, for: .read).id
        let id = try imageID(parameters)
        let seconds = try request.waitSeconds()
        guard var progress = try catalog.images.progress(of: [id], owner: owner).first else {
            throw Problem.notFound
        }
        if seconds > 0, !progress.status.isFinal,
            Waiters.enter(limit: configuration.imageThreads / 4)
        {
            defer { Waiters.leave() }
            // A draining worker exits when the queue is empty; if a job has become due since, nothing else
            // would start one.
            if configuration.worker == .drain { operations.wakeWorker.forJob() }
            let end = ContinuousClock.now + .seconds(seconds)
            while !progress.status.isFinal, ContinuousClock.now < end, !Stop.isRequested {
                Thread.sleep(forTimeInterval: Waiters.interval)
                guard let now = try catalog.images.progress(of: [id], owner: owner).first else {
                    throw Problem.notFound
                }
                progress = now
            }
        }
        return .json(200) { $0.write(progress, configuration.preset) }
    }

    /// GET /api/images/status?ids=a,b,c: unknown ids are left out.
    func statuses(_ request: Request, _: Parameters) throws -> Response {
        let owner = try authenticator.account(of: request, for: .read).id
        let ids = (try request.query("ids") ?? "").split(separator: ",")
        guard (1...100).contains(ids.count) else {
            let count = HumanReadable.count(ids.count, "image id")
            throw Problem.invalidRequest(
                "The query parameter 'ids' has \(count). Use 1 to 100, separated by commas.")
        }
        let known = try catalog.images.progress(
            of: ids.compactMap { Identifier<Image>(String($0)) }, owner: owner)
        return .json(200) { json in
            json.member("images") { json in
                json.array(known) { json, progress in
                    json.object { $0.write(progress, configuration.preset) }
                }
            }
        }
    }
}

/// Counts the requests that wait, which hold a thread each. When a quarter of the threads wait, further
/// requests are answered at once, so that all others are still served. (nginx's idle connections hold up
/// to half of the threads.)
private enum Waiters {
    /// Seconds between two reads: too short for a user to notice, and a read takes only 30 µs.
    static let interval = 0.02

    private static let count = Atomic<Int>(0)

    static func enter(limit: Int) -> Bool {
        if count.add(1, ordering: .relaxed).newValue <= limit { return true }
        leave()
        return false
    }

    static func leave() {
        count.subtract(1, ordering: .relaxed)
    }
}

extension JSONWriter {
    /// The members of one image's status.
    fileprivate mutating func write(_ progress: ImageProgress, _ preset: Preset) {
        member("id", progress.id.text)
        member("status", progress.status.rawValue)
        member("errorMessage", progress.failure?.sentence)
        member("errorCode", progress.failure?.code)
        member("attempts", progress.attempts)
        member("variants") { json in
            json.object { json in
                // Sorted by name, as in the details of an image.
                let names = preset.names(of: progress.variants, while: progress.status)
                for name in names.sorted() {
                    json.member(named: name, progress.status.rawValue)
                }
            }
        }
    }
}

extension Request {
    fileprivate func waitSeconds() throws -> Int {
        guard let text = try query("wait") else { return 0 }
        guard let seconds = Int(text), (0...20).contains(seconds) else {
            throw Problem.invalidValue(
                "wait", text, "is not a whole number of seconds from 0 to 20.")
        }
        return seconds
    }
}
