/// An item of a HEIC or AVIF file: an image or something else.
struct HEIFItem {
    /// Where its bytes are.
    struct Place {
        let isInMeta: Bool
        let extents: [(offset: Int, length: Int)]
    }

    let number: Int
    let kind: String
    var place: Place?
    /// In the order of association, in which turns and crops are applied.
    var properties: [HEIFProperty] = []
    /// By kind, in the order of the file.
    var references: [String: [Int]] = [:]

    var isAlpha: Bool {
        properties.contains { if case .isAlpha = $0 { true } else { false } }
    }
}

/// The meta box: the items, their places, their properties and their references to each other.
struct HEIFMeta {
    private(set) var primary = 0
    private(set) var items: [Int: HEIFItem] = [:]
    /// The items that hold the alpha of each item. libheif ignores alpha that belongs to several images.
    private(set) var alphas: [Int: [Int]] = [:]
    /// The content of the data box (idat) in it.
    private(set) var data: ArraySlice<UInt8> = []

    /// The maximum number of items, properties and places that our decoder accepts (libheif 1.15.1,
    /// heif_limits.h). A photo has about a hundred. More would only fill memory.
    static let limit = 20_000
    private static let associationLimit = 200_000
    private static let extentLimit = 32
    private static let boxes: Set = ["pitm", "iinf", "iloc", "iprp", "iref", "idat"]
    private static let references: Set = ["dimg", "auxl", "thmb"]

    init(_ content: BoxReader) throws(MalformedHEIF) {
        var reader = content
        _ = try reader.version()
        var boxes: [String: BoxReader] = [:]
        while !reader.isAtEnd {
            let box = try reader.box()
            guard Self.boxes.contains(box.kind) else { continue }
            guard boxes.updateValue(box.content, forKey: box.kind) == nil else {
                throw MalformedHEIF("two \(box.kind) boxes")
            }
        }
        guard var pitm = boxes["pitm"], let iinf = boxes["iinf"], let iloc = boxes["iloc"],
            let iprp = boxes["iprp"]
        else { throw MalformedHEIF("a box about items is missing") }
        primary = try pitm.number(try pitm.version().version == 0 ? 2 : 4)
        if var idat = boxes["idat"] { data = idat.rest() }
        try readItems(iinf)
        try readPlaces(iloc)
        try readProperties(iprp)
        if let iref = boxes["iref"] { try readReferences(iref) }
        for item in items.values.sorted(by: { $0.number < $1.number }) where item.isAlpha {
            if let images = item.references["auxl"], images.count == 1 {
                alphas[images[0], default: []].append(item.number)
            }
        }
    }

    private mutating func readItems(_ content: BoxReader) throws(MalformedHEIF) {
        var reader = content
        try reader.skip(try reader.version().version == 0 ? 2 : 4)
        while !reader.isAtEnd {
            var (kind, entry) = try reader.box()
            guard kind == "infe" else { continue }
            let version = try entry.version().version
            guard version >= 2 else { continue }  // Older ones have no kind, and are not images.
            let number = try entry.number(version == 2 ? 2 : 4)
            try entry.skip(2)
            let item = HEIFItem(number: number, kind: try entry.code())
            guard items.updateValue(item, forKey: number) == nil else {
                throw MalformedHEIF("two items \(number)")
            }
            try Self.check(items.count, "items")
        }
    }

