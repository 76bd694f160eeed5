import Glibc
import Media
import Model
import Processes
import Settings

/// Originals and variants on a disk of this machine. What is stored appears by one rename, and is on disk,
/// including its folder's entry, before a call returns. What is removed also disappears by one rename.
public struct DiskMedia: MediaStore {
    package let paths: MediaPath
    var folders: DataFolders { paths.folders }

    public init(_ folders: DataFolders) {
        paths = MediaPath(folders)
    }

    /// Creates the data folder and its subfolders if they do not exist. Throws `ConfigurationError` if it
    /// cannot be written, or is on a network filesystem, where other processes may see a rename late and a
    /// lock not at all.
    public func prepare() throws {
        let plain = [
            folders.root, folders.incoming, folders.trash, folders.recovered, folders.run,
            folders.listeners,
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
            throw ConfigurationError(
                "The data folder \(folders.root) cannot be used by user \(geteuid()): \(error).")
        }
        if let kind = NetworkFilesystem.kind(at: folders.root) {
            throw ConfigurationError(
                "The data folder \(folders.root) is on a network filesystem (\(kind)). Choose a "
                    + "folder on a disk of this machine.")
        }
    }

    public func freeBytes() throws -> Int64 {
        try Files.freeBytes(in: folders.root)
    }

    // MARK: Originals

    public func receive(written: String?) throws -> IncomingFile {
        try IncomingFile(in: folders, written: written)
    }

    public func store(
        _ file: consuming IncomingFile, as id: Identifier<Image>, _ format: ImageFormat
    ) throws -> [UInt8] {
        try file.store(at: paths.original(id, format))
    }

    public func withOriginal<Result>(
        _ id: Identifier<Image>, _ format: ImageFormat, _ body: (String) throws -> Result
    ) throws -> Result {
        try with(paths.original(id, format), body)
    }

    public func withVariant<Result>(
        _ variant: Variant, of id: Identifier<Image>, _ body: (String) throws -> Result
    ) throws -> Result {
        try with(paths.variant(variant, of: id), body)
    }

    /// Throws `MediaError.missing` if there is no file at `path`, also if it is removed meanwhile.
    private func with<Result>(
        _ path: String, _ body: (String) throws -> Result
    ) throws -> Result {
        do {
            return try storing { try body(path) }
        } catch let error as SystemError where error.code == ENOENT && error.subject == path {
            throw MediaError.missing
        }
    }

    public func publish(_ jobFolder: String, as id: Identifier<Image>) throws {
        let destination = paths.variants(id)
        try storing {
            _ = try syncedFiles(in: jobFolder)
            try Files.sync(jobFolder)
            _ = try dispose(of: destination)
            try Files.move(jobFolder, to: destination)
            try Files.syncFolder(of: destination)
        }
    }

    /// Moves each file by one rename. If there are no variants, publishes the whole folder.
    public func merge(_ jobFolder: String, into id: Identifier<Image>) throws {
        let destination = paths.variants(id)
        guard let status = try Files.status(destination), status.st_mode & S_IFMT == S_IFDIR else {
            return try publish(jobFolder, as: id)
        }
        try storing {
            for name in try syncedFiles(in: jobFolder) {
                try Files.move("\(jobFolder)/\(name)", to: "\(destination)/\(name)")
            }
            try Files.sync(destination)
        }
    }

    /// Syncs the files of a job to the disk and returns their names. Throws if one is not a regular file.
    private func syncedFiles(in jobFolder: String) throws -> [String] {
        let names = try Files.names(in: jobFolder)
        for name in names { try Files.syncRegular("\(jobFolder)/\(name)") }
        return names
    }

    public func removeVariants(
        of id: Identifier<Image>, but kept: [Variant], olderThan age: Duration
    ) throws -> MediaExtent {
        let folder = paths.variants(id)
        let names = Set(kept.map(\.fileName))
        return try Files.names(in: folder).reduce(into: (0, 0)) { sum, name in
            let path = "\(folder)/\(name)"
            guard !names.contains(name), try isOlder(path, than: age) else { return }
            let removed = try Files.removeTree(path)
            sum = (sum.0 + removed.files, sum.1 + removed.bytes)
        }
    }

