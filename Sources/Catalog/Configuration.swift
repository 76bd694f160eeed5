import Foundation

public enum Switch: String, Sendable, CaseIterable { case on, off }
public enum JournalMode: String, Sendable, CaseIterable { case wal, truncate }
public enum WorkerStyle: String, Sendable, CaseIterable { case daemon, drain }
public enum LogForm: String, Sendable, CaseIterable { case auto, text, json }
public enum Registration: String, Sendable, CaseIterable { case open, closed }

/// Every setting, with its default and the reason for it. Programs read their environment;
/// `multires` adds `.env`; `multires config` prints this list.
public struct Configuration: Sendable {
    public let port: Int
    public let listen: String
    /// Absolute.
    public let data: String
    /// Without a slash at its end.
    public let url: String
    /// As browsers say them, so they can be compared whole; see `SettingReader.origins`.
    public let corsOrigins: [String]
    public let rateLimits: Switch
    public let log: LogForm
    public let journal: JournalMode
    public let worker: WorkerStyle
    public let registration: Registration
    public let quota: Usage
    public let diskReserve: Int64
    public let imageLimit: Int64
    public let requestLimit: Int64
    /// From `PresetFile`, or the standard one.
    public let preset: Preset
    public let sizesGrace: Duration
    public let renderLimits: RenderLimits
    public let renderSeconds: Int
    public let renderMemory: Int64
    public let rendersPerResizer: Int
    public let resizerGrowth: Int64
    public let resizerIdle: Duration
    public let resizers: Int
    public let attempts: Int
    public let lease: Duration
    public let allowance: Allowance
    public let accessLifetime: Duration
    public let refreshLifetime: Duration
    public let refreshGrace: Duration
    public let scrypt: String
    public let hashSlots: Int
    public let hashPatience: Duration
    public let loginThrottle: LoginThrottle
    public let authThreads: Int
    public let imageThreads: Int
    public let sendTimeout: Duration
    public let linkSlot: Duration
    public let publicAge: Duration

    /// In the order above.
    public let settings: [SettingReader.Description]

