import Catalog
import Foundation
import Media
import SQLiteCatalog

/// Originals under the names that people gave them.
final class Exporting {
    private(set) var copied = 0
    private(set) var known = 0

    private let media: DiskMedia
    private let folder: String

    init(_ accounts: Accounts, to folder: String) throws {
        media = DiskMedia(accounts.configuration.folders)
        self.folder = URL(fileURLWithPath: folder).standardizedFileURL.path
        try FileManager.default.createDirectory(
            atPath: self.folder, withIntermediateDirectories: true)
    }

    /// False when its original is not there.
    func copy(_ image: Image) throws -> Bool {
        let source = media.paths.original(image.id, image.format)
        guard let digest = try CheckedCopy.digest(of: source) else { return false }
        for name in names(for: image) {
            let target = "\(folder)/\(name)"
            switch try CheckedCopy.digest(of: target) {
            case digest: known += 1
            case nil:
                let part = "\(folder)/.part-\(image.id)"
                guard
                    case .copied = try CheckedCopy.copy(
                        source, to: target, through: part, digest: digest)
                else { return false }
                copied += 1
            default: continue
            }
            return true
        }
        throw Failure("\(folder) has other files named \(names(for: image)[1]).")
    }

    /// The second one is nobody else's.
    private func names(for image: Image) -> [String] {
        let name = URL(fileURLWithPath: "/" + image.originalName)
        let (stem, dot) = (name.deletingPathExtension().lastPathComponent, name.pathExtension)
        // An ending of more letters than any format has is a part of somebody's sentence.
        let end = dot.isEmpty || dot.utf8.count > 16 ? image.format.fileExtension : dot
        // 255 bytes is the longest name; the id and the dots take 38 of them.
        var short = stem
        while !short.isEmpty, short.utf8.count + end.utf8.count > 216 { short.removeLast() }
        return [image.originalName, "\(short)-\(image.id).\(end)"]
    }
}
