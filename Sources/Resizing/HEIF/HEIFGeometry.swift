import Model

/// Checks, before decoding, that every pixel of a HEIC image will be written. libheif 1.15.1
/// assembles a grid from its tiles regardless of their real sizes, and shows uninitialized memory where they
/// leave holes. It reads alpha with the size of the colour image, even if the alpha image is smaller.
struct HEIFGeometry: ~Copyable {
    /// How deep images may be nested in images. Real files have two levels.
    private static let depth = 4

    private var file: HEIFFile
    private let limits: RenderLimits
    private var shapes: [Int: Shape] = [:]

    /// The pixels that a decoder produces from an item, before rotation and cropping.
    private struct Shape {
        var pixels: PixelSize
        let depth: Int
    }

    /// Refuses an image that has pixels which would not be written. Also refuses streams that decode to far
    /// more pixels than the file claims, because the other checks compare only the claimed size with the
    /// limits. Returns what decides how much memory decoding needs; nil if that is not known before.
    static func checkCoverage(
        in path: String, within limits: RenderLimits
    ) throws(RenderError) -> HEIFDecoding? {
        do {
            return try check(path, limits)
        } catch let error as MalformedHEIF {
            throw RenderError(reading: CodecError(message: "\(path): \(error.message)"))
        } catch {
            throw .unreadable("\(error)")
        }
    }

    private static func check(_ path: String, _ limits: RenderLimits) throws -> HEIFDecoding? {
        var geometry = HEIFGeometry(file: try HEIFFile(opening: path), limits)
        let primary = try geometry.file.item(geometry.file.primary)
        // libheif does not list such images, so libvips would show the first image that is listed.
        guard primary.references["thmb"] == nil, primary.references["auxl"] == nil else {
            throw MalformedHEIF("the primary image is another one's thumbnail or part")
        }
        // For a single coded image, libvips itself compares the claimed size with the decoded one. The
        // decoder handles layered images, whose streams have several sizes.
        guard !primary.isCoded || geometry.isJoined(primary) else {
            return try geometry.decoding(of: primary)
        }
        let shape = try geometry.shape(of: primary, within: [])
        guard let coded = geometry.file.largest else { return nil }
        return HEIFDecoding(
            format: .heic, area: shape.pixels.area, coded: coded,
            hasAlpha: geometry.hasAlpha, isJoined: !primary.isCoded,
            fileBytes: geometry.file.bytes)
    }

    /// For a single coded image.
    private mutating func decoding(of item: HEIFItem) throws -> HEIFDecoding? {
        let shapes = try CodedImage.shapes(item, data: try file.data(of: item))
        for shape in shapes { try shape.check(limits) }
        guard let coded = shapes.max(by: { $0.decoded.area < $1.decoded.area }) else { return nil }
        return HEIFDecoding(
            format: .heic, area: coded.decoded.area, coded: coded, hasAlpha: false,
            isJoined: false, fileBytes: file.bytes)
    }

    /// Whether any image in the file has alpha: in a grid, each tile may have its own.
    private var hasAlpha: Bool { shapes.keys.contains { !file.alphas(of: $0).isEmpty } }

    private init(file: consuming HEIFFile, _ limits: RenderLimits) {
        self.file = file
        self.limits = limits
    }

    private func isJoined(_ item: HEIFItem) -> Bool { !file.alphas(of: item.number).isEmpty }

    /// - Parameter path: the items that this one is part of.
    private mutating func shape(of item: HEIFItem, within path: [Int]) throws -> Shape {
        guard path.count < Self.depth, !path.contains(item.number) else {
            throw MalformedHEIF("images within images, too deep")
        }
        if let known = shapes[item.number] { return known }
        let path = path + [item.number]
        let shape: Shape
        switch item.kind {
        case "hvc1": shape = try codedShape(of: item)
        case "grid": shape = try gridShape(of: item, within: path)
        case "iden":
            let child = try child(of: item)
            let inner = try self.shape(of: child, within: path)
            guard !child.transforms.contains(where: \.isCrop) else {
                throw MalformedHEIF("a crop within an image")
            }
            shape = Shape(pixels: inner.pixels.turned(by: child.transforms), depth: inner.depth)
        case "iovl":
            // The canvas is first filled with one colour, so the parts need not cover it.
            let parts = item.references["dimg"] ?? []
            for number in parts {
                _ = try self.shape(of: try file.item(number), within: path)
            }
            let canvas = try HEIFCanvas(try file.data(of: item), parts: parts.count)
            guard canvas.pixels == (try item.claimedSize()) else {
                throw MalformedHEIF("an overlay claims another size than it has")
            }
            shape = Shape(pixels: canvas.pixels, depth: 8)
        default: throw MalformedHEIF("an image of kind \(item.kind)")
        }
        for number in file.alphas(of: item.number) {
            let alpha = try file.item(number)
            guard try isSeen(alpha, with: item) else { continue }
            try check(alpha, self.shape(of: alpha, within: path), fits: item, shape)
        }
        shapes[item.number] = shape
        return shape
    }

    private mutating func codedShape(of item: HEIFItem) throws -> Shape {
        let claimed = try item.claimedSize()
        let coded = try file.codedImage(item)
        try coded.check(limits)
        guard coded.pixels == claimed else {
            throw MalformedHEIF(
                "item \(item.number) claims \(claimed) and is \(coded.pixels)")
        }
        return Shape(pixels: claimed, depth: coded.depth)
    }

