import Foundation

/// JPEG files of every kind, made by libjpeg-turbo's cjpeg from a photograph.
public enum JPEGMaker {
    /// - Parameters:
    ///   - options: of cjpeg, such as `-sample 2x1,1x1,1x1`.
    ///   - orientation: EXIF's, only written if it is not 1.
    public static func file(
        _ width: Int, _ height: Int, _ options: String, orientation: Int = 1,
        in folder: TemporaryFolder
    ) throws -> String {
        let source = try Photos.pixels(width: width, height: height, in: folder)
        let plain = folder.file("\(UUID().uuidString).ppm")
        let path = folder.file("\(UUID().uuidString).jpg")
        try Photos.vips(["copy", source, plain])
        try Shell.check(
            "cjpeg", options.split(separator: " ").map(String.init) + ["-outfile", path, plain])
        if orientation != 1 { try Photos.tag(path, ["-Orientation#=\(orientation)"]) }
        return path
    }
}
