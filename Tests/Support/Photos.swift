import Foundation
import Model

/// Test images: photographs from Debian's package mate-backgrounds, and files that the commands of libvips
/// and exiftool make from them. Each call writes one file to `folder` and returns its path. The same call
/// gives the same bytes.
public enum Photos {
    /// 5640 x 3172, progressive, without a profile.
    public static let large = "/usr/share/backgrounds/mate/abstract/Elephants_5640x3172.jpg"
    /// 2560 x 1920, without a profile; quick to decode, and with colours that CMYK can represent.
    public static let small = "/usr/share/backgrounds/mate/nature/Wood.jpg"
    /// 2140 x 1200, RGBA, partly transparent.
    public static let transparent =
        "/usr/share/backgrounds/mate/abstract/Arc-Colors-Transparent-Wallpaper.png"

    /// - Parameters:
    ///   - width, height: as stored.
    ///   - orientation: EXIF's 1 to 8; the pixels are stored turned, so that they are upright in a viewer.
    ///   - gps: whether EXIF, XMP and IPTC contain a place and a photographer.
    public static func jpeg(
        width: Int, height: Int, orientation: Int = 1, gps: Bool = false,
        in folder: TemporaryFolder
    ) throws -> String {
        let name = "photo-\(width)x\(height)-\(orientation)\(gps ? "-gps" : "").jpg"
        return try PhotoCache.copy(of: name, in: folder) { path, scratch in
            let stored = try pixels(
                width: width, height: height, orientation: orientation, in: scratch)
            try vips(["jpegsave", stored, path, "--Q", "90", "--strip"])
            var tags: [String] = []
            if orientation != 1 { tags.append("-Orientation#=\(orientation)") }
            if gps { tags += privateTags }
            if !tags.isEmpty { try tag(path, tags) }
        }
    }

    /// Files with the same pixels but different bytes.
    public static func many(
        _ count: Int, width: Int, height: Int, in folder: TemporaryFolder
    ) throws -> [String] {
        let photo = try bytes(of: try jpeg(width: width, height: height, in: folder))
        return try (0..<count).map { number in
            // A comment segment (ITU-T T.81, B.2.4.5) after the start-of-image marker.
            let words = Array("photo \(number)".utf8)
            let comment = [0xFF, 0xFE, 0, UInt8(words.count + 2)] + words
            return try write(
                photo[..<2] + comment + photo[2...], to: folder.file("photo-\(number).jpg"))
        }
    }

    /// - Parameters:
    ///   - format: a file name extension that libvips knows.
    ///   - options: options of libvips' saver, such as `Q=50,interlace`.
    public static func converted(
        to format: String, width: Int, height: Int, options: String = "",
        in folder: TemporaryFolder
    ) throws -> String {
        let name = "photo-\(width)x\(height).\(format)"
        return try PhotoCache.copy(of: name, options, in: folder) { path, scratch in
            let stored = try pixels(width: width, height: height, in: scratch)
            try vips(["copy", stored, options.isEmpty ? path : "\(path)[\(options)]"])
        }
    }

    /// A JPEG with 1200 x 900 in its header that ends after half of its bytes.
    public static func truncatedJPEG(in folder: TemporaryFolder) throws -> String {
        let photo = try bytes(of: try jpeg(width: 1200, height: 900, in: folder))
        return try write(photo[..<(photo.count / 2)], to: folder.file("truncated.jpg"))
    }

    /// The photograph's middle as PNG.
    public static func pixels(
        width: Int, height: Int, orientation: Int = 1, in folder: TemporaryFolder
    ) throws -> String {
        let name = "pixels-\(width)x\(height)-\(orientation).png"
        return try PhotoCache.copy(of: name, in: folder) { path, scratch in
            let isTurned = orientation >= 5
            let steps = turns[orientation - 1]
            var made = steps.isEmpty ? path : scratch.file("upright-\(width)x\(height).png")
            let original = max(width, height) <= 1600 ? small : large
            try vips([
                "thumbnail", original, "\(made)[compression=1,strip]",
                "\(isTurned ? height : width)", "--height", "\(isTurned ? width : height)",
                "--crop", "centre",
            ])
            for (index, step) in steps.enumerated() {
                let next = index == steps.count - 1 ? path : scratch.file("turned-\(index).png")
                try vips([step[0], made, "\(next)[compression=1,strip]", step[1]])
                made = next
            }
        }
    }

    /// The inverse of the turn that each orientation asks for (JEITA CP-3451, tag 0x0112).
    private static let turns: [[[String]]] = [
        [],
        [["flip", "horizontal"]],
        [["rot", "d180"]],
        [["flip", "vertical"]],
        [["rot", "d90"], ["flip", "horizontal"]],
        [["rot", "d270"]],
        [["rot", "d90"], ["flip", "vertical"]],
        [["rot", "d90"]],
    ]

    /// exiftool's arguments for private data: a place, a name, a serial number.
    public static let privateTags = [
        "-GPSLatitude=48.2082", "-GPSLatitudeRef=N", "-GPSLongitude=16.3738",
        "-GPSLongitudeRef=E", "-EXIF:Artist=Erika Mustermann", "-EXIF:SerialNumber=4711",
        "-XMP:Creator=Erika Mustermann", "-IPTC:By-line=Erika Mustermann",
        "-XMP:GPSLatitude=48.2082", "-Comment=by Erika Mustermann",
    ]

    public static func size(of path: String) throws -> PixelSize {
        // "photo.jpg: 640x480 uchar, 3 bands, srgb, jpegload"
        let words = try run("vipsheader", [path]).text.split(separator: " ")
        let sides = words.count > 1 ? words[1].split(separator: "x").compactMap { Int($0) } : []
        guard sides.count == 2 else { throw NoPhoto(description: "\(path) has no size") }
        return PixelSize(width: sides[0], height: sides[1])
    }

    public static func tag(_ path: String, _ tags: [String]) throws {
        try run("exiftool", ["-q", "-m", "-overwrite_original"] + tags + [path])
    }

    public static func vips(_ arguments: [String]) throws {
        try run("vips", arguments)
    }

    public static func bytes(of path: String) throws -> [UInt8] {
        Array(try Data(contentsOf: URL(fileURLWithPath: path)))
    }

    public static func write(_ bytes: some Sequence<UInt8>, to path: String) throws -> String {
        try Data(bytes).write(to: URL(fileURLWithPath: path))
        return path
    }

    @discardableResult
    private static func run(_ program: String, _ arguments: [String]) throws -> Shell.Output {
        let output = try Shell.run(program, arguments)
        guard output.status == 0 else {
            throw NoPhoto(
                description: "\(program) \(arguments.joined(separator: " ")): \(output.errors)")
        }
        return output
    }
}

/// A test image could not be made. The tests need the packages mate-backgrounds, libvips-tools and
/// libimage-exiftool-perl.
public struct NoPhoto: Error, CustomStringConvertible {
    public let description: String
}
