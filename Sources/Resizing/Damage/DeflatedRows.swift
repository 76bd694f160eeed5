import CZlib

/// The rows of a PNG: a zlib stream (RFC 1950) in any number of pieces.
enum DeflatedRows {
    /// The first `bytes` bytes to which the pieces inflate, as a stream with an end and a checksum. Ignores
    /// the checksum of the input. Throws if there are fewer bytes.
    static func repaired(
        _ pieces: [ArraySlice<UInt8>], bytes: Int
    ) throws(Damage) -> [UInt8] {
        let inflater = try Inflater()
        let deflater = try Deflater()
        // The bytes of the compression method and window size. They may be wrong if the data is right: raw
        // inflation does not need them.
        var header = 2
        var missing = bytes
        for piece in pieces where missing > 0 {
            let rest = piece.dropFirst(header)
            header -= piece.count - rest.count
            try inflater.feed(rest) { output throws(Damage) in
                let rows = output.prefix(missing)
                missing -= rows.count
                try deflater.feed(rows, isLast: missing == 0)
                return missing > 0
            }
        }
        guard missing == 0 else {
            throw Damage(message: "IDAT holds \(bytes - missing) of \(bytes) bytes")
        }
        return deflater.output
    }

    /// A zlib stream, inflated. Nil if it is damaged, or if there are more than `most` bytes.
    static func inflated(_ stream: ArraySlice<UInt8>, most: Int) -> [UInt8]? {
        var bytes: [UInt8] = []
        guard let inflater = try? Inflater(), stream.count > 2 else { return nil }
        try? inflater.feed(stream.dropFirst(2)) { output in
            bytes += output
            return bytes.count <= most
        }
        return inflater.isAtEnd && bytes.count <= most ? bytes : nil
    }
}

private final class Inflater {
    /// Whether the end of the stream was read.
    private(set) var isAtEnd = false
    private var stream = z_stream()
    private var buffer = [UInt8](repeating: 0, count: 1 << 16)

    init() throws(Damage) {
        // Raw: without header and checksum.
        guard
            inflateInit2_(
                &stream, -MAX_WBITS, ZLIB_VERSION, Int32(MemoryLayout<z_stream>.size)) == Z_OK
        else { throw Damage(message: "out of memory for zlib") }
    }

    deinit { inflateEnd(&stream) }

    /// Passes the output to `body` piece by piece, until that returns false, or the data ends or is invalid.
    func feed(
        _ piece: ArraySlice<UInt8>, _ body: (ArraySlice<UInt8>) throws(Damage) -> Bool
    ) throws(Damage) {
        var piece = Array(piece)
        var done = 0
        while true {
            let size = buffer.count
            let (result, left, room) = piece.withUnsafeMutableBufferPointer { input in
                buffer.withUnsafeMutableBufferPointer { output in
                    stream.next_in = input.baseAddress.map { $0 + done }
                    stream.avail_in = UInt32(input.count - done)
                    stream.next_out = output.baseAddress
                    stream.avail_out = UInt32(size)
                    let result = inflate(&stream, Z_NO_FLUSH)
                    return (result, Int(stream.avail_in), Int(stream.avail_out))
                }
            }
            done = piece.count - left
            isAtEnd = result == Z_STREAM_END
            let made = buffer[..<(size - room)]
            if !made.isEmpty, try !body(made) { return }
            // Z_BUF_ERROR: it needs more input.
            guard result == Z_OK, !made.isEmpty || left > 0 else { return }
        }
    }
}

private final class Deflater {
    private var stream = z_stream()
    private(set) var output: [UInt8] = []
    private var buffer = [UInt8](repeating: 0, count: 1 << 16)

    init() throws(Damage) {
        // Level 1 is the fastest; the stream is read only once.
        guard
            deflateInit_(&stream, 1, ZLIB_VERSION, Int32(MemoryLayout<z_stream>.size)) == Z_OK
        else { throw Damage(message: "out of memory for zlib") }
    }

    deinit { deflateEnd(&stream) }

    func feed(_ rows: ArraySlice<UInt8>, isLast: Bool) throws(Damage) {
        var rows = Array(rows)
        var done = 0
        while true {
            let size = buffer.count
            let (left, room) = rows.withUnsafeMutableBufferPointer { input in
                buffer.withUnsafeMutableBufferPointer { buffer in
                    stream.next_in = input.baseAddress.map { $0 + done }
                    stream.avail_in = UInt32(input.count - done)
                    stream.next_out = buffer.baseAddress
                    stream.avail_out = UInt32(size)
                    _ = deflate(&stream, isLast ? Z_FINISH : Z_NO_FLUSH)
                    return (Int(stream.avail_in), Int(stream.avail_out))
                }
            }
            done = rows.count - left
            output += buffer[..<(size - room)]
            if room > 0 { return }
        }
    }
}

enum Checksum {
    /// As in the PNG specification, annex D.
    static func crc32(_ bytes: ArraySlice<UInt8>) -> UInt32 {
        bytes.withUnsafeBufferPointer {
            UInt32(truncatingIfNeeded: CZlib.crc32_z(0, $0.baseAddress, $0.count))
        }
    }
}
