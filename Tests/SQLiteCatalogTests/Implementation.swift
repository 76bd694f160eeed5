import Foundation
import Model
import SQLiteCatalog
import Settings
import Testing

/// The implementations that the contract tests run on. Every implementation of the protocols is a case
/// here and passes all tests.
enum Implementation: CaseIterable, CustomTestStringConvertible {
    case sqliteWAL, sqliteTruncate

    var testDescription: String {
        switch self {
        case .sqliteWAL: "SQLite, WAL"
        case .sqliteTruncate: "SQLite, rollback journal"
        }
    }

    var journal: JournalMode { self == .sqliteWAL ? .wal : .truncate }
}

/// Creates catalogs in temporary folders, which are removed with this object. The suite's instance holds
/// it, and exists as long as its test.
final class TemporaryCatalogs: Sendable {
    private let folder = FileManager.default.temporaryDirectory
        .appendingPathComponent("multires-\(UUID().uuidString)").path

    deinit {
        try? FileManager.default.removeItem(atPath: folder)
    }

    func new(_ implementation: Implementation, rules: JobRules = JobRules()) throws
        -> TemporaryCatalog
    {
        let site = TemporaryCatalog(
            folder: folder + "/\(UUID().uuidString)", journal: implementation.journal, rules: rules)
        try FileManager.default.createDirectory(
            atPath: site.folder, withIntermediateDirectories: true)
        try SQLiteCatalog.migrate(path: site.path, journal: site.journal)
        return site
    }
}

struct TemporaryCatalog: Sendable {
    let folder: String
    let journal: JournalMode
    let rules: JobRules

    var path: String { folder + "/catalog.sqlite3" }

    /// A connection as another process or thread would have it.
    func open(_ role: CatalogRole = .responder) throws -> SQLiteCatalog {
        try SQLiteCatalog(path: path, journal: journal, role: role, rules: rules)
    }
}

extension Allowance {
    static func roomy(
        images: Int = 10_000, bytes: Int64 = 1_000_000, accountQueue: Int = 10_000,
        queue: Int = 10_000
    ) -> Allowance {
        Allowance(
            quota: Usage(images: images, bytes: bytes), accountQueue: accountQueue, queue: queue)
    }
}

/// A fixed moment that tests count from.
let noon = Timestamp(milliseconds: 1_800_000_000_000)

extension AccountStore {
    func registerAccount() throws -> Identifier<Account> {
        try register(
            email: "\(UUID().uuidString)@example.org", passwordHash: "hash", userAgent: nil,
            at: noon
        ).account.id
    }

    /// For an account that still has the password hash of `registerAccount`.
    func openSession(
        for account: Identifier<Account>, userAgent: String?, at now: Timestamp
    ) throws -> Session? {
        try openSession(
            for: account, verified: "hash", rehashed: nil, userAgent: userAgent, at: now)
    }

    func add(_ key: APIKey, digest: [UInt8], limit: Int) throws -> Bool {
        try add(key, digest: digest, limit: limit, by: nil)
    }

    func sessions(of account: Identifier<Account>, rotatedSince moment: Timestamp) throws
        -> [Session]
    {
        try sessions(of: account, rotatedSince: moment, after: nil, limit: 1000)
    }
}

extension NewImage {
    /// An image whose digest depends on `content`.
    init(
        of owner: Identifier<Account>, content: Int = 1, fit: Fit = .cover, key: String? = nil,
        name: String = "photo.jpg", format: ImageFormat = .jpeg, bytes: Int64 = 100,
        request: String? = nil, at now: Timestamp = noon
    ) {
        var digest = [UInt8](repeating: 7, count: 32)
        withUnsafeBytes(of: content) { digest.replaceSubrange(0..<8, with: $0) }
        self.init(
            image: Image(
                id: Identifier(at: now), account: owner, originalName: name, alt: "",
                format: format, fit: fit, visibility: .private, bytes: bytes, uploadedAt: now),
            digest: digest, idempotencyKey: key, requestID: request)
    }
}

extension Rendering {
    static let small = Rendering(
        pixels: PixelSize(width: 800, height: 600),
        variants: [
            Variant(
                name: "thumbnail", revision: "01234567", format: .jpeg,
                pixels: PixelSize(width: 150, height: 150), bytes: 900),
            Variant(
                name: "small", revision: "01234567", format: .jpeg,
                pixels: PixelSize(width: 480, height: 480), bytes: 9000),
        ], placeholder: "data:image/webp;base64,AAAA")
}

extension RenderFailure {
    static let crash = RenderFailure(code: "resizer_crashed", sentence: "The resizer crashed.")
}

extension ImageStore {
    @discardableResult
    func add(_ new: NewImage) throws -> Identifier<Image> {
        guard case .added = try add(new, within: .roomy()) else {
            throw TestError(description: "expected a new image, got a duplicate")
        }
        return new.image.id
    }
}

struct TestError: Error {
    let description: String
}

/// Values that several threads collect.
final class Collected<Value: Sendable>: @unchecked Sendable {
    // Unchecked because every access holds the lock.
    private let lock = NSLock()
    private var collected: [Value] = []

    func add(_ value: Value) { lock.withLock { collected.append(value) } }
    var values: [Value] { lock.withLock { collected } }
}
