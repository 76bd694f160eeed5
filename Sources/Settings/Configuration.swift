import Foundation
import Model
import Text

public enum Switch: String, Sendable, CaseIterable { case on, off }
public enum JournalMode: String, Sendable, CaseIterable { case wal, truncate }
public enum WorkerStyle: String, Sendable, CaseIterable { case daemon, drain }
public enum LogForm: String, Sendable, CaseIterable { case auto, text, json }
/// A machine of one's own, or web space among others', where no program stays.
public enum Hosting: String, Sendable, CaseIterable { case server, shared }
/// How responders are run: as they are meant to be, or a process per request as on shared hosts.
public enum ResponderStyle: String, Sendable, CaseIterable { case fastcgi, cgi }
public enum Priority: String, Sendable, CaseIterable { case idle, normal }
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
    public let connections: Int
    public let accessLogBytes: Int64
    public let accessLogKeep: Int
    public let log: LogForm
    public let journal: JournalMode
    public let worker: WorkerStyle
    public let registration: Registration
    public let quota: Usage
    public let diskReserve: Int64
    public let ballast: Int64
    public let imageLimit: Int64
    public let requestLimit: Int64
    /// In percent.
    public let uploadShare: Int
    public let uploadReservation: Duration
    /// From `PresetFile`, or the standard one.
    public let preset: Preset
    public let sizesGrace: Duration
    public let renderLimits: RenderLimits
    /// Of processor time.
    public let renderSeconds: Int
    public let renderStall: Duration
    public let renderTotal: Duration
    public let renderMemory: Int64
    public let rendersPerResizer: Int
    public let resizerGrowth: Int64
    public let resizerIdle: Duration
    public let resizerPriority: Priority
    public let resizers: Int
    public let spareResizers: Int
    public let slowRender: Duration
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

    public let gateway: ResponderStyle
    /// nginx's program and the project's folder; empty when nothing is said.
    public let nginx: String
    public let home: String

    /// In the order above.
    public let settings: [SettingReader.Description]

    public init(_ environment: [String: String]) throws {
        var reader = SettingReader(environment)
        port = try reader.number(
            "MULTIRES_PORT", default: 8080, in: 1...65535,
            because: "where nginx listens; above 1024, so that no root is needed")
        listen = try reader.listenAddress(
            "MULTIRES_LISTEN", default: "127.0.0.1",
            because:
                "loopback, so that nothing is open to the network before you say so; 0.0.0.0 is "
                + "all of IPv4, :: all of IPv4 and IPv6")
        let folder = try reader.path(
            "MULTIRES_DATA", default: "./var",
            because: "everything that is kept lies in this one folder, on one filesystem")
        data = URL(fileURLWithPath: folder).standardizedFileURL.path
        url = try reader.webAddress(
            "MULTIRES_URL", default: "http://localhost:\(port)",
            because: "what links in answers begin with; never taken from a request")
        corsOrigins = try reader.origins(
            "MULTIRES_CORS_ORIGINS", default: "",
            because: "other sites whose pages may call the API from a browser, by commas; none, "
                + "since the page served here needs none")
        rateLimits = try reader.choice(
            "MULTIRES_RATE_LIMITS", default: .on,
            because: "nginx's request limits; off is for benchmarks alone")
        connections = try reader.number(
            "MULTIRES_CONNECTIONS", default: 16_000, in: 64...1_000_000,
            because:
                "nginx's connections at once, as far as the system's limit of open files goes; each "
                + "takes half a kilobyte, and 3 kB of the kernel's while it is open")
        accessLogBytes = try reader.bytes(
            "MULTIRES_ACCESS_LOG_BYTES", default: "50MB", from: 10_000,
            because:
                "\"multires serve\" begins a new access log at this size; some 150,000 requests")
        accessLogKeep = try reader.number(
            "MULTIRES_ACCESS_LOG_KEEP", default: 5, in: 0...1000,
            because: "older access logs that are kept")
        log = try reader.choice(
            "MULTIRES_LOG", default: .auto,
            because: "text for people, json for programs; auto is text on a terminal alone")
        let hosting: Hosting = try reader.choice(
            "MULTIRES_HOSTING", default: .server,
            because: "shared for web space where no program may stay: then MULTIRES_JOURNAL is "
                + "truncate, MULTIRES_WORKER drain and MULTIRES_GATEWAY cgi unless they are set")
        journal = try reader.choice(
            "MULTIRES_JOURNAL", default: hosting == .shared ? .truncate : .wal,
            because:
                "wal for responders that stay; truncate for plain CGI, where nobody checkpoints")
        worker = try reader.choice(
            "MULTIRES_WORKER", default: hosting == .shared ? .drain : .daemon,
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
        ballast = try reader.bytes(
            "MULTIRES_BALLAST", default: "8MB",
            because: "a file that is given up step by step when no byte is free, so that deleting, "
                + "signing in and ending sessions still work; a deletion takes some 100 KB of it")
        imageLimit = try reader.bytes(
            "MULTIRES_IMAGE_LIMIT", default: "50MB",
            because: "per image; phone photos reach 30 MB")
        requestLimit = try reader.bytes(
            "MULTIRES_REQUEST_LIMIT", default: "200MB",
            because: "per request, checked by nginx and the program; a handful of large photos")
        uploadShare = try reader.number(
            "MULTIRES_UPLOAD_SHARE", default: 25, in: 1...100,
            because:
                "percent of the disk above its reserve that uploads of one account on their way "
                + "may take, so that it cannot keep the others out")
        uploadReservation = try reader.duration(
            "MULTIRES_UPLOAD_RESERVATION", default: "30m",
            because:
                "how long room is kept for an upload of which nothing is heard; 200 MB take as "
                + "long at 1 Mbit/s")
        preset = try Self.preset(
            reader.path(
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
                "MULTIRES_ANIMATED_PIXEL_LIMIT", default: 20_000_000, in: 1...1_000_000_000,
                because: "frames x width x height; each megapixel of a GIF takes up to 0.4 s of "
                    + "processor time, since two sizes may have nearly all of its pixels"),
            interlacedPixels: try reader.number(
                "MULTIRES_INTERLACED_PIXEL_LIMIT", default: 50_000_000, in: 1...1_000_000_000,
                because: "a progressive JPEG or interlaced PNG is decoded whole, in memory"),
            // libnsgif stops at 4,096 (NSGIF_FRAMES_MAX) and would silently drop the rest.
            frames: try reader.number(
                "MULTIRES_FRAME_LIMIT", default: 1000, in: 1...4095,
                because: "frames of an animation; each takes some 4 ms beside its pixels"),
            scans: try reader.number(
                "MULTIRES_SCAN_LIMIT", default: 100, in: 1...100_000,
                because: "scans of a progressive JPEG; encoders write about ten, and each takes up "
                    + "to 30 ms"))
        renderSeconds = try reader.number(
            "MULTIRES_RENDER_SECONDS", default: 20, in: 1...3600,
            because:
                "processor time for one image, so that a busy machine fails no other images than "
                + "an idle one; a 100 MP photo takes about 3 s")
        renderStall = try reader.duration(
            "MULTIRES_RENDER_STALL", default: "30s",
            because:
                "a resizer that uses no processor time at all for so long hangs; on a busy machine "
                + "it gets some every second")
        renderTotal = try reader.duration(
            "MULTIRES_RENDER_TOTAL", default: "1h",
            because:
                "wall clock for one image, in case that a resizer neither works nor stands still; "
                + "far above what a busy machine needs")
        renderMemory = try reader.bytes(
            "MULTIRES_RENDER_MEMORY", default: "1GiB", from: 16_000_000,
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
        resizerPriority = try reader.choice(
            "MULTIRES_RESIZER_PRIORITY", default: .idle,
            because: "idle leaves the processors to everything else, so that pictures in work slow "
                + "nothing down; normal where something else always takes them all")
        resizers = try reader.number(
            "MULTIRES_RESIZERS", default: max(1, ProcessInfo.processInfo.activeProcessorCount),
            in: 1...256,
            because: "pictures resized at once; one per core")
        spareResizers = try reader.number(
            "MULTIRES_SPARE_RESIZERS", default: 2, in: 0...64,
            because: "started one by one while all others work on slow pictures, for accounts that "
                + "have none in work and whose last one was not slow; each takes memory only then")
        slowRender = try reader.duration(
            "MULTIRES_SLOW_RENDER", default: "2s",
            because: "a picture that takes longer is slow, and an account whose last one took four "
                + "times as long gets no spare resizer; a phone photo takes a quarter of a second")
        attempts = try reader.number(
            "MULTIRES_ATTEMPTS", default: 3, in: 1...20,
            because: "a picture that crashes its resizer so often is given up")
        lease = try reader.duration(
            "MULTIRES_LEASE", default: "60s",
            because:
                "a job of a worker that hangs is given away after this; renewed each third of it")
        allowance = Allowance(
            quota: quota,
            accountQueue: try reader.number(
                "MULTIRES_ACCOUNT_QUEUE", default: 2000, in: 1...1_000_000,
                because: "images of one account that may wait; more is answered 429"),
            queue: try reader.number(
                "MULTIRES_QUEUE", default: 10_000, in: 1...10_000_000,
                because: "images that may wait in all: some 20 minutes of work on two cores"),
            queueShare: try reader.number(
                "MULTIRES_QUEUE_SHARE", default: 4, in: 1...1000,
                because: "one account may hold one part in so many of what the others leave of "
                    + "MULTIRES_QUEUE, so that no few accounts can fill it"))
        accessLifetime = try reader.duration(
            "JWT_ACCESS_EXPIRE", default: "15m",
            because: "short, since it is sent with every request")
        refreshLifetime = try reader.duration(
            "JWT_REFRESH_EXPIRE", default: "7d",
            because: "how long a browser that stays away is still signed in")
        refreshGrace = try reader.duration(
            "MULTIRES_REFRESH_GRACE", default: "10s",
            because: "a lost answer or a second tab may present the token before the current one")
        scrypt = try reader.text(
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
        gateway = try reader.choice(
            "MULTIRES_GATEWAY", default: hosting == .shared ? .cgi : .fastcgi,
            because: "how \"multires serve\" runs responders; cgi is to try what shared hosts have")
        nginx = try reader.text(
            "MULTIRES_NGINX", default: "", because: "nginx's program; none: the one in PATH or sbin"
        )
        home = try reader.path(
            "MULTIRES_HOME", default: "",
            because: "the folder that holds nginx/ and www/; none: the nearest above the programs")
        _ = try reader.text(
            "MULTIRES_SETTINGS", default: "",
            because:
                "a file of settings that the environment does not set; none: .env in the current "
                + "folder, for multires alone")
        _ = try reader.text(
            "MULTIRES_SUPERVISED", default: "",
            because: "set by \"multires serve\" for what it starts, which then ends with it")
        settings = reader.descriptions

        // A third of it passes before it is renewed, and that waits up to 15 s for the database.
        guard lease >= .seconds(25) else {
            throw Unusable(
                "MULTIRES_LEASE must be at least 25 s, or a job would be given away "
                    + "while it is still worked on.")
        }
        guard requestLimit >= imageLimit else {
            throw Unusable(
                "MULTIRES_REQUEST_LIMIT (\(requestLimit) bytes) must not be below "
                    + "MULTIRES_IMAGE_LIMIT (\(imageLimit) bytes): raise the one or lower the other."
            )
        }
        guard refreshLifetime >= accessLifetime, refreshLifetime > refreshGrace else {
            throw Unusable(

                "JWT_REFRESH_EXPIRE must not be below JWT_ACCESS_EXPIRE, nor as short as "
                    + "MULTIRES_REFRESH_GRACE: a session lives as long as its refresh token.")
        }
    }

    private static func preset(_ path: String, in folders: DataFolders) throws -> Preset {
        guard !path.isEmpty || FileManager.default.fileExists(atPath: folders.presets) else {
            return .standard
        }
        do {
            return try PresetFile.read(path.isEmpty ? folders.presets : path)
        } catch let mistake as Unusable {
            let setting = path.isEmpty ? "" : "MULTIRES_PRESETS: "
            throw Unusable(setting + mistake.description)
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
    /// Originals without a row, and what `--new-catalog` moved aside. Nothing removes them.
    public var recovered: String { root + "/recovered" }
    /// Reserved bytes; see `Ballast`.
    public var ballast: String { root + "/reserved" }
    /// In `originals/`, when their owner said that they are lost.
    public var lostMark: String { originals + "/.lost" }
    public var run: String { root + "/run" }
    /// Held by the one worker that drains.
    public var drainLock: String { root + "/run/drain.lock" }
    public var drainLog: String { root + "/drain.log" }
    public var doorbells: String { root + "/run/doorbells" }
    /// Bytes of the name of one of them.
    public static let doorbellLength = 12
    public var metrics: String { root + "/run/metrics" }
    /// What `FormatCheck` found, only where something does not work, and the libraries it was found with.
    public var formatFaults: String { root + "/run/formats.json" }
    public var triedLibraries: String { root + "/run/libraries.json" }
    /// `UploadReservations`, and the requests of it that nginx ended itself.
    public var uploads: String { root + "/run/uploads" }
    public var endedUploads: String { root + "/run/ended-uploads" }
    public var nginx: String { root + "/nginx" }
    /// Of a worker: what it works on, and a lock that it holds as long as it lives.
    public func worker(_ name: String) -> String { "\(run)/\(name)" }
    public static let workerPrefix = "worker-"

    /// `00` to `ff`: an id's last two digits. Ready-made, because making a folder per upload costs
    /// four fifths of the throughput.
    public static let shards: [String] = (0..<256).map { $0.hex(digits: 2) }
}
