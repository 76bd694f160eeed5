import CJPEG
import Glibc

/// JPEG as ITU-T T.81 has it.
///
/// Complete is what has every block of every scan that it begins, and a scan for every component. A
/// progressive file may end between two scans: what it has defines all pixels, if coarsely.
enum JPEGFile {
    /// The file with an end marker.
    static func repaired(_ file: [UInt8]) throws(Damage) -> [UInt8] {
        try check(file)
        return file + [0xFF, 0xD9]
    }

    /// Throws where the data end before the pixels.
    static func check(_ file: [UInt8]) throws(Damage) {
        var words = [CChar](repeating: 0, count: Int(JMSG_LENGTH_MAX))
        let verdict = file.withUnsafeBufferPointer {
            multires_jpeg_check($0.baseAddress, $0.count, &words)
        }
        guard verdict == Int32(MULTIRES_JPEG_WHOLE) else {
            let bytes = words.prefix { $0 != 0 }.map { UInt8(bitPattern: $0) }
            throw Damage(words: String(decoding: bytes, as: UTF8.self))
        }
    }

    /// The scans of a file with several.
    struct Scans {
        fileprivate(set) var count = 0
        /// Components of the frame, and those of them that some scan brings.
        fileprivate(set) var components: Set<UInt8> = []
        fileprivate(set) var present: Set<UInt8> = []

        var lackComponents: Bool { !components.isSubset(of: present) }
    }

    /// Reads markers alone. Ends at the end marker, at the end of the file, or above `limit` scans.
    static func scans(_ file: [UInt8], limit: Int) -> Scans {
        var scans = Scans()
        var reader = ByteReader(file, at: 2)
        while scans.count <= limit, let marker = nextMarker(&reader), marker != 0xD9 {
            // RST0 to RST7, SOI and TEM have no segment.
            if 0xD0...0xD8 ~= marker || marker == 0x01 { continue }
            guard let length = reader.bigEndian(2), let segment = reader.skip(length - 2) else {
                break
            }
            var content = ByteReader(file, at: segment.lowerBound)
            switch marker {
            case 0xC0...0xC3, 0xC5...0xC7, 0xC9...0xCB, 0xCD...0xCF:
                _ = content.skip(5)
                for _ in 0..<(content.byte() ?? 0) {
                    if let component = content.bigEndian(3) {
                        scans.components.insert(UInt8(component >> 16))
                    }
                }
            case 0xDA:
                scans.count += 1
                let chosen = (0..<(content.byte() ?? 0)).compactMap { _ in content.bigEndian(2) }
                // Only a scan that begins with coefficient 0 defines something of every block.
                if content.byte() == 0 {
                    scans.present.formUnion(chosen.map { UInt8($0 >> 8) })
                }
            default: break
            }
        }
        return scans
    }

    /// The next marker's code, and the position behind it. 0xFF 0 is a data byte, more 0xFF fill.
    private static func nextMarker(_ reader: inout ByteReader) -> UInt8? {
        reader.bytes.withUnsafeBytes { bytes -> UInt8? in
            while let start = bytes.baseAddress, reader.position < bytes.count,
                let found = memchr(start + reader.position, 0xFF, bytes.count - reader.position)
            {
                var position = UnsafeRawPointer(found) - start
                while position < bytes.count, bytes[position] == 0xFF { position += 1 }
                guard position < bytes.count else { break }
                reader.position = position + 1
                if bytes[position] != 0 { return bytes[position] }
            }
            return nil
        }
    }
}
