import Glibc
import Processes

/// What a HEIC file states about its images (ISO/IEC 14496-12, 8.11, and ISO/IEC 23008-12).
/// A file that two readers could interpret differently is refused, because our decoder may be the other one.
struct HEIFFile: ~Copyable {
    let bytes: Int
    private let file: FileDescriptor
    private let meta: HEIFMeta
    private var coded: [Int: CodedImage] = [:]
    /// Bytes of items that may still be read. Several items may share their bytes, as empty tiles do, but the
    /// items of a small file must not add up to many times its size.
    private var allowance: Int

    init(opening path: String) throws {
        let file = try FileDescriptor(opening: path, O_RDONLY)
        meta = try Self.meta(in: file)
        bytes = Int(lseek(file.number, 0, SEEK_END))
        allowance = bytes * 4 + (1 << 26)
        self.file = file
    }

    private static func meta(in file: borrowing FileDescriptor) throws -> HEIFMeta {
        var found: HEIFMeta?
        var position: Int64 = 0
        var count = 0
        let end = Int64(lseek(file.number, 0, SEEK_END))
        while position < end {
            guard let box = try box(in: file, at: position, end) else { break }
            count += 1
            guard count <= HEIFMeta.limit else { throw MalformedHEIF("too many boxes") }
            if box.kind == "meta" {
                guard found == nil else { throw MalformedHEIF("two meta boxes") }
                let bytes = try bytes(in: file, at: position + box.header, box.content)
                found = try HEIFMeta(BoxReader(bytes))
            }
            position += box.header + box.content
        }
        guard let found else { throw MalformedHEIF("no meta box") }
        return found
    }

    var primary: Int { meta.primary }

    /// The largest of the coded images that were read so far.
    var largest: CodedImage? { coded.values.max { $0.pixels.area < $1.pixels.area } }

    func item(_ number: Int) throws(MalformedHEIF) -> HEIFItem {
        guard let item = meta.items[number] else {
            throw MalformedHEIF("item \(number) does not exist")
        }
        return item
    }

    func alphas(of number: Int) -> [Int] { meta.alphas[number] ?? [] }

    /// All of an item's bytes.
    mutating func data(of item: HEIFItem) throws -> [UInt8] {
        guard let place = item.place, !place.extents.isEmpty else {
            throw MalformedHEIF("item \(item.number) has no data")
        }
        var data: [UInt8] = []
        for extent in place.extents {
            guard extent.length <= allowance else {
                throw MalformedHEIF("the items have many times the file's bytes")
            }
            allowance -= extent.length
            if place.isInMeta {
                var reader = BoxReader(meta.data)
                try reader.skip(extent.offset)
                var part = try reader.part(extent.length)
                data += part.rest()
            } else {
                data += try Self.bytes(in: file, at: Int64(extent.offset), Int64(extent.length))
            }
        }
        return data
    }

    /// The shape of an item's pixels, from its own stream.
    mutating func codedImage(_ item: HEIFItem) throws -> CodedImage {
        if let known = coded[item.number] { return known }
        let image = try CodedImage(item, data: try data(of: item))
        coded[item.number] = image
        return image
    }

    /// Refuses a range outside the file before it allocates memory for its bytes.
    private static func bytes(
        in file: borrowing FileDescriptor, at position: Int64, _ count: Int64
    ) throws -> [UInt8] {
        let end = Int64(lseek(file.number, 0, SEEK_END))
        guard position >= 0, count >= 0, position <= end, count <= end - position else {
            throw MalformedHEIF("data outside of the file")
        }
        var bytes: [UInt8] = []
        bytes.reserveCapacity(Int(count))
        while bytes.count < Int(count) {
            let more = try file.read(
                upTo: min(Int(count) - bytes.count, 1 << 20), at: position + Int64(bytes.count))
            guard !more.isEmpty else { throw MalformedHEIF("the file ends early") }
            bytes += more
        }
        return bytes
    }

    /// Nil if no box begins there: other bytes after the last box are harmless.
    private static func box(
        in file: borrowing FileDescriptor, at position: Int64, _ end: Int64
    ) throws -> (kind: String, header: Int64, content: Int64)? {
        let start = try bytes(in: file, at: position, min(16, end - position))
        var reader = BoxReader(start)
        do {
            let box = try reader.boxHeader(left: Int(end - position))
            return (box.kind, Int64(box.header), Int64(box.content))
        } catch {
            guard start.count < 8 || start[4..<8] != ArraySlice("meta".utf8) else { throw error }
            return nil
        }
    }
}

extension BoxReader {
    /// ISO/IEC 14496-12, 4.2: after a size of 1, a size of 64 bits follows; 0 means up to the end.
    ///
    /// - Parameter left: bytes from the box's first one to the end of its container.
    mutating func boxHeader(
        left: Int
    ) throws(MalformedHEIF) -> (kind: String, header: Int, content: Int) {
        var size = try number(4)
        let kind = try code()
        var header = 8
        if size == 1 {
            size = try number(8)
            header = 16
        }
        if size == 0 { size = left }
        guard size >= header, size <= left else { throw MalformedHEIF("a box is cut off") }
        return (kind, header, size - header)
    }

    mutating func box() throws(MalformedHEIF) -> (kind: String, content: BoxReader) {
        let header = try boxHeader(left: left)
        return (header.kind, try part(header.content))
    }

    /// Version and flags of a box that has them.
    mutating func version() throws(MalformedHEIF) -> (version: Int, flags: Int) {
        (try byte(), try number(3))
    }
}