    /// ISO/IEC 23008-12, 6.6.2.3: tiles of one size, in rows. The last ones reach the right and lower edge or
    /// beyond, but begin before it.
    private mutating func gridShape(of item: HEIFItem, within path: [Int]) throws -> Shape {
        let grid = try HEIFGrid(try file.data(of: item))
        guard grid.pixels == (try item.claimedSize()) else {
            throw MalformedHEIF("a grid claims another size than it has")
        }
        let tiles = item.references["dimg"] ?? []
        guard tiles.count == grid.rows * grid.columns else {
            throw MalformedHEIF("a grid of \(grid.rows) x \(grid.columns) has \(tiles.count) tiles")
        }
        var first: Shape?
        var checked: Set<Int> = []
        for number in tiles where checked.insert(number).inserted {
            let tile = try file.item(number)
            guard tile.isCoded, tile.transforms.isEmpty else {
                throw MalformedHEIF("tile \(number) is turned, cropped or made of others")
            }
            let shape = try shape(of: tile, within: path)
            guard first.map({ $0.pixels == shape.pixels && $0.depth == shape.depth }) ?? true else {
                throw MalformedHEIF("tiles of several shapes")
            }
            first = shape
        }
        guard let first, grid.isCovered(by: first.pixels) else {
            throw MalformedHEIF("a grid with holes")
        }
        return Shape(pixels: grid.pixels, depth: first.depth)
    }

    private func child(of item: HEIFItem) throws(MalformedHEIF) -> HEIFItem {
        guard let children = item.references["dimg"], children.count == 1 else {
            throw MalformedHEIF("item \(item.number) is not made of one other")
        }
        return try file.item(children[0])
    }

    /// libheif ignores alpha if its size, as libheif computes it, differs.
    private func isSeen(_ alpha: HEIFItem, with item: HEIFItem) throws(MalformedHEIF) -> Bool {
        try alpha.sizeForLibheif() == item.sizeForLibheif()
    }

    private func check(
        _ alpha: HEIFItem, _ shape: Shape, fits item: HEIFItem, _ colours: Shape
    ) throws(MalformedHEIF) {
        let isCropped = (alpha.transforms + item.transforms).contains(where: \.isCrop)
        let isAlike =
            alpha.transforms == item.transforms
            ? shape.pixels == colours.pixels
            : !isCropped
                && shape.pixels.turned(by: alpha.transforms)
                    == colours.pixels.turned(by: item.transforms)
        guard isAlike, shape.depth == colours.depth else {
            throw MalformedHEIF("alpha \(alpha.number) does not fit item \(item.number)")
        }
    }
}

/// The data of a grid item (ISO/IEC 23008-12, 6.6.2.3.2).
private struct HEIFGrid {
    let rows: Int
    let columns: Int
    let pixels: PixelSize

    init(_ data: [UInt8]) throws(MalformedHEIF) {
        var reader = BoxReader(data)
        guard try reader.byte() == 0 else { throw MalformedHEIF("a grid of another version") }
        let size = try reader.byte() & 1 == 1 ? 4 : 2
        rows = try reader.byte() + 1
        columns = try reader.byte() + 1
        pixels = PixelSize(width: try reader.number(size), height: try reader.number(size))
    }

    func isCovered(by tile: PixelSize) -> Bool {
        pixels.width <= columns * tile.width && pixels.width > (columns - 1) * tile.width
            && pixels.height <= rows * tile.height && pixels.height > (rows - 1) * tile.height
    }
}

/// The data of an overlay item (ISO/IEC 23008-12, 6.6.2.2.2).
private struct HEIFCanvas {
    let pixels: PixelSize

    /// Refuses a part that begins outside of the canvas: libheif then reads outside of that part's pixels.
    init(_ data: [UInt8], parts: Int) throws(MalformedHEIF) {
        var reader = BoxReader(data)
        guard try reader.byte() == 0 else { throw MalformedHEIF("an overlay of another version") }
        let size = try reader.byte() & 1 == 1 ? 4 : 2
        try reader.skip(8)
        pixels = PixelSize(width: try reader.number(size), height: try reader.number(size))
        for _ in 0..<parts {
            // A number above half of the range of its bytes is negative.
            let (left, top) = (try reader.number(size), try reader.number(size))
            let end = 1 << (8 * size - 1)
            guard left < min(pixels.width, end), top < min(pixels.height, end) else {
                throw MalformedHEIF("a part of an overlay begins outside of it")
            }
        }
    }
}

extension HEIFItem {
    /// As in HeifContext::interpret_heif_file: the last claimed size, or the size of a crop, regardless of
    /// what it is cropped from. Crops and turns before the claimed size are ignored. Nil without a claimed
    /// size.
    fileprivate func sizeForLibheif() throws(MalformedHEIF) -> PixelSize? {
        var size: PixelSize?
        for property in properties {
            switch property {
            case .size(let claimed): size = claimed
            case .crop(let numbers) where size != nil:
                // Width, height and the offsets, each followed by its denominator.
                // libheif halves larger numbers until they fit, and rounds them.
                guard numbers.prefix(4).allSatisfy({ (1...0x10000).contains($0) }) else {
                    throw MalformedHEIF("a crop in unusual numbers")
                }
                size = PixelSize(
                    width: (numbers[0] + numbers[1] / 2) / numbers[1],
                    height: (numbers[2] + numbers[3] / 2) / numbers[3])
            case .turn(let quarters) where quarters % 2 == 1: size = size?.turned
            default: break
            }
        }
        return size
    }
}

extension PixelSize {
    /// Rotated by the sum of the quarter turns.
    fileprivate func turned(by transforms: [HEIFProperty]) -> PixelSize {
        let quarters = transforms.reduce(0) { sum, transform in
            if case .turn(let quarters) = transform { sum + quarters } else { sum }
        }
        return quarters % 2 == 0 ? self : turned
    }
}
