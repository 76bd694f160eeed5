extension AVIFContainer {
    /// Whether the primary image is assembled from tiles. False if the file cannot be read.
    var isGrid: Bool { meta.flatMap { $0.items[$0.primary]?.kind } == "grid" }

    /// The largest area that a tile of the primary image claims, or of its alpha. Nil if it has no tiles.
    var tileArea: Int? {
        guard let meta, isGrid else { return nil }
        let grids = [meta.primary] + (meta.alphas[meta.primary] ?? [])
        let tiles = grids.flatMap { meta.items[$0]?.references["dimg"] ?? [] }
        return tiles.compactMap { try? meta.items[$0]?.claimedSize().area }.max()
    }

    /// How bright the primary image becomes, in cd/m²; 0 if the file does not state that.
    var brightest: Int {
        guard let meta, let primary = meta.items[meta.primary] else { return 0 }
        for case .lightLevel(let level) in primary.properties { return level }
        return 0
    }

    /// The same file with the alpha of each tile instead of its colours, if each tile of the primary grid has
    /// its own alpha and the grid has none. libavif 0.11 would ignore that alpha.
    func withAlphaOfTiles() -> [UInt8]? {
        guard let meta, let grid = meta.items[meta.primary], grid.kind == "grid",
            meta.alphas[grid.number] == nil, let tiles = grid.references["dimg"], !tiles.isEmpty
        else { return nil }
        var copy = self
        let alphas = tiles.compactMap { meta.alphas[$0]?.first }
        guard alphas.count == tiles.count,
            let list = copy.tileList(of: grid.number), list.count % alphas.count == 0
        else { return nil }
        let size = list.count / alphas.count
        copy.bytes.replaceSubrange(list, with: alphas.flatMap { Self.bigEndian($0, size) })
        return copy.bytes
    }

    private var meta: HEIFMeta? {
        var copy = self
        guard let box = copy.boxes(in: 0..<bytes.count).first(where: { $0.kind == "meta" }) else {
            return nil
        }
        return try? HEIFMeta(BoxReader(bytes[box.content]))
    }

    /// Where the numbers of an item's tiles are.
    private mutating func tileList(of item: Int) -> Range<Int>? {
        guard let meta = boxes(in: 0..<bytes.count).first(where: { $0.kind == "meta" }),
            let iref = boxes(in: meta.content.dropFirst(4)).first(where: { $0.kind == "iref" }),
            let version = bytes[iref.content].first
        else { return nil }
        let size = version == 0 ? 2 : 4
        for list in boxes(in: iref.content.dropFirst(4)) where list.kind == "dimg" {
            var reader = BoxReader(bytes[list.content])
            guard (try? reader.number(size)) == item, (try? reader.skip(2)) != nil else { continue }
            return list.content.upperBound - reader.left..<list.content.upperBound
        }
        return nil
    }
}
