import Foundation
import Media
import Model
import Operations
import Text

/// Copies originals to a folder, under the names they were uploaded with.
package final class PhotoExport {
    package private(set) var copied = 0
    package private(set) var known = 0

    private let media: any MediaStore
    private let folder: String

    package init(_ accounts: Accounts, to folder: String) throws {
        media = MediaEngine.open(accounts.configuration.folders)
        self.folder = URL(fileURLWithPath: folder).standardizedFileURL.path
        try ChosenFolder.make(self.folder)
    }

    /// Copies an image's original, unless the folder has it already. False if the original is missing or
    /// damaged.
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
        throw ConfigurationError(
            "\(folder)/\(names(for: image)[1]) already exists and is another file. Move it away, "
                + "or export to another folder.")
    }

    /// The image's own name and, if another file has that name, a unique one with the id.
    private func names(for image: Image) -> [String] {
        let name = ExportName.safe(image.originalName)
        let (stem, ending) = FileName.parts(of: name)
        let end = ending ?? image.format.fileExtension
        // The id, the hyphen and the dot have 38 bytes.
        let short = stem.prefix(bytes: FileName.longest - 38 - end.utf8.count)
        return [name, "\(short)-\(image.id).\(end)"]
    }
}
