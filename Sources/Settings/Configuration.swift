import Foundation
import Model
import Text

public enum Switch: String, Sendable, CaseIterable { case on, off }
public enum JournalMode: String, Sendable, CaseIterable { case wal, truncate }
public enum WorkerStyle: String, Sendable, CaseIterable { case daemon, drain }
public enum LogForm: String, Sendable, CaseIterable { case auto, text, json }
/// `server`: programs keep running. `shared`: shared hosting, where no program may keep running.
public enum Hosting: String, Sendable, CaseIterable { case server, shared }
/// How `multires serve` runs responders: `fastcgi` keeps them running; `cgi` starts one process per request,
/// as shared hosting does.
public enum ResponderStyle: String, Sendable, CaseIterable { case fastcgi, cgi }
public enum Priority: String, Sendable, CaseIterable { case idle, normal }
public enum Registration: String, Sendable, CaseIterable { case open, closed }

/// Every setting, with its default and the reason for the default. Programs read their environment;
/// `multires` also reads `.env`; `multires config` prints this list.
public struct Configuration: Sendable {
    public let port: Int
    public let listen: String
    /// The data folder, an absolute path.
    public let data: String
    /// The beginning of links in responses, without a trailing slash.
    public let url: String
    /// In the form of the `Origin` header, so that whole strings can be compared; see
    /// `SettingReader.origins`.
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
    public let reservedSpace: Int64
    public let imageLimit: Int64
    public let requestLimit: Int64
    /// Percent, 1 to 100.
    public let uploadShare: Int
    public let uploadReservation: Duration
    /// From the preset file, or `Preset.standard`.
    public let preset: Preset
    public let sizesGrace: Duration
    public let renderLimits: RenderLimits
    /// Seconds of processor time.
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
    /// The path of the nginx program; empty if not set.
    public let nginx: String
    /// The folder that contains `nginx/` and `www/`; empty if not set.
    public let home: String
    /// Folders of libvips's modules and libheif's codecs; empty if not set.
    public let vipsHome: String
    public let heifPlugins: String

    /// In the order in which `multires config` prints them.
    public let settings: [SettingReader.Description]

