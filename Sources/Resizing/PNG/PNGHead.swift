import Glibc
import Processes

/// The chunks of a PNG file before its pixels. Only their names and places are read, so that it takes little
/// time however large they are.
struct PNGHead: ~Copyable {
    private let file: FileDescriptor
    private let chunks: [(name: String, position: Int64, length: Int)]
    /// Whether there are more chunks than were looked at. Real files have about ten.
    let isTooLong: Bool

    private static let limit = 1000

    /// Nil if the file cannot be read.
    init?(_ path: String) {
        guard let file = try? FileDescriptor(opening: path, O_RDONLY) else { return nil }
        var position = Int64(PNGFile.signature.count)
        var chunks: [(name: String, position: Int64, length: Int)] = []
        var isTooLong = true
        for _ in 0..<Self.limit {
            guard let head = try? file.read(upTo: 8, at: position), head.count == 8 else {
                isTooLong = false
                break
            }
            var reader = ByteReader(head)
            let length = reader.bigEndian(4) ?? 0
            let name = String(decoding: head[4...], as: UTF8.self)
            guard name != "IDAT" else {
                isTooLong = false
                break
            }
            chunks.append((name, position + 8, length))
            position += Int64(length) + 12
        }
        self.chunks = chunks
        self.isTooLong = isTooLong
        self.file = file
    }

    func has(_ name: String) -> Bool { chunks.contains { $0.name == name } }

    /// The data of the first chunk with this name. Nil if there is none, or if it is longer than `most`.
    func data(_ name: String, most: Int = 64) -> [UInt8]? {
        guard let chunk = chunks.first(where: { $0.name == name }), chunk.length <= most,
            let data = try? file.read(upTo: chunk.length, at: chunk.position),
            data.count == chunk.length
        else { return nil }
        return data
    }
}
