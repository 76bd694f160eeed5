/// The boxes of an AVIF file (ISO/IEC 14496-12, 4.2, and ISO/IEC 23008-12). libavif 0.11 refuses or misreads
/// some that browsers accept; `normalize` writes them in the way that it reads. The file keeps its length, so
/// no offset changes.
struct AVIFContainer {
    var bytes: [UInt8]

    struct Box {
        let kind: String
        let start: Int
        /// After the size and kind.
        let content: Range<Int>
    }

    init(_ bytes: [UInt8]) {
        self.bytes = bytes
    }

    /// - A last box of size 0, which means up to the end, gets its size.
    /// - Several lists of properties (ipma) of the same version and flags become one, in the order of items, and
    ///   essential properties are marked so.
    /// - The references (iref) come first, those of assembled images before the others: libavif 0.11 takes tiles
    ///   in the order in which a file first names them, and not in the order of the grid.
    /// - Tracks that are neither images nor their alpha, such as sound, are hidden.
    mutating func normalize() {
        hideOtherTracks()
        guard let meta = boxes(in: 0..<bytes.count).first(where: { $0.kind == "meta" }) else {
            return
        }
        let content = meta.content.dropFirst(4)  // Version and flags.
        var parts: [(kind: String, bytes: [UInt8])] = []
        for box in boxes(in: content) {
            let copy = Array(bytes[box.start..<box.content.upperBound])
            let isProperties = box.kind == "iprp"
            parts.append((box.kind, isProperties ? withOneList(box) ?? copy : copy))
        }
        if let index = parts.firstIndex(where: { $0.kind == "iref" }) {
            let references = parts.remove(at: index)
            // The kind of content (hdlr) must come first.
            let place = min(parts.count, parts.first?.kind == "hdlr" ? 1 : 0)
            parts.insert((references.kind, Self.withTilesFirst(references.bytes)), at: place)
        }
        var new = parts.flatMap(\.bytes)
        let free = content.count - new.count
        if free > 0 {
            guard free >= 8 else { return }
            new += Self.bigEndian(free, 4) + Array("free".utf8)
            new += [UInt8](repeating: 0, count: free - 8)
        }
        guard new.count == content.count else { return }
        bytes.replaceSubrange(content, with: new)
    }

    /// libavif 0.11 refuses a track without a size, and takes every auxiliary track for alpha.
    private mutating func hideOtherTracks() {
        guard let movie = boxes(in: 0..<bytes.count).first(where: { $0.kind == "moov" }) else {
            return
        }
        for track in boxes(in: movie.content) where track.kind == "trak" && !isSeen(track) {
            bytes.replaceSubrange(track.start + 4..<track.start + 8, with: "free".utf8)
        }
    }

    /// Whether a track has images, or their alpha (ISO/IEC 23008-12, 7.2.2 and 7.5.3).
    private mutating func isSeen(_ track: Box) -> Bool {
        guard let media = boxes(in: track.content).first(where: { $0.kind == "mdia" }),
            let handler = boxes(in: media.content).first(where: { $0.kind == "hdlr" })
        else { return true }
        switch String(decoding: bytes[handler.content].dropFirst(8).prefix(4), as: UTF8.self) {
        case "pict", "vide": return true
        case "auxv":
            // The name of its kind is in its sample description, which has about 300 bytes.
            var description = media
            for kind in ["minf", "stbl", "stsd"] {
                let inner = boxes(in: description.content).first { $0.kind == kind }
                guard let inner else { return false }
                description = inner
            }
            let start = bytes[description.content].prefix(4096)
            return ["mpegB:cicp:systems:auxiliary:alpha", "hevc:2015:auxid:1"].contains {
                start.firstRange(of: $0.utf8) != nil
            }
        default: return false
        }
    }

    /// The boxes in a range, up to the first one that is cut off. Writes the size of a last box that has none.
    mutating func boxes(in range: Range<Int>) -> [Box] {
        var found: [Box] = []
        var position = range.lowerBound
        while range.upperBound - position >= 8, found.count < HEIFMeta.limit {
            let left = range.upperBound - position
            if bytes[position..<position + 4].allSatisfy({ $0 == 0 }), left < 1 << 32 {
                bytes.replaceSubrange(position..<position + 4, with: Self.bigEndian(left, 4))
            }
            var reader = BoxReader(bytes[position..<range.upperBound])
            guard let header = try? reader.boxHeader(left: left) else { break }
            let end = position + header.header + header.content
            found.append(
                Box(
                    kind: header.kind, start: position,
                    content: position + header.header..<end))
            position = end
        }
        return found
    }

