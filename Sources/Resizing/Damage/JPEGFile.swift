import Glibc

/// JPEG (ITU-T T.81).
///
/// A file is complete if it has every block of every scan that it begins, and a scan for every component. A
/// progressive file may end between two scans: its data still defines all pixels, but coarsely.
enum JPEGFile {
    /// The file with an end marker. Throws as `check` does.
    static func repaired(_ file: [UInt8]) throws(Damage) -> [UInt8] {
        try check(file)
        return file + [0xFF, 0xD9]
    }

    /// Throws if the data ends before all pixels are defined, or if libjpeg cannot read the file.
    static func check(_ file: [UInt8]) throws(Damage) {
        do {
            let reader = try JPEGReader(FileBytes(file))
            // Reads all data, but computes very little.
            let components = try reader.start(shrink: 8)
            while try reader.readRow(into: components) {}
            try reader.finish()
        } catch {
            throw Damage(message: error.message)
        }
    }

    /// The name of a kind of JPEG that libjpeg does not decode (ITU-T T.81, table B.1). Nil for an ordinary one,
    /// and for a file without a frame.
    static func unsupportedKind(_ file: [UInt8]) -> String? {
        var reader = ByteReader(file, at: 2)
        while let marker = nextMarker(&reader), marker != 0xD9, marker != 0xDA {
            if 0xD0...0xD8 ~= marker || marker == 0x01 { continue }
            guard let length = reader.bigEndian(2), let segment = reader.skip(length - 2) else {
                return nil
            }
            switch marker {
            case 0xC3, 0xCB: return "lossless JPEG"
            case 0xC5...0xC7, 0xCD...0xCF: return "hierarchical JPEG"
            case 0xC0...0xC2, 0xC9, 0xCA:
                let depth = segment.isEmpty ? 8 : Int(file[segment.lowerBound])
                return depth == 8 ? nil : "JPEG with \(depth) bits per channel"
            case 0xF7: return "JPEG-LS"
            default: break
            }
        }
        return nil
    }

    /// The scans of a file, which may be several.
    struct Scans {
        fileprivate(set) var count = 0
        /// The components of the frame (`components`), and those that a scan defines (`present`).
        fileprivate(set) var components: Set<UInt8> = []
        fileprivate(set) var present: Set<UInt8> = []

        var lackComponents: Bool { !components.isSubset(of: present) }
    }

    /// Reads only the markers. Stops at the end marker, at the end of the file, or after more than `limit`
    /// scans.
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
                // Only a scan that begins with coefficient 0 defines a part of every block.
                if content.byte() == 0 {
                    scans.present.formUnion(chosen.map { UInt8($0 >> 8) })
                }
            default: break
            }
        }
        return scans
    }

    /// The code of the next marker; moves the reader behind it. 0xFF 0 is a data byte, and a repeated 0xFF is
    /// fill.
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