    public init(_ environment: [String: String]) throws {
        var reader = SettingReader(environment)
        port = try reader.number(
            "MULTIRES_PORT", default: 8080, in: 1...65535,
            because: "where nginx listens; above 1024, so that no root is needed")
        listen = reader.text(
            "MULTIRES_LISTEN", default: "127.0.0.1",
            because: "loopback, so that nothing is open to the network before you say so")
        let folder = reader.text(
            "MULTIRES_DATA", default: "./var",
            because: "everything that is kept lies in this one folder, on one filesystem")
        data = URL(fileURLWithPath: folder).standardizedFileURL.path
        let address = reader.text(
            "MULTIRES_URL", default: "http://localhost:\(port)",
            because: "what links in answers begin with; never taken from a request")
        url = address.hasSuffix("/") ? String(address.dropLast()) : address
        corsOrigins = try reader.origins(
            "MULTIRES_CORS_ORIGINS", default: "",
            because: "other sites whose pages may call the API from a browser, by commas; none, "
                + "since the page served here needs none")
        rateLimits = try reader.choice(
            "MULTIRES_RATE_LIMITS", default: .on,
            because: "nginx's request limits; off is for benchmarks alone")
        log = try reader.choice(
            "MULTIRES_LOG", default: .auto,
            because: "text for people, json for programs; auto is text on a terminal alone")
        journal = try reader.choice(
            "MULTIRES_JOURNAL", default: .wal,
            because:
                "wal for responders that stay; truncate for plain CGI, where nobody checkpoints")
        worker = try reader.choice(
            "MULTIRES_WORKER", default: .daemon,
            because: "daemon for a worker that stays; drain where none may: an upload then starts "
                + "one that ends with the queue, and so does cron")
        registration = try reader.choice(
            "MULTIRES_REGISTRATION", default: .open,
            because: "open lets anyone who reaches the address have an account")
        quota = Usage(
            images: try reader.number(
                "MULTIRES_QUOTA_IMAGES", default: 10_000, in: 1...100_000_000,
                because: "images per account; four years of seven a day"),
            bytes: try reader.bytes(
                "MULTIRES_QUOTA_BYTES", default: "1GB",
                because: "bytes of originals per account; some 200 phone photos on a small disk"))
        diskReserve = try reader.bytes(
            "MULTIRES_DISK_RESERVE", default: "512MB",
            because: "kept free for the database, its journal and sizes still to be made")
        imageLimit = try reader.bytes(
            "MULTIRES_IMAGE_LIMIT", default: "50MB",
            because: "per image; phone photos reach 30 MB")
        requestLimit = try reader.bytes(
            "MULTIRES_REQUEST_LIMIT", default: "200MB",
            because: "per request, checked by nginx and the program; a handful of large photos")
        preset = try Self.preset(
            reader.text(
                "MULTIRES_PRESETS", default: "",
                because: "a JSON file of the sizes to make; none: presets.json in the data folder, "
                    + "or else 150, 480, 1024 and 1920 pixels (\"multires presets\" shows them)"),
            in: DataFolders(root: data))
        sizesGrace = try reader.duration(
            "MULTIRES_SIZES_GRACE", default: "7d",
            because:
                "how long addresses of the sizes before go on after \"multires presets apply\"; "
                + "pages that name them need changing until then")
        renderLimits = RenderLimits(
            pixels: try reader.number(
                "MULTIRES_PIXEL_LIMIT", default: 100_000_000, in: 1...1_000_000_000,
                because: "width x height; phones reach 50 to 108 MP"),
            side: try reader.number(
                "MULTIRES_SIDE_LIMIT", default: 16_384, in: 1...65_535,
                because: "the longest side, in pixels; WebP and AVIF end near it"),
            animatedPixels: try reader.number(
                "MULTIRES_ANIMATED_PIXEL_LIMIT", default: 60_000_000, in: 1...1_000_000_000,
                because: "frames x width x height; all frames are in memory at once"),
            interlacedPixels: try reader.number(
                "MULTIRES_INTERLACED_PIXEL_LIMIT", default: 50_000_000, in: 1...1_000_000_000,
                because: "a progressive JPEG or interlaced PNG is decoded whole, in memory"))
        renderSeconds = try reader.number(
            "MULTIRES_RENDER_SECONDS", default: 30, in: 1...3600,
            because: "wall clock for one picture; a 100 MP photo takes about 3 s")
        renderMemory = try reader.bytes(
            "MULTIRES_RENDER_MEMORY", default: "1GiB",
            because: "address space a resizer may fill with pixels")
        rendersPerResizer = try reader.number(
            "MULTIRES_RENDERS_PER_RESIZER", default: 500, in: 1...1_000_000,
            because: "a resizer is replaced after so many pictures, and its memory with it")
        resizerGrowth = try reader.bytes(
            "MULTIRES_RESIZER_GROWTH", default: "160MB",
            because: "one that holds more after a picture is replaced; 24 MP leave 100 MB behind")
        resizerIdle = try reader.duration(
            "MULTIRES_RESIZER_IDLE", default: "30s",
            because: "one without work ends after this and frees 40 MB; an upload starts it anew "
                + "while it is stored")
        resizers = try reader.number(
            "MULTIRES_RESIZERS", default: max(1, ProcessInfo.processInfo.activeProcessorCount),
            in: 1...256,
            because: "pictures resized at once; one per core")
        attempts = try reader.number(
            "MULTIRES_ATTEMPTS", default: 3, in: 1...20,
            because: "a picture that crashes its resizer so often is given up")
        lease = try reader.duration(
            "MULTIRES_LEASE", default: "60s",
            because: "a job of a worker that hangs is given away after this; above the wall clock")
        allowance = Allowance(
            quota: quota,
            accountQueue: try reader.number(
                "MULTIRES_ACCOUNT_QUEUE", default: 2000, in: 1...1_000_000,
                because: "images of one account that may wait; more is answered 429"),
            queue: try reader.number(
                "MULTIRES_QUEUE", default: 10_000, in: 1...10_000_000,
                because: "images that may wait in all: some 20 minutes of work on two cores"))
        accessLifetime = try reader.duration(
            "JWT_ACCESS_EXPIRE", default: "15m",
            because: "short, since it is sent with every request")
        refreshLifetime = try reader.duration(
            "JWT_REFRESH_EXPIRE", default: "7d",
            because: "how long a browser that stays away is still signed in")
        refreshGrace = try reader.duration(
            "MULTIRES_REFRESH_GRACE", default: "10s",
            because: "a lost answer or a second tab may present the token before the current one")
        scrypt = reader.text(
            "MULTIRES_SCRYPT", default: "ln=17,r=8,p=1",
            because: "OWASP's first choice: 128 MiB and about 0.3 s per password")
        hashSlots = try reader.number(
            "MULTIRES_HASH_SLOTS", default: 2, in: 1...64,
            because: "passwords hashed at once, by all processes; each takes 128 MiB")
        hashPatience = try reader.duration(
            "MULTIRES_HASH_PATIENCE", default: "8s",
            because:
                "how long a sign-in waits for its turn to hash; in a flood from 20 addresses a "
                + "turn comes every 3 s")
        loginThrottle = LoginThrottle(
            pair: try reader.number(
                "MULTIRES_LOGIN_PAIR_FAILURES", default: 5, in: 1...1_000_000,
                because: "wrong passwords for one account from one address; then tries must wait, "
                    + "30 s at the most"),
            account: try reader.number(
                "MULTIRES_LOGIN_ACCOUNT_FAILURES", default: 10, in: 1...1_000_000,
                because: "the same for one account, from addresses that never signed in to it; two "
                    + "tries of each address wait for nobody"),
            address: try reader.number(
                "MULTIRES_LOGIN_ADDRESS_FAILURES", default: 100, in: 1...1_000_000,
                because: "likewise from one address (IPv6: one /64): an office has typos too"))
        authThreads = try reader.number(
            "MULTIRES_AUTH_THREADS", default: 48, in: 2...256,
            because:
                "requests answered at once, each thread 0.3 MB; half of them may hash a password "
                + "or wait to, one for each of 20 addresses in a flood, and nginx keeps connections "
                + "to a quarter of them")
        imageThreads = try reader.number(
            "MULTIRES_IMAGE_THREADS", default: 32, in: 2...256,
            because: "requests answered at once, each thread 0.3 MB; a quarter of them may wait "
                + "for a status, and nginx keeps connections to half of them")
        sendTimeout = try reader.duration(
            "MULTIRES_SEND_TIMEOUT", default: "10s",
            because:
                "how long the web server may leave an answer unread before its thread gives up; "
                + "nginx reads 512 KB at once, whatever its client does")
        linkSlot = try reader.duration(
            "MULTIRES_LINK_SLOT", default: "1h",
            because: "a private link lives one to two slots and stays the same within one, "
                + "so that browsers can keep the picture")
        publicAge = try reader.duration(
            "MULTIRES_PUBLIC_AGE", default: "1d",
            because: "how long others may keep a copy of a public picture")
        settings = reader.descriptions

        guard lease > .seconds(renderSeconds + 10) else {
            throw SettingReader.Mistake(
                description: "MULTIRES_LEASE must be at least 11 s above MULTIRES_RENDER_SECONDS, "
                    + "or a job would be given away while it is still worked on.")
        }
        guard requestLimit >= imageLimit else {
            throw SettingReader.Mistake(
                description: "MULTIRES_REQUEST_LIMIT must not be below MULTIRES_IMAGE_LIMIT.")
        }
    }

