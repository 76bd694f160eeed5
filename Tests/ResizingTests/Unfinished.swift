import Foundation
import Model
import Support

@testable import Resizing

/// Files of a format that define fewer pixels than they declare, in the ways that its decoder may accept.
/// None of them has the colour of the tests' secret image.
struct Unfinished {
    private(set) var files: [(what: String, bytes: [UInt8])] = []
    private let folder: TemporaryFolder

    init(_ format: ImageFormat, _ folder: TemporaryFolder) throws {
        self.folder = folder
        switch format {
        case .jpeg:
            for options in ["", "interlace"] {
                let photo = try photo("jpg", options)
                for part in [0.1, 0.3, 0.6, 0.95] {
                    add("\(options) cut", cut(photo, part) + [0xFF, 0xD9])
                }
            }
        case .png:
            for options in ["", "interlace"] {
                let photo = try photo("png", options)
                for part in [0.1, 0.3, 0.6, 0.95] {
                    add("\(options) cut", cut(photo, part))
                    add("\(options) zeros", zeros(photo, part))
                }
            }
        case .webp: try addWebP()
        case .gif: addGIF()
        case .avif, .heic: try addHEIF(format)
        }
    }

    private mutating func add(_ what: String, _ bytes: [UInt8]) {
        files.append((what, bytes))
    }

    private func photo(_ name: String, _ options: String = "") throws -> [UInt8] {
        try Photos.bytes(
            of: try Photos.converted(
                to: name, width: 640, height: 480, options: options, in: folder))
    }

    private func cut(_ bytes: [UInt8], _ part: Double) -> [UInt8] {
        Array(bytes.prefix(Int(Double(bytes.count) * part)))
    }

    private func zeros(_ bytes: [UInt8], _ part: Double) -> [UInt8] {
        cut(bytes, part) + Array(repeating: 0, count: bytes.count - Int(Double(bytes.count) * part))
    }

    /// Animations whose frames are smaller than the canvas (RFC 9649, 2.7.1), and cut still images.
    private mutating func addWebP() throws {
        let small = try Photos.bytes(
            of: try Photos.converted(to: "webp", width: 64, height: 64, in: folder))
        // The chunks of the file are the frame's data.
        let frame = Array(small[12...])
        for (width, height) in [(100, 80), (330, 250), (640, 480), (1500, 900)] {
            func number(_ value: Int, _ count: Int) -> [UInt8] {
                HEIFMaker.number(value, count).reversed()
            }
            func chunk(_ name: String, _ content: [UInt8]) -> [UInt8] {
                Array(name.utf8) + number(content.count, 4) + content
            }
            let place = { (left: Int) in
                number(left / 2, 3) + number(8, 3) + number(63, 3) + number(63, 3) + number(50, 3)
            }
            let chunks =
                chunk("VP8X", [2, 0, 0, 0] + number(width - 1, 3) + number(height - 1, 3))
                + chunk("ANIM", [0, 0, 0, 0, 0, 0])
                + chunk("ANMF", place(10) + [0] + frame) + chunk("ANMF", place(0) + [1] + frame)
            add("\(width) wide canvas", chunk("RIFF", Array("WEBP".utf8) + chunks))
        }
        for options in ["", "lossless"] {
            let photo = try photo("webp", options)
            for part in [0.3, 0.6, 0.95] {
                add("\(options) cut", cut(photo, part))
                add("\(options) zeros", zeros(photo, part))
            }
        }
    }

    /// A frame of 20 x 20 pixels somewhere on the canvas, and pixels that end early.
    private mutating func addGIF() {
        for (width, height) in [(100, 80), (340, 250), (640, 480)] {
            let screen: [UInt8] =
                Array("GIF89a".utf8)
                + [
                    UInt8(width & 255), UInt8(width >> 8), UInt8(height & 255), UInt8(height >> 8),
                    0x80, 0, 0, 10, 200, 30, 255, 255, 255,
                ]
            // LZW codes of 3 bits: clear and 0 for each pixel, then end (GIF89a, appendix F).
            func frame(_ left: UInt8, _ pixels: Int, clear: Bool) -> [UInt8] {
                var codes: [Int] = []
                for _ in 0..<pixels { codes += [4, 0] }
                codes.append(5)
                var bytes: [UInt8] = []
                for (index, code) in codes.enumerated() {
                    for bit in 0..<3 where code >> bit & 1 == 1 {
                        let position = index * 3 + bit
                        while bytes.count <= position / 8 { bytes.append(0) }
                        bytes[position / 8] |= 1 << (position % 8)
                    }
                }
                let blocks = stride(from: 0, to: bytes.count, by: 255).flatMap { start in
                    let block = bytes[start..<min(start + 255, bytes.count)]
                    return [UInt8(block.count)] + block
                }
                return [0x21, 0xF9, 4, clear ? 9 : 0, 5, 0, 1, 0]
                    + [0x2C, left, 0, left, 0, 20, 0, 20, 0, 0, 2] + blocks + [0]
            }
            add("offset", screen + frame(30, 400, clear: false) + [0x3B])
            add("transparent", screen + frame(30, 400, clear: true) + [0x3B])
            add("short", screen + frame(0, 150, clear: false) + [0x3B])
            add(
                "two frames",
                screen + frame(30, 400, clear: true) + frame(0, 400, clear: false) + [0x3B])
            add("missing frame", screen + frame(30, 400, clear: false))
            add("no frame", screen + [0x3B])
        }
    }

    private mutating func addHEIF(_ format: ImageFormat) throws {
        let maker = try HEIFMaker(format, side: 64, in: folder)
        add("hole below", maker.grid(128, 700))
        add("hole beside", maker.grid(700, 128))
        add("small tile", maker.grid(1400, 900) { $0[1].properties[0] = HEIFMaker.size(700, 450) })
        add("turned tiles", maker.grid(128, 128) { $0[1].properties.append(HEIFMaker.turn(1)) })
        let whole = maker.grid(128, 128)
        for length in [maker.coded.data.count / 3, maker.coded.data.count * 2 / 3] {
            add("cut tile", maker.grid(128, 128) { $0[1].data.removeLast(length) })
            add(
                "zeros in a tile",
                maker.grid(128, 128) { items in
                    let count = items[1].data.count
                    items[1].data =
                        items[1].data.prefix(count - length) + Array(repeating: 0, count: length)
                })
        }
        add("cut", Array(whole.dropLast(200)))
        let large = try HEIFMaker(format, side: 512, in: folder)
        for part in [0.3, 0.6, 0.95] {
            var still = large.coded
            still.data = zeros(still.data, part)
            add("zeros", large.file([still]))
            still.data = cut(still.data, part)
            add("cut still", large.file([still]))
        }
        for name in ["hole", "one-small-tile"] {
            let path =
                "\(Programs.projectFolder)/Tests/ResizingTests/Memory/\(name).\(format.rawValue)"
            if FileManager.default.fileExists(atPath: path) {
                add(name, try Photos.bytes(of: path))
            }
        }
    }
}