    /// The properties (iprp) with one list per version and flags, in the order of items. Nil if they have that
    /// already, or if the lists cannot be read.
    private mutating func withOneList(_ iprp: Box) -> [UInt8]? {
        var others: [UInt8] = []
        var lists: [(kind: ArraySlice<UInt8>, entries: [PropertyList])] = []
        var isChanged = false
        let parts = boxes(in: iprp.content)
        let properties = parts.first { $0.kind == "ipco" }.map { boxes(in: $0.content) } ?? []
        let essential = properties.indices.filter { Self.essential.contains(properties[$0].kind) }
        for box in parts {
            guard box.kind == "ipma" else {
                others += bytes[box.start..<box.content.upperBound]
                continue
            }
            let indexes = Set(essential.map { $0 + 1 })
            guard let entries = PropertyList.all(in: bytes[box.content], essential: indexes) else {
                return nil
            }
            if zip(entries, entries.dropFirst()).contains(where: { $0.item > $1.item })
                || entries.contains(where: \.isChanged)
            {
                isChanged = true
            }
            let kind = bytes[box.content].prefix(4)
            if let same = lists.firstIndex(where: { $0.kind == kind }) {
                lists[same].entries += entries
                isChanged = true
            } else {
                lists.append((kind, entries))
            }
        }
        guard isChanged else { return nil }
        var content = others
        for list in lists {
            // In the order of items (ISO/IEC 23008-12, 9.3.1).
            let entries = list.entries.sorted { $0.item < $1.item }
            let data = entries.flatMap(\.bytes)
            content += Self.bigEndian(16 + data.count, 4) + Array("ipma".utf8) + list.kind
            content += Self.bigEndian(entries.count, 4) + data
        }
        return Self.bigEndian(8 + content.count, 4) + Array("iprp".utf8) + content
    }

    /// Properties that a reader must understand (ISO/IEC 23000-22, 7.3.9). Since 1.1 libavif refuses a file that
    /// does not state that.
    private static let essential: Set = ["irot", "imir", "clap", "a1op", "lsel"]

    /// The references with the lists of tiles (dimg) first.
    private static func withTilesFirst(_ references: [UInt8]) -> [UInt8] {
        var container = AVIFContainer(references)
        guard let box = container.boxes(in: 0..<references.count).first else { return references }
        let start = box.content.lowerBound + 4
        guard start <= box.content.upperBound else { return references }
        let lists = container.boxes(in: start..<box.content.upperBound)
        let parts = { (isTiles: Bool) in
            lists.filter { ($0.kind == "dimg") == isTiles }
                .flatMap { references[$0.start..<$0.content.upperBound] }
        }
        let new = Array(references[..<start]) + parts(true) + parts(false)
        return new.count == references.count ? new : references
    }

    static func bigEndian(_ number: Int, _ count: Int) -> [UInt8] {
        (0..<count).map { UInt8(truncatingIfNeeded: number >> (8 * (count - 1 - $0))) }
    }
}

/// The properties of one item in an ipma box.
private struct PropertyList {
    let item: Int
    let bytes: [UInt8]
    /// Whether a property was not marked as essential, but is.
    let isChanged: Bool

    /// Nil for a box that is cut off.
    ///
    /// - Parameter essential: the numbers of the properties that are marked so in the result.
    static func all(in content: ArraySlice<UInt8>, essential: Set<Int>) -> [PropertyList]? {
        var reader = BoxReader(content)
        guard let (version, flags) = try? reader.version(), let count = try? reader.number(4),
            count <= HEIFMeta.limit
        else { return nil }
        let size = flags & 1 == 1 ? 2 : 1
        let mark = 1 << (8 * size - 1)
        var lists: [PropertyList] = []
        for _ in 0..<count {
            guard let item = try? reader.number(version == 0 ? 2 : 4),
                let properties = try? reader.byte()
            else { return nil }
            var bytes = AVIFContainer.bigEndian(item, version == 0 ? 2 : 4) + [UInt8(properties)]
            var isChanged = false
            for _ in 0..<properties {
                guard let number = try? reader.number(size) else { return nil }
                let marked = essential.contains(number & (mark - 1)) ? number | mark : number
                isChanged = isChanged || marked != number
                bytes += AVIFContainer.bigEndian(marked, size)
            }
            lists.append(PropertyList(item: item, bytes: bytes, isChanged: isChanged))
        }
        return lists
    }
}
