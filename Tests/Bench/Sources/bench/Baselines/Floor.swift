import Foundation
import Support

/// The least that a program needs that resizes in RGB: djpeg decodes a photo once, and cjpeg encodes each size.
/// Nothing is resized.
enum Floor {
    static let name = "djpeg once, cjpeg four times"

    /// - Parameter made: the folder of the photo's four sizes.
    static func milliseconds(
        _ photo: String, _ made: String, in folder: TemporaryFolder
    ) throws -> Double {
        let pixels = try pixels(of: made, in: folder)
        return try processorMilliseconds { try run(photo, pixels, in: folder) }
    }

    /// Decodes the sizes, which does not count.
    static func pixels(of made: String, in folder: TemporaryFolder) throws -> [String] {
        try TemporaryFolder.files(below: made).map { size in
            let path = folder.file("floor-\(size).ppm")
            try Shell.check("djpeg", ["-outfile", path, "\(made)/\(size)"])
            return path
        }
    }

    static func run(_ photo: String, _ pixels: [String], in folder: TemporaryFolder) throws {
        try Shell.check("djpeg", ["-outfile", folder.file("floor.ppm"), photo])
        for path in pixels {
            try Shell.check(
                "cjpeg", ["-quality", "80", "-outfile", folder.file("floor.jpg"), path])
        }
    }
}
