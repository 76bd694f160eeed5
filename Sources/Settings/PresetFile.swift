import Foundation
import Model
import Text

/// A preset file, in JSON:
///
///     {
///       "sizes": [
///         {"name": "thumbnail", "width": 150, "height": 150},
///         {"name": "hero", "width": 1600, "height": 600, "fit": "cover", "format": "webp",
///          "quality": 82}
///       ],
///       "encoders": {"jpeg": {"quality": 80}, "webp": {"quality": 80, "effort": 2}}
///     }
///
/// `fit`, `format` and `quality` may be omitted, and so may each encoder and each of its settings: then
/// the upload, the original and the default preset decide. An unknown member is an error, because it is
/// most likely misspelled.
public enum PresetFile {
    /// The preset's sizes are sorted, smallest box first. Throws `ConfigurationError`.
    public static func read(_ path: String) throws -> Preset {
        guard let text = FileManager.default.contents(atPath: path) else {
            throw ConfigurationError(
                "\(path) does not exist or cannot be read (\(EnvironmentFile.readFailure(path))).")
        }
        do {
            return try preset(from: text)
        } catch {
            throw ConfigurationError("\(path): \(error.description)")
        }
    }

    static func preset(from text: Data) throws(ConfigurationError) -> Preset {
        do {
            let file = try JSONDecoder().decode(File.self, from: text)
            let inOrder = file.sizes.sorted { $0.width * $0.height < $1.width * $1.height }
            return Preset(sizes: inOrder.map(\.size), encoding: file.encoders.encoding)
        } catch let error as ConfigurationError {
            throw error
        } catch let error as DecodingError {
            throw ConfigurationError(error, in: text)
        } catch {
            throw ConfigurationError("\(error)")
        }
    }

    /// The complete preset file of this preset, with one size per line. Names need no escapes.
    public static func text(_ preset: Preset) -> String {
        let sizes = preset.sizes.map { size in
            var members = [
                #""name": "\#(size.name)""#, #""width": \#(size.box.width)"#,
                #""height": \#(size.box.height)"#,
            ]
            if let fit = size.fit { members.append(#""fit": "\#(fit.rawValue)""#) }
            if let format = size.format { members.append(#""format": "\#(format.rawValue)""#) }
            if let quality = size.quality { members.append(#""quality": \#(quality)"#) }
            return "    {" + members.joined(separator: ", ") + "}"
        }
        let encoding = preset.encoding
        return """
            {
              "sizes": [
            \(sizes.joined(separator: ",\n"))
              ],
              "encoders": {
                "jpeg": {"quality": \(encoding.jpegQuality)},
                "png": {"compression": \(encoding.pngCompression)},
                "webp": {"quality": \(encoding.webpQuality), "effort": \(encoding.webpEffort)},
                "gif": {"effort": \(encoding.gifEffort)},
                "avif": {"quality": \(encoding.avifQuality), "effort": \(encoding.avifEffort)}
              }
            }
            """
    }

    /// An image is decoded once for all sizes, but each size costs an encoding and a file.
    static let mostSizes = 32
    /// The longest side that WebP supports (RFC 9649, section 2.5).
    static let longestSide = 16_383
}

private struct File: Decodable {
    enum CodingKeys: CodingKey, CaseIterable { case sizes, encoders }

    let sizes: [Entry]
    let encoders: Encoders

    init(from decoder: any Decoder) throws {
        let fields = try StrictFields(decoder, CodingKeys.self)
        sizes = try fields.container.decode([Entry].self, forKey: .sizes)
        encoders =
            try fields.container.decodeIfPresent(Encoders.self, forKey: .encoders)
            ?? Encoders()
        let names = sizes.map(\.name)
        guard (1...PresetFile.mostSizes).contains(sizes.count) else {
            throw fields.fieldError(.sizes, "must have 1 to \(PresetFile.mostSizes) entries")
        }
        var known: Set<String> = []
        for name in names where !known.insert(name).inserted {
            throw fields.fieldError(.sizes, "has two entries named \"\(name)\"")
        }
        guard names.contains("thumbnail") else {
            throw fields.fieldError(
                .sizes, "must have an entry named \"thumbnail\", which lists of images show")
        }
    }
}

private struct Entry: Decodable {
    enum CodingKeys: CodingKey, CaseIterable { case name, width, height, fit, format, quality }

    let name: String
    let width: Int
    let height: Int
    let fit: Fit?
    let format: ImageFormat?
    let quality: Int?

    init(from decoder: any Decoder) throws {
        let fields = try StrictFields(decoder, CodingKeys.self)
        name = try fields.container.decode(String.self, forKey: .name)
        // The names that nginx's media.conf accepts in addresses.
        let letters = "abcdefghijklmnopqrstuvwxyz"
        guard (1...32).contains(name.utf8.count), name.isMade(of: letters + "0123456789_-"),
            Substring(name.utf8.prefix(1)).isMade(of: letters), !name.isSame(as: "original")
        else {
            throw fields.valueError(
                .name,
                "must be 1 to 32 characters of a-z, 0-9, - and _, begin with a letter, and not be "
                    + "\"original\"")
        }
        width = try fields.number(.width, in: 1...PresetFile.longestSide)
        height = try fields.number(.height, in: 1...PresetFile.longestSide)
        fit = try fields.choice(.fit, among: Fit.allCases)
        // Not HEIC: browsers do not show it.
        format = try fields.choice(.format, among: [.jpeg, .png, .webp, .gif, .avif])
        quality = try fields.has(.quality) ? fields.number(.quality, in: 1...100) : nil
        if quality != nil, let format, [.png, .gif].contains(format) {
            throw fields.fieldError(
                .quality, "is not allowed: \(format.rawValue) has no quality setting")
        }
    }

    var size: Preset.Size {
        Preset.Size(
            name: name, box: PixelSize(width: width, height: height), fit: fit, format: format,
            quality: quality)
    }
}

private struct Encoders: Decodable {
    enum CodingKeys: CodingKey, CaseIterable { case jpeg, png, webp, gif, avif }
    enum Settings: CodingKey, CaseIterable { case quality, effort, compression }

    var encoding = Preset.Encoding()

    init() {}

    init(from decoder: any Decoder) throws {
        let encoders = try StrictFields(decoder, CodingKeys.self)
        func read(
            _ encoder: CodingKeys,
            _ known: [(
                Settings, WritableKeyPath<Preset.Encoding, Int>, ClosedRange<Int>
            )]
        ) throws {
            guard encoders.has(encoder) else { return }
            let given = try StrictFields(
                encoders.container.superDecoder(forKey: encoder), Settings.self,
                only: known.map(\.0))
            for (setting, path, range) in known where given.has(setting) {
                encoding[keyPath: path] = try given.number(setting, in: range)
            }
        }
        try read(.jpeg, [(.quality, \.jpegQuality, 1...100)])
        try read(.png, [(.compression, \.pngCompression, 0...9)])
        try read(.webp, [(.quality, \.webpQuality, 1...100), (.effort, \.webpEffort, 0...6)])
        try read(.gif, [(.effort, \.gifEffort, 1...10)])
        try read(.avif, [(.quality, \.avifQuality, 1...100), (.effort, \.avifEffort, 0...9)])
    }
}
