import Support

/// The boxes of an AVIF file (ISO/IEC 14496-12, 4.2), for tests that change one of them.
struct MediaBoxes {
    private(set) var bytes: [UInt8]
    private var places: [(path: String, kind: String, start: Int, content: Range<Int>)] = []

    private static let containers: Set = [
        "moov", "trak", "mdia", "minf", "stbl", "edts", "iprp", "ipco", "meta", "iref",
    ]

    init(_ bytes: [UInt8]) throws {
        self.bytes = bytes
        find(in: 0..<bytes.count, "")
    }

    private mutating func find(in range: Range<Int>, _ path: String) {
        var position = range.lowerBound
        while position + 8 <= range.upperBound {
            let size = number(at: position, 4)
            let kind = String(decoding: bytes[position + 4..<position + 8], as: UTF8.self)
            let end = size < 8 ? range.upperBound : min(position + size, range.upperBound)
            let inside = path.isEmpty ? kind : "\(path)/\(kind)"
            places.append((inside, kind, position, position + 8..<end))
            if Self.containers.contains(kind) {
                let skipped = kind == "meta" || kind == "iref" ? 12 : 8
                if position + skipped <= end { find(in: position + skipped..<end, inside) }
            }
            position = end
        }
    }

    private func number(at position: Int, _ count: Int) -> Int {
        bytes[position..<position + count].reduce(0) { $0 << 8 | Int($1) }
    }

    /// The contents of all boxes of a kind.
    func all(_ kind: String) -> [[UInt8]] {
        places.filter { $0.kind == kind }.map { Array(bytes[$0.content]) }
    }

    /// The first box with a path such as `moov/trak/tkhd`, with its size and kind.
    func box(_ path: String) -> [UInt8]? {
        places.first { $0.path == path }.map { Array(bytes[$0.start..<$0.content.upperBound]) }
    }

    /// All boxes with that path.
    func boxes(_ path: String) -> [[UInt8]] {
        places.filter { $0.path == path }.map { Array(bytes[$0.start..<$0.content.upperBound]) }
    }

    func start(of path: String) -> Int? { places.first { $0.path == path }?.start }

    /// Overwrites the kind of the first box with that path.
    mutating func rename(_ path: String, to kind: String) {
        guard let start = start(of: path) else { return }
        bytes.replaceSubrange(start + 4..<start + 8, with: kind.utf8)
    }

    /// Hides the movie (moov), and writes one with these boxes to the end of the file, so that no offset changes.
    mutating func replaceMovie(_ content: [UInt8]) throws {
        rename("moov", to: "free")
        try self = MediaBoxes(bytes + HEIFMaker.box("moov", content))
    }
}
