import Foundation
import Model
import Processes
import SQLiteCatalog
import Settings
import Support

/// A service with a filled catalog, and one of its accounts signed in. The catalog's images have no
/// files, and no worker runs the waiting jobs: this object holds the lock of draining workers.
final class FilledStack {
    /// Limits above what any bench fills or sends.
    private static let settings = [
        "MULTIRES_WORKER": "drain", "MULTIRES_QUEUE": "10000000",
        "MULTIRES_ACCOUNT_QUEUE": "1000000", "MULTIRES_QUOTA_IMAGES": "100000000",
        "MULTIRES_QUOTA_BYTES": "100000GB", "JWT_ACCESS_EXPIRE": "1d",
    ]

    let bytesPerImage: Double
    private let stack: Stack
    private let client: Client
    private let owner: Identifier<Account>
    private let drain: FileLock
    private let folder = TemporaryFolder()
    private var catalog: String { stack.data + "/catalog.sqlite3" }

    init(_ filling: Filling) throws {
        let empty = try Stack(in: folder, settings: Self.settings)
        client = try empty.account()
        let me = try client.get("/api/auth/me")["userId"].string
        empty.stop()
        guard let owner = me.flatMap(Identifier<Account>.init) else {
            throw NotRunning(description: "/api/auth/me names no account")
        }
        self.owner = owner
        let path = empty.data + "/catalog.sqlite3"
        try filling.fill(path, owner: owner)
        let size = try FileManager.default.attributesOfItem(atPath: path)[.size] as? Int ?? 0
        bytesPerImage = Double(size) / Double(filling.images + filling.waiting)
        drain = try FileLock(path: DataFolders(root: empty.data).drainLock)
        try drain.lock(.exclusive)
        stack = try Stack(in: folder, settings: Self.settings)
        try writeIDs()
    }

    func stop() { stack.stop() }

    // MARK: Requests

    /// The path of a file with the ids of up to 2,000 random images of the account, one per line.
    private var ids: String { folder.file("ids") }

    private func writeIDs() throws {
        let output = try Shell.check(
            "sqlite3",
            [
                "-readonly", catalog,
                """
                SELECT id FROM image WHERE account = '\(owner)' ORDER BY random() LIMIT 2000
                """,
            ])
        try Data(output.bytes).write(to: URL(fileURLWithPath: ids))
    }

    /// The id of the image that half of the account's images are older than.
    func middle() throws -> String {
        let list = "FROM image WHERE account = '\(owner)'"
        let output = try Shell.check(
            "sqlite3",
            [
                "-readonly", catalog,
                "SELECT id \(list) ORDER BY id LIMIT 1 OFFSET (SELECT count(*) / 2 \(list))",
            ])
        return output.lines.first ?? ""
    }

    /// Milliseconds that a response takes, with 32 requests at a time.
    ///
    /// - Parameter path: `ID` in it is replaced by the id of a random image of the account in each request.
    func milliseconds(_ path: String) throws -> Double {
        try milliseconds(
            script: """
                local ids = {}
                for id in io.lines("\(ids)") do ids[#ids + 1] = id end
                request = function()
                    return wrk.format("GET", (string.gsub("\(path)", "ID", ids[math.random(#ids)])))
                end
                """)
    }

    /// Milliseconds that an upload of this photo takes, with other bytes each time and 32 uploads at a time.
    func milliseconds(uploading photo: String) throws -> Double {
        // A comment segment (ITU-T T.81, B.2.4.5) after the start-of-image marker.
        try milliseconds(
            script: """
                local file = io.open("\(photo)", "rb")
                local photo = file:read("*a")
                local count = 0
                wrk.headers["Content-Type"] = "image/jpeg"
                request = function()
                    count = count + 1
                    local comment = string.format("\(UUID()) %012d", count)
                    local body = photo:sub(1, 2) .. "\\255\\254\\0" .. string.char(#comment + 2)
                        .. comment .. photo:sub(3)
                    return wrk.format("POST", "/api/images/upload?filename=a.jpg", nil, body)
                end
                """)
    }

    private func milliseconds(script: String) throws -> Double {
        let file = folder.file("requests.lua")
        try Data(script.utf8).write(to: URL(fileURLWithPath: file))
        let load = Load(
            address: stack.client.base, token: client.token, seconds: 2, script: [file])
        return 1000 * Double(load.connections) / (try load.run().perSecond)
    }

    // MARK: The worker's part

    /// Milliseconds that each of `count` claims takes, and that recording its variants takes: one after
    /// another, as by a worker, each synced to disk.
    func claims(_ count: Int) throws -> (claim: [Double], end: [Double]) {
        let queue = try SQLiteCatalog(path: catalog, journal: .wal, role: .worker).queue
        let clock = ContinuousClock()
        var times: (claim: [Double], end: [Double]) = ([], [])
        for _ in 0..<count {
            var claim: Claim?
            let claiming = try clock.measure { claim = try queue.claim(by: "bench") }
            guard let claim else { throw NotRunning(description: "no job waits") }
            let ending = try clock.measure {
                try queue.complete(claim.lease, with: .four, at: .now())
            }
            times.claim.append(claiming / .milliseconds(1))
            times.end.append(ending / .milliseconds(1))
        }
        return times
    }

    // MARK: Programs

    /// Runs `multires` with these arguments, after the service has been stopped.
    func run(_ words: String...) throws -> ProgramCost {
        try ProgramCost(Programs.path("multires"), words, environment: stack.environment)
    }
}

extension Rendering {
    /// The standard sizes.
    fileprivate static let four = Rendering(
        pixels: PixelSize(width: 4032, height: 3024),
        variants: Preset.standard.sizes.map {
            Variant(
                name: $0.name, revision: Preset.standard.revision(of: $0), format: .jpeg,
                pixels: $0.box, bytes: 100_000)
        }, placeholder: "data:image/webp;base64," + String(repeating: "A", count: 140))
}