    /// Throws `ConfigurationError` for a value that is not valid, and for settings that contradict each
    /// other.
    public init(_ environment: [String: String]) throws {
        var reader = SettingReader(environment)
        port = try reader.number(
            "MULTIRES_PORT", default: 8080, in: 1...65535,
            because: "the port that nginx listens on; a port below 1024 needs root")
        listen = try reader.listenAddress(
            "MULTIRES_LISTEN", default: "127.0.0.1",
            because:
                "the address that nginx listens on; the default can be reached only from this "
                + "machine; 0.0.0.0 is all IPv4 addresses, :: all IPv4 and IPv6 addresses")
        let folder = try reader.path(
            "MULTIRES_DATA", default: "./var",
            because: "the data folder; all data is in this folder, on one filesystem")
        data = URL(fileURLWithPath: folder).standardizedFileURL.path
        url = try reader.webAddress(
            "MULTIRES_URL", default: "http://localhost:\(port)",
            because: "the beginning of links in responses; never taken from a request")
        corsOrigins = try reader.origins(
            "MULTIRES_CORS_ORIGINS", default: "",
            because: "origins, separated by commas, whose pages may call the API from a browser; "
                + "empty, because the page of Multires itself needs none")
        rateLimits = try reader.choice(
            "MULTIRES_RATE_LIMITS", default: .on,
            because: "nginx's limits on request rates; off only for benchmarks")
        connections = try reader.number(
            "MULTIRES_CONNECTIONS", default: 16_000, in: 64...1_000_000,
            because:
                "maximum number of open connections of nginx, within the system's limit of open "
                + "files; each takes 0.5 kB, and 3 kB of kernel memory while it is open")
        accessLogBytes = try reader.bytes(
            "MULTIRES_ACCESS_LOG_BYTES", default: "50MB", from: 10_000,
            because:
                "\"multires serve\" starts a new access log at this size; 50 MB is about 150,000 "
                + "requests")
        accessLogKeep = try reader.number(
            "MULTIRES_ACCESS_LOG_KEEP", default: 5, in: 0...1000,
            because: "number of older access logs to keep")
        log = try reader.choice(
            "MULTIRES_LOG", default: .auto,
            because: "log format; auto is text on a terminal, and json otherwise")
        let hosting: Hosting = try reader.choice(
            "MULTIRES_HOSTING", default: .server,
            because: "shared for shared hosting, where no program may keep running; it changes the "
                + "defaults to MULTIRES_JOURNAL=truncate, MULTIRES_WORKER=drain and "
                + "MULTIRES_GATEWAY=cgi")
        journal = try reader.choice(
            "MULTIRES_JOURNAL", default: hosting == .shared ? .truncate : .wal,
            because:
                "SQLite's journal mode; wal if programs keep running; truncate for plain CGI, "
                + "where no program runs checkpoints")
        worker = try reader.choice(
            "MULTIRES_WORKER", default: hosting == .shared ? .drain : .daemon,
            because: "daemon for a worker that keeps running; drain for shared hosting: each "
                + "upload and cron start a worker, which exits when the queue is empty")
        registration = try reader.choice(
            "MULTIRES_REGISTRATION", default: .open,
            because: "open: everyone who can reach the service can create an account; closed: only "
                + "\"multires users add\" can")
        quota = Usage(
            images: try reader.number(
                "MULTIRES_QUOTA_IMAGES", default: 10_000, in: 1...100_000_000,
                because: "maximum number of images per account; 10,000 are seven a day for four "
                    + "years"),
            bytes: try reader.bytes(
                "MULTIRES_QUOTA_BYTES", default: "1GB",
                because: "maximum size of all originals per account; 1 GB is about 200 phone "
                    + "photos, which suits a small disk"))
        diskReserve = try reader.bytes(
            "MULTIRES_DISK_RESERVE", default: "512MB",
            because: "disk space that uploads leave free, for the database, its journal and sizes "
                + "that are not rendered yet")
        reservedSpace = try reader.bytes(
            "MULTIRES_BALLAST", default: "8MB",
            because: "size of a file that is shortened step by step when the disk is full, so that "
                + "deleting, signing in and ending sessions still work; a deletion needs about "
                + "100 KB of it")
        imageLimit = try reader.bytes(
            "MULTIRES_IMAGE_LIMIT", default: "50MB",
            because: "maximum size of an image; phone photos have up to 30 MB")
        requestLimit = try reader.bytes(
            "MULTIRES_REQUEST_LIMIT", default: "200MB",
            because: "maximum size of a request, checked by nginx and by the responder; 200 MB is "
                + "a few large photos")
        uploadShare = try reader.number(
            "MULTIRES_UPLOAD_SHARE", default: 25, in: 1...100,
            because:
                "percent of the free space above MULTIRES_DISK_RESERVE that the unfinished uploads "
                + "of one account may take, so that they cannot block other accounts")
        uploadReservation = try reader.duration(
            "MULTIRES_UPLOAD_RESERVATION", default: "30m",
            because:
                "how long disk space stays reserved for an upload whose end is not noticed; 200 MB "
                + "takes almost as long at 1 Mbit/s")
        preset = try Self.preset(
            reader.path(
                "MULTIRES_PRESETS", default: "",
                because: "JSON file with the sizes to render; if empty, presets.json in the "
                    + "data folder; if that does not exist, 150, 480, 1024 and 1920 pixels "
                    + "(\"multires presets\" prints them)"),
            in: DataFolders(root: data))
        sizesGrace = try reader.duration(
            "MULTIRES_SIZES_GRACE", default: "7d",
            because:
                "how long the URLs of replaced sizes keep working after \"multires presets "
                + "apply\"; pages that use them must be changed in this time")
        renderLimits = RenderLimits(
            pixels: try reader.number(
                "MULTIRES_PIXEL_LIMIT", default: 100_000_000, in: 1...1_000_000_000,
                because: "maximum width x height in pixels; the largest phone photos have 50 to "
                    + "108 megapixels"),
            side: try reader.number(
                "MULTIRES_SIDE_LIMIT", default: 16_384, in: 1...65_535,
                because: "maximum width and height in pixels; close to the limits of WebP and "
                    + "AVIF"),
            animatedPixels: try reader.number(
                "MULTIRES_ANIMATED_PIXEL_LIMIT", default: 50_000_000, in: 1...1_000_000_000,
                because:
                    "maximum frames x width x height in pixels; a megapixel of a GIF takes 0.1 "
                    + "to 0.25 s of processor time, because a size may have nearly as many "
                    + "pixels, and 0.6 s if it is noise"),
            interlacedPixels: try reader.number(
                "MULTIRES_INTERLACED_PIXEL_LIMIT", default: 50_000_000, in: 1...1_000_000_000,
                because: "maximum width x height in pixels of a progressive JPEG or an interlaced "
                    + "PNG, because it must be decoded as a whole in memory"),
            frames: try reader.number(
                "MULTIRES_FRAME_LIMIT", default: 1000, in: 1...65_535,
                because: "maximum number of frames; a frame takes about 4 ms in addition to its "
                    + "pixels"),
            scans: try reader.number(
                "MULTIRES_SCAN_LIMIT", default: 100, in: 1...100_000,
                because: "maximum number of scans of a progressive JPEG; encoders write about ten, "
                    + "and each takes up to 30 ms"))
        renderSeconds = try reader.number(
            "MULTIRES_RENDER_SECONDS", default: 20, in: 1...3600,
            because:
                "maximum seconds of processor time for one image, so that an image that succeeds "
                + "on an idle machine also succeeds on a busy one; 100 megapixels take about 3 s")
        renderStall = try reader.duration(
            "MULTIRES_RENDER_STALL", default: "30s",
            because:
                "a resizer that uses no processor time for this long hangs and is killed; on a "
                + "busy machine, a working resizer gets some every second")
        renderTotal = try reader.duration(
            "MULTIRES_RENDER_TOTAL", default: "1h",
            because:
                "maximum wall-clock time for one image, in case a resizer uses little processor "
                + "time and never finishes; far above what a busy machine needs")
        renderMemory = try reader.bytes(
            "MULTIRES_RENDER_MEMORY", default: "1GiB", from: 16_000_000,
            because: "memory that a resizer may allocate, mostly for pixels")
        rendersPerResizer = try reader.number(
            "MULTIRES_RENDERS_PER_RESIZER", default: 500, in: 1...1_000_000,
            because: "a resizer is replaced after this many images, which frees its memory")
        resizerGrowth = try reader.bytes(
            "MULTIRES_RESIZER_GROWTH", default: "160MB",
            because: "a resizer that holds more memory than this after an image is replaced; after "
                + "24 megapixels it holds 100 MB")
        resizerIdle = try reader.duration(
            "MULTIRES_RESIZER_IDLE", default: "30s",
            because: "an idle resizer exits after this time, which frees 40 MB; the next upload "
                + "starts a resizer while the original is being stored")
        resizerPriority = try reader.choice(
            "MULTIRES_RESIZER_PRIORITY", default: .idle,
            because: "idle lets all other programs run first, so that rendering slows nothing "
                + "down; normal if another program always uses all processors")
        resizers = try reader.number(
            "MULTIRES_RESIZERS", default: max(1, ProcessInfo.processInfo.activeProcessorCount),
            in: 1...256,
            because: "number of images rendered at the same time; one per processor core")
        spareResizers = try reader.number(
            "MULTIRES_SPARE_RESIZERS", default: 2, in: 0...64,
            because: "additional resizers, started only while all others render slow images; they "
                + "render for accounts without slow images")
        slowRender = try reader.duration(
            "MULTIRES_SLOW_RENDER", default: "2s",
            because: "an image that takes longer is slow; an account whose last image took four "
                + "times this long gets no spare resizer; a phone photo takes 0.25 s")
        attempts = try reader.number(
            "MULTIRES_ATTEMPTS", default: 3, in: 1...20,
            because: "an image that crashes its resizer this many times fails and is not retried")
        lease = try reader.duration(
            "MULTIRES_LEASE", default: "60s",
            because:
                "when a worker hangs, another worker gets its job after this time; a working "
                + "worker renews its lease after each third of it")
        allowance = Allowance(
            quota: quota,
            accountQueue: try reader.number(
                "MULTIRES_ACCOUNT_QUEUE", default: 2000, in: 1...1_000_000,
                because: "images per account that may wait or be in progress; further uploads are "
                    + "answered with 429"),
            queue: try reader.number(
                "MULTIRES_QUEUE", default: 10_000, in: 1...10_000_000,
                because: "images of all accounts that may wait or be in progress; about 20 minutes "
                    + "of work on two cores"),
            queueShare: try reader.number(
                "MULTIRES_QUEUE_SHARE", default: 4, in: 1...1000,
                because: "with 4, one account may use a quarter of what the others leave of "
                    + "MULTIRES_QUEUE, so that a few accounts cannot fill it"))
        accessLifetime = try reader.duration(
            "JWT_ACCESS_EXPIRE", default: "15m",
            because: "lifetime of an access token; short, because it is sent with every request")
        refreshLifetime = try reader.duration(
            "JWT_REFRESH_EXPIRE", default: "7d",
            because: "lifetime of a refresh token: how long a browser that sends no request stays "
                + "signed in")
        refreshGrace = try reader.duration(
            "MULTIRES_REFRESH_GRACE", default: "10s",
            because: "how long the previous refresh token is still accepted, because a browser may "
                + "lose a response or have a second tab")
        scrypt = try reader.text(
            "MULTIRES_SCRYPT", default: "ln=17,r=8,p=1",
            because: "parameters of the password hash; OWASP's first choice: 128 MiB and about "
                + "0.3 s per password")
        hashSlots = try reader.number(
            "MULTIRES_HASH_SLOTS", default: 2, in: 1...64,
            because: "number of passwords that all processes together hash at the same time; each "
                + "takes 128 MiB")
        hashPatience = try reader.duration(
            "MULTIRES_HASH_PATIENCE", default: "8s",
            because:
                "how long a sign-in waits until its password can be hashed; in a flood from 20 "
                + "addresses, each address has a turn every 3 s")
        loginThrottle = LoginThrottle(
            pair: try reader.number(
                "MULTIRES_LOGIN_PAIR_FAILURES", default: 5, in: 1...1_000_000,
                because: "wrong passwords for one account from one address, after which further "
                    + "attempts must wait, at most 30 s"),
            account: try reader.number(
                "MULTIRES_LOGIN_ACCOUNT_FAILURES", default: 10, in: 1...1_000_000,
                because: "wrong passwords for one account from all addresses that never signed in "
                    + "to it, after which further attempts must wait; the first two attempts of "
                    + "each address do not wait"),
            address: try reader.number(
                "MULTIRES_LOGIN_ADDRESS_FAILURES", default: 100, in: 1...1_000_000,
                because: "wrong passwords for all accounts from one address (IPv6: one /64 "
                    + "network), after which further attempts must wait; high, because a whole "
                    + "office may share one address"))
        // In a flood from 20 addresses, one request of each address waits to hash a password. nginx keeps
        // connections to a quarter of the threads open.
        authThreads = try reader.number(
            "MULTIRES_AUTH_THREADS", default: 48, in: 2...256,
            because:
                "threads of the auth responder, one per request, 0.3 MB each; half of them may "
                + "hash passwords or wait to hash")
        imageThreads = try reader.number(
            "MULTIRES_IMAGE_THREADS", default: 32, in: 2...256,
            because: "threads of the image responder, one per request, 0.3 MB each; a quarter of "
                + "them may wait for the status of an image; nginx keeps connections to half of "
                + "them open")
        sendTimeout = try reader.duration(
            "MULTIRES_SEND_TIMEOUT", default: "10s",
            because:
                "how long a thread waits for the web server to read a response; nginx reads 512 KB "
                + "at once, even if its client is slow")
        linkSlot = try reader.duration(
            "MULTIRES_LINK_SLOT", default: "1h",
            because: "a link to a private image is valid for one to two slots and stays the same "
                + "within a slot, so that browsers can cache the image")
        publicAge = try reader.duration(
            "MULTIRES_PUBLIC_AGE", default: "1d",
            because: "how long browsers and proxies may cache a public image")
        gateway = try reader.choice(
            "MULTIRES_GATEWAY", default: hosting == .shared ? .cgi : .fastcgi,
            because: "how \"multires serve\" runs responders; cgi is for testing what shared "
                + "hosting does")
        nginx = try reader.text(
            "MULTIRES_NGINX", default: "",
            because: "path of the nginx program; if empty, the one in PATH or sbin")
        home = try reader.path(
            "MULTIRES_HOME", default: "",
            because: "folder that contains nginx/ and www/; if empty, the nearest one above the "
                + "programs")
        _ = try reader.text(
            "MULTIRES_SETTINGS", default: "",
            because:
                "file with settings that the environment does not set; if empty, multires (but no "
                + "other program) reads .env in the current folder")
        _ = try reader.text(
            "MULTIRES_SUPERVISED", default: "",
            because: "set by \"multires serve\" for the programs it starts, so that they exit "
                + "with it")
        vipsHome = try reader.text(
            "VIPSHOME", default: "",
            because: "folder with the modules of libvips; if empty, the one that libvips was built "
                + "with")
        heifPlugins = try reader.text(
            "LIBHEIF_PLUGIN_PATH", default: "",
            because: "folder with the codecs of libheif; if empty, the one that libheif was built "
                + "with")
        settings = reader.descriptions

        // A lease is renewed after a third of its time, and the renewal may wait 15 s for the database:
        // two thirds of 25 s are 16.7 s.
        guard lease >= .seconds(25) else {
            throw ConfigurationError(
                "MULTIRES_LEASE: \(HumanReadable.time(lease)) is too short. Use at least 25s, or "
                    + "another worker could get a job that is still in progress.")
        }
        guard requestLimit >= imageLimit else {
            throw ConfigurationError(
                "MULTIRES_REQUEST_LIMIT (\(requestLimit) bytes) is below MULTIRES_IMAGE_LIMIT "
                    + "(\(imageLimit) bytes). Raise the first or lower the second.")
        }
        guard refreshLifetime >= accessLifetime, refreshLifetime > refreshGrace else {
            throw ConfigurationError(
                "JWT_REFRESH_EXPIRE: \(HumanReadable.time(refreshLifetime)) is too short. Use at "
                    + "least JWT_ACCESS_EXPIRE, and more than MULTIRES_REFRESH_GRACE: a session "
                    + "lives as long as its refresh token.")
        }
    }