    private mutating func readPlaces(_ content: BoxReader) throws(MalformedHEIF) {
        var reader = content
        let version = try reader.version().version
        guard version <= 2 else { throw MalformedHEIF("iloc of version \(version)") }
        let sizes = try reader.number(2)
        let (offsetSize, lengthSize) = (sizes >> 12, sizes >> 8 & 15)
        let (baseSize, indexSize) = (sizes >> 4 & 15, version == 0 ? 0 : sizes & 15)
        let count = try reader.number(version < 2 ? 2 : 4)
        try Self.check(count, "places")
        for _ in 0..<count {
            let number = try reader.number(version < 2 ? 2 : 4)
            let method = version == 0 ? 0 : try reader.number(2) & 15
            try reader.skip(2)
            let base = try reader.number(baseSize)
            var extents: [(offset: Int, length: Int)] = []
            let count = try reader.number(2)
            guard count <= Self.extentLimit else {
                throw MalformedHEIF("item \(number) is in \(count) places")
            }
            for _ in 0..<count {
                try reader.skip(indexSize)
                let (offset, isTooLarge) = base.addingReportingOverflow(
                    try reader.number(offsetSize))
                guard !isTooLarge else { throw MalformedHEIF("data outside of the file") }
                extents.append((offset, try reader.number(lengthSize)))
            }
            guard items[number]?.place == nil else {
                throw MalformedHEIF("item \(number) is in two places")
            }
            // Made of other items' bytes, which our decoder does not support: as if it had no bytes.
            guard method <= 1 else { continue }
            items[number]?.place = HEIFItem.Place(isInMeta: method == 1, extents: extents)
        }
    }

    private mutating func readProperties(_ content: BoxReader) throws(MalformedHEIF) {
        var reader = content
        var container: BoxReader?
        var associations: [BoxReader] = []
        while !reader.isAtEnd {
            let box = try reader.box()
            if box.kind == "ipco" {
                guard container == nil else { throw MalformedHEIF("two ipco boxes") }
                container = box.content
            } else if box.kind == "ipma" {
                associations.append(box.content)
                try Self.check(associations.count, "ipma boxes")
            }
        }
        var all: [HEIFProperty] = []
        while var boxes = container, !boxes.isAtEnd {
            let (kind, property) = try boxes.box()
            container = boxes
            all.append(try HEIFProperty(kind, property))
            try Self.check(all.count, "properties")
        }
        var seen: Set<Int> = []
        for association in associations { try associate(association, all, &seen) }
    }

    /// - Parameter seen: items that already have properties. A second list for an item would be ambiguous.
    private mutating func associate(
        _ content: BoxReader, _ all: [HEIFProperty], _ seen: inout Set<Int>
    ) throws(MalformedHEIF) {
        var reader = content
        let (version, flags) = try reader.version()
        let count = try reader.number(4)
        try Self.check(count, "lists of properties")
        // Two bytes each at most. A photo has about five per item; many more would only fill memory.
        guard reader.left <= 2 * Self.associationLimit else {
            throw MalformedHEIF("more than \(Self.associationLimit) properties of items")
        }
        for _ in 0..<count {
            let number = try reader.number(version == 0 ? 2 : 4)
            guard seen.insert(number).inserted else {
                throw MalformedHEIF("item \(number) has two lists of properties")
            }
            for _ in 0..<(try reader.byte()) {
                let isLong = flags & 1 == 1
                let index = try reader.number(isLong ? 2 : 1) & (isLong ? 0x7FFF : 0x7F)
                guard index > 0 else { continue }
                guard index <= all.count else {
                    throw MalformedHEIF("property \(index) does not exist")
                }
                items[number]?.properties.append(all[index - 1])
            }
        }
    }

    private mutating func readReferences(_ content: BoxReader) throws(MalformedHEIF) {
        var reader = content
        let size = try reader.version().version == 0 ? 2 : 4
        while !reader.isAtEnd {
            var (kind, entry) = try reader.box()
            guard Self.references.contains(kind) else { continue }
            let from = try entry.number(size)
            var to: [Int] = []
            for _ in 0..<(try entry.number(2)) { to.append(try entry.number(size)) }
            guard items[from]?.references.updateValue(to, forKey: kind) == nil || kind == "thmb"
            else {
                throw MalformedHEIF("item \(from) has two lists of \(kind)")
            }
        }
    }

    private static func check(_ count: Int, _ what: String) throws(MalformedHEIF) {
        guard count <= limit else { throw MalformedHEIF("more than \(limit) \(what)") }
    }
}
