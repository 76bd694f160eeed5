import Foundation
import Media
import Model
import Operations
import Text

/// Originals under the names that people gave them.
package final class Exporting {
    package private(set) var copied = 0
    package private(set) var known = 0

    private let media: any MediaStore
    private let folder: String

    package init(_ accounts: Accounts, to folder: String) throws {
        media = MediaEngine.open(accounts.configuration.folders)
        self.folder = URL(fileURLWithPath: folder).standardizedFileURL.path
        try FileManager.default.createDirectory(
            atPath: self.folder, withIntermediateDirectories: true)
    }

    /// False when its original is not there.
    package func copy(_ image: Image) throws -> Bool {
        try media.withOriginal(image.id, image.format) { try copy(image, from: $0) }
    }

    private func copy(_ image: Image, from source: String) throws -> Bool {
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
        throw Unusable("\(folder) has other files named \(names(for: image)[1]).")
    }

    /// The second one is nobody else's.
    private func names(for image: Image) -> [String] {
        let name = ExportName.safe(image.originalName)
        let (stem, ending) = FileName.parts(of: name)
        let end = ending ?? image.format.fileExtension
        // The id and the dots take 38 bytes of the longest name.
        let short = stem.prefix(bytes: FileName.longest - 38 - end.utf8.count)
        return [name, "\(short)-\(image.id).\(end)"]
    }
}
