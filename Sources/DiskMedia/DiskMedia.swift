import Glibc
import Media
import Model
import Processes
import Settings

/// Originals and variants on the disk of this machine. What is stored appears by one rename and is
/// on the disk, folder included, before a call returns; what is removed goes by one rename as well.
public struct DiskMedia: MediaStore {
    package let paths: MediaPath
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

    /// The file may go meanwhile.
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

    /// Each file by one rename. Where there are no variants, the folder becomes them.
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

    /// Names of what a job made, when all of it are regular files, and on the disk.
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

    /// Counts what an interrupted removal left in the trash; the link is no file.
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

    /// Out of reach at once, by a rename into the trash; then gone.
    private func dispose(of path: String) throws -> MediaExtent {
        let trash = "\(folders.trash)/\(path.split(separator: "/").last ?? "")"
        let left = try Files.removeTree(trash)
        var place = trash
        do {
            try Files.move(path, to: trash)
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

    /// Names that are no ids are left out.
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

    /// What is in `incoming/` and `trash/`.
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

    /// By the time of its last change; a folder's is that of the names in it.
    private func isOlder(_ path: String, than age: Duration) throws -> Bool {
        guard let status = try Files.status(path) else { return false }
        let changed = Timestamp(
            milliseconds: Int64(status.st_mtim.tv_sec) * 1000
                + Int64(status.st_mtim.tv_nsec) / 1_000_000)
        return changed < .now() - age
    }
}
