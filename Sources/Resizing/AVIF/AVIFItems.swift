/// The items of an AVIF file, as far as libavif does not state them.
struct AVIFItems {
    private let container: AVIFContainer
    private let meta: HEIFMeta
    private let primary: HEIFItem

    /// Nil if they cannot be read, or if there is no primary item.
    init?(_ container: AVIFContainer) {
        var copy = container
        guard let box = copy.boxes(in: 0..<copy.bytes.count).first(where: { $0.kind == "meta" }),
            let meta = try? HEIFMeta(BoxReader(copy.bytes[box.content])),
            let primary = meta.items[meta.primary]
        else { return nil }
        (self.container, self.meta, self.primary) = (container, meta, primary)
    }

    /// Whether the primary image is assembled from tiles.
    var isGrid: Bool { primary.kind == "grid" }

    /// Whether the primary image is intact, but of a kind that libavif does not decode, such as an overlay.
    var isOfOtherKind: Bool { !["grid", "av01"].contains(primary.kind) }

    /// The largest area that a tile of the primary image claims, or of its alpha. Nil if it has no tiles.
    var tileArea: Int? {
        guard isGrid else { return nil }
        let grids = [primary.number] + (meta.alphas[primary.number] ?? [])
        return grids.flatMap { meta.items[$0]?.references["dimg"] ?? [] }
            .compactMap { meta.items[$0] }
            .filter { $0.kind == "av01" }
            .compactMap { try? $0.claimedSize().area }
            .max()
    }

    /// How bright the primary image becomes, in cd/m²; 0 if the file does not state that.
    var brightest: Int {
        for case .lightLevel(let level) in primary.properties { return level }
        return 0
    }

    /// The same file with the alpha of each tile instead of its colours, if each tile of the primary grid has
    /// its own alpha and the grid has none. libavif 0.11 would ignore that alpha.
    func withAlphaOfTiles() -> [UInt8]? {
        guard isGrid, meta.alphas[primary.number] == nil,
            let tiles = primary.references["dimg"], !tiles.isEmpty
        else { return nil }
        let alphas = tiles.compactMap { meta.alphas[$0]?.first }
        guard alphas.count == tiles.count, let list = tileList, list.count % alphas.count == 0
        else { return nil }
        let size = list.count / alphas.count
        var bytes = container.bytes
        bytes.replaceSubrange(
            list, with: alphas.flatMap { AVIFContainer.bigEndian($0, size) })
        return bytes
    }

    /// Where the numbers of the primary image's tiles are.
    private var tileList: Range<Int>? {
        var container = container
        guard
            let meta = container.boxes(in: 0..<container.bytes.count)
                .first(where: { $0.kind == "meta" }),
            let iref = container.boxes(in: meta.content.dropFirst(4))
                .first(where: { $0.kind == "iref" }),
            let version = container.bytes[iref.content].first
        else { return nil }
        let size = version == 0 ? 2 : 4
        for list in container.boxes(in: iref.content.dropFirst(4)) where list.kind == "dimg" {
            var reader = BoxReader(container.bytes[list.content])
            guard (try? reader.number(size)) == primary.number, (try? reader.skip(2)) != nil else {
                continue
            }
            return list.content.upperBound - reader.left..<list.content.upperBound
        }
        return nil
    }
}