    // MARK: Removal

    /// Also counts what an interrupted removal left in the trash. Does not count the link.
    public func remove(_ id: Identifier<Image>) throws -> MediaExtent {
        try unlink(id)
        let originals = ImageFormat.allCases.map { paths.original(id, $0) }
        return try (originals + [paths.variants(id)]).reduce(into: (0, 0)) { sum, path in
            let removed = try dispose(of: path)
            sum = (sum.0 + removed.files, sum.1 + removed.bytes)
        }
    }

    public func removeDerived(of id: Identifier<Image>) throws -> MediaExtent {
        try unlink(id)
        return try dispose(of: paths.variants(id))
    }

    /// Makes `path` unreachable at once by a rename into the trash, then removes it from there.
    private func dispose(of path: String) throws -> MediaExtent {
        let trash = "\(folders.trash)/\(path.split(separator: "/").last ?? "")"
        let left = try Files.removeTree(trash)
        var place = trash
        do {
            try Files.move(path, to: trash)
            try Files.syncFolder(of: path)
        } catch let error as SystemError where error.call == "rename" {
            if error.code == ENOENT { return left }
            // The disk has no space for another name in the trash, so `path` is removed in place.
            guard error.isFullDisk else { throw error }
            place = path
        }
        let removed = try Files.removeTree(place)
        return (left.files + removed.files, left.bytes + removed.bytes)
    }

    // MARK: Lengths

    public func length(ofOriginal id: Identifier<Image>, _ format: ImageFormat) throws -> Int64? {
        try Files.status(paths.original(id, format)).map { Int64($0.st_size) }
    }

    public func length(of variant: Variant, of id: Identifier<Image>) throws -> Int64? {
        try Files.status(paths.variant(variant, of: id)).map { Int64($0.st_size) }
    }

    public func extent(of id: Identifier<Image>) throws -> MediaExtent {
        let originals = ImageFormat.allCases.map { paths.original(id, $0) }
        return try (originals + [paths.variants(id)]).reduce(into: (0, 0)) { sum, path in
            let tree = try Files.extent(of: path)
            sum = (sum.0 + tree.files, sum.1 + tree.bytes)
        }
    }

    // MARK: Consistency checks

    /// Ignores names that are not ids.
    public func contents(ofShard shard: String, olderThan age: Duration?) throws -> MediaContents {
        func ids(_ folder: String) throws -> Set<Identifier<Image>> {
            let path = "\(folder)/\(shard)"
            return Set(
                try Files.names(in: path)
                    .filter { name in
                        try age.map { try isOlder("\(path)/\(name)", than: $0) } ?? true
                    }
                    .compactMap(Self.id))
        }
        return MediaContents(
            originals: try ids(folders.originals), variants: try ids(folders.media))
    }

    static func id(fileName: String) -> Identifier<Image>? {
        Identifier(String(fileName.prefix { $0 != "." }))
    }

    /// Removes from `incoming/` and `trash/`.
    public func removeStale(olderThan age: Duration) throws -> MediaExtent {
        try sum(stale(olderThan: age), Files.removeTree)
    }

    public func extentOfStale(olderThan age: Duration) throws -> MediaExtent {
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
        _ paths: [String], _ extent: (String) throws -> MediaExtent
    ) rethrows -> MediaExtent {
        (paths.count, try paths.reduce(0) { $0 + (try extent($1)).bytes })
    }

    /// By the modification time. A folder's time is that of the last change of the names in it.
    private func isOlder(_ path: String, than age: Duration) throws -> Bool {
        guard let status = try Files.status(path) else { return false }
        let changed = Timestamp(
            milliseconds: Int64(status.st_mtim.tv_sec) * 1000
                + Int64(status.st_mtim.tv_nsec) / 1_000_000)
        return changed < .now() - age
    }
}
