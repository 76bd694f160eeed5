import Credentials
import Crypto
import Glibc
import Model
import Processes
import Settings

/// Originals and variants on the disk of this machine. What is stored appears by one rename and is
/// on the disk, folder included, before a call returns; what is removed goes by one rename as well.
/// So nobody ever sees half of anything, and a power cut takes nothing back.
///
/// Calls that store throw `MediaError.noSpace`; all throw `SystemError` for faults.
public struct DiskMedia: Sendable {
    public let paths: MediaPath
    var folders: DataFolders { paths.folders }

    public init(_ folders: DataFolders) {
        paths = MediaPath(folders)
    }

    /// Makes the data folder with all that belongs in it, as far as it is not there. Throws
    /// `Unusable` when it cannot be written, or lies on a network filesystem, where a
    /// rename may be seen late and a lock not at all.
    public func prepare() throws {
        let plain = [
            folders.root, folders.incoming, folders.trash, folders.recovered, folders.run,
            folders.doorbells,
        ]
        let sharded = [folders.originals, folders.media, folders.published]
        do {
            for folder in plain + sharded {
                try Files.makeFolder(folder)
                guard access(folder, R_OK | W_OK | X_OK) == 0 else {
                    throw SystemError("access", folder)
                }
            }
            for folder in sharded {
                for shard in DataFolders.shards { try Files.makeFolder("\(folder)/\(shard)") }
                try Files.sync(folder)
            }
            try Files.sync(folders.root)
        } catch let error as SystemError where !error.isFullDisk {
            throw Unusable(
                "The data folder \(folders.root) cannot be used by user \(geteuid()): \(error).")
        }
        if let kind = NetworkFilesystem.kind(at: folders.root) {
            throw Unusable(
                "The data folder \(folders.root) lies on a network filesystem (\(kind)): choose "
                    + "one on a disk of this machine.")
        }
    }

    /// Bytes that this user may still fill.
    public func freeBytes() throws -> Int64 {
        var status = statvfs()
        guard statvfs(folders.root, &status) == 0 else {
            throw SystemError("statvfs", folders.root)
        }
        return Int64(status.f_bavail) * Int64(status.f_frsize)
    }

    // MARK: Coming in

    /// - Parameter written: as `IncomingFile` says; nil when there is no such file.
    public func receive(written: String? = nil) throws -> IncomingFile {
        try IncomingFile(in: paths, written: written)
    }

    /// A new empty folder for the sizes of one job: to be published, or discarded.
    public func jobFolder(in parent: String) throws -> String {
        let folder = "\(parent)/job-\(SecureRandom.text(bytes: 16))"
        try storing { try Files.makeFolder(folder) }
        return folder
    }

    public func makeFolder(_ path: String) throws {
        try storing { try Files.makeFolder(path) }
    }

    /// Calls `body` with the path of the original's file. Throws `MediaError.missing` when there is none.
    public func withOriginal<Result>(
        _ id: Identifier<Image>, _ format: ImageFormat, _ body: (String) throws -> Result
    ) throws -> Result {
        do {
            return try storing { try body(paths.original(id, format)) }
        } catch let error as SystemError where error.code == ENOENT { throw MediaError.missing }
    }

    /// Removes a job's folder, or what is in one. Fine when it is gone already.
    public func discard(_ path: String) throws {
        _ = try Files.removeTree(path)
    }

    /// Makes a job's folder the image's variants, in the place of any that an earlier attempt left.
    /// Throws when anything in it is no regular file: nginx trusts this folder, so no link gets in.
    public func publish(_ jobFolder: String, as id: Identifier<Image>) throws {
        let destination = paths.variants(id)
        try storing {
            _ = try syncedFiles(in: jobFolder)
            try Files.sync(jobFolder)
            _ = try dispose(of: destination)
            try Files.rename(jobFolder, to: destination)
            try Files.syncFolder(of: destination)
        }
    }

    /// Adds a job's files to the image's variants, each by one rename; those of other names stay. Where
    /// there are none, the folder becomes the variants. Throws as `publish` does.
    public func merge(_ jobFolder: String, into id: Identifier<Image>) throws {
        let destination = paths.variants(id)
        guard let status = try Files.status(destination), status.st_mode & S_IFMT == S_IFDIR else {
            return try publish(jobFolder, as: id)
        }
        try storing {
            for name in try syncedFiles(in: jobFolder) {
                try Files.rename("\(jobFolder)/\(name)", to: "\(destination)/\(name)")
            }
            try Files.sync(destination)
        }
    }

    /// Names of what a job made, when all of it are regular files, and on the disk.
    private func syncedFiles(in jobFolder: String) throws -> [String] {
        let names = try Files.names(in: jobFolder)
        for name in names { try Files.syncRegular("\(jobFolder)/\(name)") }
        return names
    }

    /// Removes the image's variants but these, and but what is younger than `age`, as a job in hand
    /// may be adding to them.
    public func removeVariants(
        of id: Identifier<Image>, but kept: [Variant], olderThan age: Duration
    ) throws -> (files: Int, bytes: Int64) {
        let folder = paths.variants(id)
        let names = Set(kept.map(\.fileName))
        return try Files.names(in: folder).reduce(into: (0, 0)) { sum, name in
            let path = "\(folder)/\(name)"
            guard !names.contains(name), try isOlder(path, than: age) else { return }
            let removed = try Files.removeTree(path)
            sum = (sum.0 + removed.files, sum.1 + removed.bytes)
        }
    }