    private static func preset(_ path: String, in folders: DataFolders) throws -> Preset {
        guard !path.isEmpty || FileManager.default.fileExists(atPath: folders.presets) else {
            return .standard
        }
        do {
            return try PresetFile.read(path.isEmpty ? folders.presets : path)
        } catch let error as ConfigurationError {
            let setting = path.isEmpty ? "" : "MULTIRES_PRESETS: "
            throw ConfigurationError(setting + error.description)
        }
    }

    /// The paths in the data folder.
    public var folders: DataFolders { DataFolders(root: data) }
}

/// The paths in the data folder; see README, "Data folder".
public struct DataFolders: Sendable {
    public let root: String
    /// Maximum length of `root` in bytes for `multires serve`. The path of a UNIX socket may have 107 bytes
    /// (unix(7), sun_path), and the longest one here is a listener's. Plain CGI has no sockets.
    public static let servedLength =
        107 - listenerNameLength - DataFolders(root: "").listeners.utf8.count - 1

    public init(root: String) {
        self.root = root
    }

    public var catalog: String { root + "/catalog.sqlite3" }
    public var secrets: String { root + "/secrets.env" }
    /// The preset file of this service; optional.
    public var presets: String { root + "/presets.json" }
    public var incoming: String { root + "/incoming" }
    public var originals: String { root + "/originals" }
    public var media: String { root + "/media" }
    public var published: String { root + "/public" }
    public var trash: String { root + "/trash" }
    /// Originals without a row, and what `--new-catalog` moved here. No program deletes them.
    public var recovered: String { root + "/recovered" }
    /// A file of reserved bytes; see `ReservedSpace`.
    public var reservedSpace: String { root + "/reserved" }
    /// A file in `originals/`: the operator has accepted that all originals are lost
    /// (`--accept-lost-originals`).
    public var lostOriginalsMarker: String { originals + "/.lost" }
    public var run: String { root + "/run" }
    /// A lock that the draining worker holds, so that there is only one.
    public var drainLock: String { root + "/run/drain.lock" }
    public var drainLog: String { root + "/drain.log" }
    /// The sockets at which workers wait for wake-ups.
    public var listeners: String { root + "/run/listeners" }
    /// Length of the name of such a socket, in bytes.
    public static let listenerNameLength = 12
    public var metrics: String { root + "/run/metrics" }
    /// The faults that `FormatCheck` found. The file exists only if there are any.
    public var formatFaults: String { root + "/run/formats.json" }
    /// The libraries that `FormatCheck` tried the formats with.
    public var triedLibraries: String { root + "/run/libraries.json" }
    /// The file of `UploadReservations`.
    public var uploads: String { root + "/run/uploads" }
    /// The ids of upload requests that nginx ended itself.
    public var endedUploads: String { root + "/run/ended-uploads" }
    public var nginx: String { root + "/nginx" }
    /// A worker's folder, with the files it works on and a lock that it holds while it runs.
    public func worker(_ name: String) -> String { "\(run)/\(name)" }
    public static let workerPrefix = "worker-"

    /// `00` to `ff`, the last two digits of an id. These folders are made in advance, because making a
    /// folder per upload costs four fifths of the throughput.
    public static let shards: [String] = (0..<256).map { $0.hex(digits: 2) }
}
