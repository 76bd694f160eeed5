import Glibc
import Media
import Model
import Processes
import Settings

/// `recovered/`: originals that have no row. They are moved there by rename, and only a person, or
/// `multires images recover`, removes them.
extension DiskMedia {
    public func setAside(_ id: Identifier<Image>) throws -> Bool {
        try Files.makeFolder(folders.recovered)
        return try move(id, { recoveredPath($0, $1) }, from: { paths.original($0, $1) })
    }

    @discardableResult
    public func takeBack(_ id: Identifier<Image>) throws -> Bool {
        try move(id, { paths.original($0, $1) }, from: { recoveredPath($0, $1) })
    }

    public func settleDuplicate(_ copy: Image, of earlier: Image) throws {
        guard try !hasWholeOriginal(earlier) else {
            // What fails here, a sweep clears away.
            _ = try? remove(copy.id)
            return
        }
        let (source, target) = (
            paths.original(copy.id, copy.format), paths.original(earlier.id, earlier.format)
        )
        try Files.move(source, to: target)
        try Files.syncFolder(of: target)
        try Files.syncFolder(of: source)
    }

    public func recovered() throws -> [Identifier<Image>] {
        try Files.names(in: folders.recovered).compactMap(Self.id)
    }

    /// Regular files below `recovered/` that are named after an image and have an original's ending,
    /// as absolute paths. Sizes that were moved aside with a whole data folder are left out.
    public func visitRecovered(_ body: (String) throws -> Void) throws {
        try visitOriginals(below: folders.recovered, body)
    }

    private func visitOriginals(below folder: String, _ body: (String) throws -> Void) throws {
        for name in try Files.names(in: folder).sorted() {
            let path = "\(folder)/\(name)"
            guard let status = try Files.status(path) else { continue }
            switch status.st_mode & S_IFMT {
            case S_IFDIR where name != "media" && name != "public":
                try visitOriginals(below: path, body)
            case S_IFREG where Self.isOriginal(name): try body(path)
            default: break
            }
        }
    }

    private static func isOriginal(_ name: String) -> Bool {
        let parts = name.split(separator: ".", omittingEmptySubsequences: false)
        return parts.count == 2 && Identifier<Image>(String(parts[0])) != nil
            && ImageFormat.allCases.contains { $0.fileExtension == parts[1] }
    }

    private func recoveredPath(_ id: Identifier<Image>, _ format: ImageFormat) -> String {
        "\(folders.recovered)/\(id).\(format.fileExtension)"
    }

    public func hasOriginals() throws -> Bool {
        try DataFolders.shards.contains { shard in
            try Files.names(in: "\(folders.originals)/\(shard)").contains {
                Self.id(fileName: $0) != nil
            }
        }
    }

    /// In whatever format it is there. Never over another file.
    private func move(
        _ id: Identifier<Image>,
        _ target: (Identifier<Image>, ImageFormat) -> String,
        from source: (Identifier<Image>, ImageFormat) -> String
    ) throws -> Bool {
        var isMoved = false
        for format in ImageFormat.allCases {
            let (old, new) = (source(id, format), target(id, format))
            guard try Files.status(old) != nil, try Files.status(new) == nil else { continue }
            do { try Files.move(old, to: new) } catch let error as SystemError {
                guard error.code == ENOENT else { throw error }
                continue
            }
            try Files.syncFolder(of: new)
            try Files.syncFolder(of: old)
            isMoved = true
        }
        return isMoved
    }
}
