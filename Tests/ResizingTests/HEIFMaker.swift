import Foundation
import Model
import Support

@testable import Resizing

/// Builds valid and invalid HEIC and AVIF files.
struct HEIFMaker {
    struct Item {
        var kind: String
        var properties: [[UInt8]]
        var data: [UInt8] = []
        var references: [(kind: String, to: [Int])] = []
    }

    /// How the same items are written.
    struct Layout {
        /// The numbers of the items in each list of properties (ipma). Nil means one list of all.
        var lists: [[Int]]?
        /// Whether the data is in a box after the meta box, and not in it.
        var isDataOutside = false
        /// Whether the last box of the file has the size 0, which means up to the end.
        var isLastOpen = false
        var brand: String?
        /// Boxes of the meta box that follow the others.
        var more: [UInt8] = []
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

    /// Items of a file that an encoder has made: the colours, and the alpha if there is any, with the
    /// properties that decide how they are decoded.
    ///
    /// - Parameter properties: more properties of both.
    static func items(
        of file: [UInt8], _ properties: [[UInt8]] = [], in folder: TemporaryFolder
    ) throws -> (colour: Item, alpha: Item?) {
        let path = try Photos.write(file, to: folder.file("items.avif"))
        defer { try? FileManager.default.removeItem(atPath: path) }
        var reader = try HEIFFile(opening: path)
        let colour = try reader.item(reader.primary)
        let alpha = try reader.alphas(of: colour.number).first.map { try reader.item($0) }
        let boxes = try MediaBoxes(file)
        func item(_ item: HEIFItem) throws -> Item {
            let pixels = try item.claimedSize()
            let nclx = boxes.all("colr").first.map { [box("colr", $0)] } ?? []
            return Item(
                kind: item.kind,
                properties: [
                    size(pixels.width, pixels.height),
                    box(
                        item.kind == "hvc1" ? "hvcC" : "av1C", Array(try item.decoderSetup())),
                ] + (item.number == colour.number ? nclx : []) + properties,
                data: try reader.data(of: item))
        }
        var alphaItem = try alpha.map(item)
        alphaItem?.properties.append(isAlpha)
        alphaItem?.references = [("auxl", [1])]
        return (try item(colour), alphaItem)
    }

    /// Writes items without an encoder.
    init(_ format: ImageFormat, _ coded: Item, side: Int) {
        (self.format, self.coded, self.side) = (format, coded, side)
    }

    /// A grid of `rows` x `columns` copies of the coded image on a canvas of `width` x `height` pixels. In a
    /// HEIC, all tiles are the same item; libavif needs an item for each tile.
    func grid(
        rows: Int = 2, columns: Int = 2, _ width: Int, _ height: Int,
        change: (inout [Item]) -> Void = { _ in }
    ) -> [UInt8] {
        let count = rows * columns
        let copies = format == .heic ? 1 : count
        let grid = Item(
            kind: "grid", properties: [Self.size(width, height)],
            data: [0, 0, UInt8(rows - 1), UInt8(columns - 1)] + Self.number(width, 2)
                + Self.number(height, 2),
            references: [("dimg", (0..<count).map { 2 + $0 % copies })])
        var items = [grid] + Array(repeating: coded, count: copies)
        change(&items)
        return file(items)
    }

    /// Items are numbered from 1; the first is the primary one.
    func file(_ items: [Item], _ layout: Layout = Layout()) -> [UInt8] {
        let data = items.flatMap(\.data)
        let known = layout.brand ?? (format == .heic ? "heic" : "avif")
        let type = Self.box("ftyp", Array("\(known)\0\0\0\0mif1\(known)miaf".utf8))
        guard layout.isDataOutside else {
            let meta = Self.meta(items, layout, [], Self.box("idat", data))
            return type + (layout.isLastOpen ? Self.open(meta) : meta)
        }
        // The length does not depend on the offsets.
        let length = Self.meta(items, layout, [0], []).count
        let meta = Self.meta(items, layout, [type.count + length + 8], [])
        let outside = Self.box("mdat", data)
        return type + meta + (layout.isLastOpen ? Self.open(outside) : outside)
    }

    private static func open(_ box: [UInt8]) -> [UInt8] { [0, 0, 0, 0] + box[4...] }

    /// - Parameter start: of the data in the file; empty if it is in the meta box.
    private static func meta(
        _ items: [Item], _ layout: Layout, _ start: [Int], _ data: [UInt8]
    ) -> [UInt8] {
        var (places, entries, references): ([UInt8], [UInt8], [UInt8]) = ([], [], [])
        var properties: [[UInt8]] = []
        var associations: [[UInt8]] = []
        var offset = start.first ?? 0
        for (index, item) in items.enumerated() {
            let number = Self.number(index + 1, 2)
            places += number + [0, start.isEmpty ? 1 : 0, 0, 0, 0, 1] + Self.number(offset, 4)
            places += Self.number(item.data.count, 4)
            offset += item.data.count
            entries += full("infe", 2, number + [0, 0] + Array(item.kind.utf8) + [0])
            let indices = item.properties.indices.map { UInt8(properties.count + 1 + $0) }
            properties += item.properties
            associations.append(number + [UInt8(indices.count)] + indices)
            for (kind, to) in item.references {
                references += box(
                    kind, number + Self.number(to.count, 2) + to.flatMap { Self.number($0, 2) })
            }
        }
        let count = Self.number(items.count, 2)
        let lists = (layout.lists ?? [Array(1...items.count)]).flatMap { list in
            full(
                "ipma", 0, Self.number(list.count, 4) + list.flatMap { associations[$0 - 1] })
        }
        let content =
            full("hdlr", 0, [0, 0, 0, 0] + Array("pict".utf8) + Array(repeating: 0, count: 13))
            + full("pitm", 0, [0, 1]) + full("iloc", 1, [0x44, 0] + count + places)
            + full("iinf", 0, count + entries)
            + box("iprp", box("ipco", properties.flatMap { $0 }) + lists)
            + full("iref", 0, references) + layout.more + data
        return full("meta", 0, content)
    }

    static func size(_ width: Int, _ height: Int) -> [UInt8] {
        full("ispe", 0, number(width, 4) + number(height, 4))
    }

    static let isAlpha = full(
        "auxC", 0, Array("urn:mpeg:mpegB:cicp:systems:auxiliary:alpha\0".utf8))

    static func turn(_ quarters: UInt8) -> [UInt8] { box("irot", [quarters]) }

    /// 0 exchanges top and bottom, 1 left and right.
    static func mirror(_ mode: UInt8) -> [UInt8] { box("imir", [mode]) }

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
