import Glibc
import Media
import Model
import Processes
import Settings

/// `recovered/`: originals without a row. They are moved there by rename, and only the operator, or
/// `multires images recover`, removes them.
extension DiskMedia {
    public func moveToRecovered(_ id: Identifier<Image>) throws -> Bool {
        try Files.makeFolder(folders.recovered)
        return try move(id, { recoveredPath($0, $1) }, from: { paths.original($0, $1) })
    }

    @discardableResult
    public func restoreOriginal(_ id: Identifier<Image>) throws -> Bool {
        try move(id, { paths.original($0, $1) }, from: { recoveredPath($0, $1) })
    }

    public func resolveDuplicate(_ copy: Image, of earlier: Image) throws {
        guard try !hasWholeOriginal(earlier) else {
            // If this fails, a sweep removes the rest.
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

    /// Calls `body` with the absolute paths of regular files below `recovered/` that are named after an image
    /// and have an original's extension. Skips variants that were moved there with a whole data folder.
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

    /// Moves the original in each format in which it exists. Never replaces another file. Returns whether
    /// one was moved.
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