    // MARK: Going

    /// Removes the public link, the original and the variants. Whatever is gone already is not
    /// counted, and what an interrupted removal left in the trash is; the link is no file.
    public func remove(_ id: Identifier<Image>) throws -> (files: Int, bytes: Int64) {
        try unlink(id)
        let originals = ImageFormat.allCases.map { paths.original(id, $0) }
        return try (originals + [paths.variants(id)]).reduce(into: (0, 0)) { sum, path in
            let removed = try dispose(of: path)
            sum = (sum.0 + removed.files, sum.1 + removed.bytes)
        }
    }

    /// Removes the public link and the variants, which can be made again. The original stays.
    public func removeDerived(of id: Identifier<Image>) throws -> (files: Int, bytes: Int64) {
        try unlink(id)
        return try dispose(of: paths.variants(id))
    }

    /// Out of reach at once, by a rename into the trash; then gone.
    private func dispose(of path: String) throws -> (files: Int, bytes: Int64) {
        let trash = "\(folders.trash)/\(path.split(separator: "/").last ?? "")"
        let left = try Files.removeTree(trash)
        var place = trash
        do {
            try Files.rename(path, to: trash)
            try Files.syncFolder(of: path)
        } catch let error as SystemError where error.call == "rename" {
            if error.code == ENOENT { return left }
            // No room for another name in the trash.
            guard error.isFullDisk else { throw error }
            place = path
        }
        let removed = try Files.removeTree(place)
        return (left.files + removed.files, left.bytes + removed.bytes)
    }

    // MARK: Looking

    /// Length of the original in bytes; nil when it is not there.
    public func length(ofOriginal id: Identifier<Image>, _ format: ImageFormat) throws -> Int64? {
        try Files.status(paths.original(id, format)).map { Int64($0.st_size) }
    }

    /// Length of a size's file in bytes; nil when it is not there.
    public func length(of variant: Variant, of id: Identifier<Image>) throws -> Int64? {
        try Files.status("\(paths.variants(id))/\(variant.fileName)").map { Int64($0.st_size) }
    }

    /// What `remove` would find.
    public func extent(of id: Identifier<Image>) throws -> (files: Int, bytes: Int64) {
        let originals = ImageFormat.allCases.map { paths.original(id, $0) }
        return try (originals + [paths.variants(id)]).reduce(into: (0, 0)) { sum, path in
            let tree = try Files.extent(of: path)
            sum = (sum.0 + tree.files, sum.1 + tree.bytes)
        }
    }

    // MARK: Sweeping

    /// The images that have files in one of `DataFolders.shards`.
    public struct Contents: Sendable {
        public var originals: Set<Identifier<Image>> = []
        public var variants: Set<Identifier<Image>> = []
    }

    /// What is there for longer than `age`, or at all when that is nil: an original comes before its
    /// row, so one that has none yet may be an upload of this moment. Names that are no ids are left
    /// out.
    public func contents(ofShard shard: String, olderThan age: Duration?) throws -> Contents {
        func ids(_ folder: String) throws -> Set<Identifier<Image>> {
            let path = "\(folder)/\(shard)"
            return Set(
                try Files.names(in: path)
                    .filter { name in
                        try age.map { try isOlder("\(path)/\(name)", than: $0) } ?? true
                    }
                    .compactMap(Self.id))
        }
        return Contents(originals: try ids(folders.originals), variants: try ids(folders.media))
    }

    static func id(fileName: String) -> Identifier<Image>? {
        Identifier(String(fileName.prefix { $0 != "." }))
    }

    /// Removes what crashes left in `incoming/` and `trash/` for longer than `age`, which is longer
    /// than any upload or job takes.
    public func removeStale(olderThan age: Duration) throws -> (things: Int, bytes: Int64) {
        try sum(stale(olderThan: age), Files.removeTree)
    }

    /// What `removeStale` would remove.
    public func extentOfStale(olderThan age: Duration) throws -> (things: Int, bytes: Int64) {
        try sum(stale(olderThan: age), Files.extent)
    }

    private func stale(olderThan age: Duration) throws -> [String] {
        try [folders.incoming, folders.trash].flatMap { folder in
            try Files.names(in: folder)
                .filter { folder == folders.incoming || !Self.isUnfinishedLink($0) }
                .map { "\(folder)/\($0)" }
                .filter { try isOlder($0, than: age) }
        }
    }

    private func sum(
        _ paths: [String], _ extent: (String) throws -> (files: Int, bytes: Int64)
    ) rethrows -> (things: Int, bytes: Int64) {
        (paths.count, try paths.reduce(0) { $0 + (try extent($1)).bytes })
    }

    /// By the time of its last change; a folder's is that of the names in it.
    private func isOlder(_ path: String, than age: Duration) throws -> Bool {
        guard let status = try Files.status(path) else { return false }
        let changed = Timestamp(
            milliseconds: Int64(status.st_mtim.tv_sec) * 1000
                + Int64(status.st_mtim.tv_nsec) / 1_000_000)
        return changed < .now() - age
    }
}
