import Model
import Support

@testable import Resizing

/// Builds valid and invalid HEIC and AVIF files. All data is in the meta box.
struct HEIFMaker {
    struct Item {
        var kind: String
        var properties: [[UInt8]]
        var data: [UInt8] = []
        var references: [(kind: String, to: [Int])] = []
    }

    let format: ImageFormat
    /// A coded image of `side` x `side` pixels, as libvips writes it.
    let coded: Item
    let side: Int

    init(_ format: ImageFormat, side: Int, in folder: TemporaryFolder) throws {
        self.format = format
        self.side = side
        let source = try Photos.pixels(width: side, height: side, in: folder)
        let path = folder.file("coded-\(side).\(format.rawValue)")
        let compression = format == .heic ? "hevc" : "av1"
        try Photos.vips([
            "heifsave", source, path, "--compression", compression, "--effort", "0", "--bitdepth",
            "8",
        ])
        var file = try HEIFFile(opening: path)
        let item = try file.item(file.primary)
        let setup = Self.box(item.kind == "hvc1" ? "hvcC" : "av1C", Array(try item.decoderSetup()))
        coded = Item(
            kind: item.kind, properties: [Self.size(side, side), setup],
            data: try file.data(of: item))
    }

    /// A grid of `rows` x `columns` copies of the coded image on a canvas of `width` x `height` pixels.
    func grid(
        rows: Int = 2, columns: Int = 2, _ width: Int, _ height: Int,
        change: (inout [Item]) -> Void = { _ in }
    ) -> [UInt8] {
        let grid = Item(
            kind: "grid", properties: [Self.size(width, height)],
            data: [0, 0, UInt8(rows - 1), UInt8(columns - 1)] + Self.number(width, 2)
                + Self.number(height, 2),
            references: [("dimg", Array(repeating: 2, count: rows * columns))])
        var items = [grid, coded]
        change(&items)
        return file(items)
    }

    /// Items are numbered from 1; the first is the primary one.
    func file(_ items: [Item]) -> [UInt8] {
        let brand = format == .heic ? "heic" : "avif"
        var (places, entries, associations, references, data):
            (
                [UInt8], [UInt8], [UInt8], [UInt8], [UInt8]
            ) = ([], [], [], [], [])
        var properties: [[UInt8]] = []
        for (index, item) in items.enumerated() {
            let number = Self.number(index + 1, 2)
            places += number + [0, 1, 0, 0, 0, 1] + Self.number(data.count, 4)
            places += Self.number(item.data.count, 4)
            data += item.data
            entries += Self.full("infe", 2, number + [0, 0] + Array(item.kind.utf8) + [0])
            associations += number + [UInt8(item.properties.count)]
            for property in item.properties {
                properties.append(property)
                associations.append(UInt8(properties.count))
            }
            for (kind, to) in item.references {
                references += Self.box(
                    kind, number + Self.number(to.count, 2) + to.flatMap { Self.number($0, 2) })
            }
        }
        let count = Self.number(items.count, 2)
        let meta =
            Self.full(
                "hdlr", 0, [0, 0, 0, 0] + Array("pict".utf8) + Array(repeating: 0, count: 13))
            + Self.full("pitm", 0, [0, 1]) + Self.full("iloc", 1, [0x44, 0] + count + places)
            + Self.full("iinf", 0, count + entries)
            + Self.box(
                "iprp",
                Self.box("ipco", properties.flatMap { $0 })
                    + Self.full("ipma", 0, Self.number(items.count, 4) + associations))
            + Self.full("iref", 0, references) + Self.box("idat", data)
        return Self.box("ftyp", Array("\(brand)\0\0\0\0mif1\(brand)miaf".utf8))
            + Self.full("meta", 0, meta)
    }

    static func size(_ width: Int, _ height: Int) -> [UInt8] {
        full("ispe", 0, number(width, 4) + number(height, 4))
    }

    static let isAlpha = full(
        "auxC", 0, Array("urn:mpeg:mpegB:cicp:systems:auxiliary:alpha\0".utf8))

    static func turn(_ quarters: UInt8) -> [UInt8] { box("irot", [quarters]) }

    static func box(_ kind: String, _ content: [UInt8]) -> [UInt8] {
        number(content.count + 8, 4) + Array(kind.utf8) + content
    }

    static func full(_ kind: String, _ version: UInt8, _ content: [UInt8]) -> [UInt8] {
        box(kind, [version, 0, 0, 0] + content)
    }

    static func number(_ value: Int, _ count: Int) -> [UInt8] {
        (0..<count).reversed().map { UInt8(truncatingIfNeeded: value >> (8 * $0)) }
    }
}