    private static func preset(_ path: String, in folders: DataFolders) throws -> Preset {
        guard !path.isEmpty || FileManager.default.fileExists(atPath: folders.presets) else {
            return .standard
        }
        do {
            return try PresetFile.read(path.isEmpty ? folders.presets : path)
        } catch let mistake as FileMistake {
            throw SettingReader.Mistake(description: mistake.description)
        }
    }

    /// Where the parts of the data folder lie.
    public var folders: DataFolders { DataFolders(root: data) }
}

/// The data folder's parts; see README, "Where things lie".
public struct DataFolders: Sendable {
    public let root: String
    /// Bytes `root` may have where a service stays: sockets lie below it, whose paths may have 107
    /// (unix(7), sun_path), and the longest is a doorbell's. Plain CGI has none.
    public static let servedLength =
        107 - doorbellLength - DataFolders(root: "").doorbells.utf8.count - 1

    public init(root: String) {
        self.root = root
    }

    public var catalog: String { root + "/catalog.sqlite3" }
    public var secrets: String { root + "/secrets.env" }
    /// A preset of this service's own; mostly not there.
    public var presets: String { root + "/presets.json" }
    public var incoming: String { root + "/incoming" }
    public var originals: String { root + "/originals" }
    public var media: String { root + "/media" }
    public var published: String { root + "/public" }
    public var trash: String { root + "/trash" }
    public var run: String { root + "/run" }
    /// Held by the one worker that drains.
    public var drainLock: String { root + "/run/drain.lock" }
    public var drainLog: String { root + "/drain.log" }
    public var doorbells: String { root + "/run/doorbells" }
    /// Bytes of the name of one of them.
    public static let doorbellLength = 12
    public var metrics: String { root + "/run/metrics" }
    public var nginx: String { root + "/nginx" }
    /// Of a worker: what it works on, and a lock that it holds as long as it lives.
    public func worker(_ name: String) -> String { "\(run)/\(name)" }
    public static let workerPrefix = "worker-"

    /// `00` to `ff`: an id's last two digits. Ready-made, because making a folder per upload costs
    /// four fifths of the throughput.
    public static let shards: [String] = (0..<256).map { number in
        (number < 16 ? "0" : "") + String(number, radix: 16)
    }
}
