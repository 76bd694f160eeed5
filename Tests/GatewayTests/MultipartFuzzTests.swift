import API
import Support
import Testing

@testable import Gateway

@Suite("Multipart with random input")
struct MultipartFuzzTests {
    private static let type = "multipart/form-data; boundary=bound"

    /// Content made of the pieces of a delimiter.
    private static func content(_ numbers: inout SeededNumbers, upTo limit: Int) -> [UInt8] {
        let pieces = ["\r", "\n", "-", "--", "\r\n--", "\r\n--boun", "bound", "x", "\0", "\u{FF}"]
        var bytes: [UInt8] = []
        let count = Int.random(in: 0...limit, using: &numbers)
        while bytes.count < count {
            // `!` because `pieces` is not empty.
            bytes += Array(pieces.randomElement(using: &numbers)!.utf8)
        }
        return bytes
    }

    private static func body(_ parts: [WholePart]) -> [UInt8] {
        var body: [UInt8] = []
        for part in parts {
            let fileName = part.fileName.map { "; filename=\"\($0)\"" } ?? ""
            let type = part.contentType.map { "\r\nContent-Type: \($0)" } ?? ""
            body += Array(
                "--bound\r\nContent-Disposition: form-data; name=\"\(part.name)\"\(fileName)\(type)\r\n\r\n"
                    .utf8)
            body += part.content + Array("\r\n".utf8)
        }
        return body + Array("--bound--\r\n".utf8)
    }

    private static func holdsDelimiter(_ content: [UInt8]) -> Bool {
        // A line end follows each part, so a delimiter may also be the end of the content.
        String(decoding: content, as: UTF8.self).utf8.split(separator: 13).contains {
            $0.starts(with: "\n--bound".utf8)
        }
    }

    @Test(
        "The same body in pieces of any size gives the same parts",
        arguments: [1, 2, 3, 7, 16, 64, 1000, 8192, 65536])
    func pieces(chunk: Int) throws {
        for seed in Fuzz.seeds(30) {
            var numbers = SeededNumbers(seed)
            let parts = (0..<Int.random(in: 0...5, using: &numbers)).map { index in
                WholePart(
                    "n\(index)", fileName: index % 2 == 0 ? "f\(seed).jpg" : nil,
                    contentType: index % 3 == 0 ? "image/jpeg" : nil,
                    Self.content(&numbers, upTo: seed % 10 == 9 ? 150_000 : 300))
            }.filter { !Self.holdsDelimiter($0.content) }
            let found = try WholePart.all(Self.body(parts), type: Self.type, chunk: chunk)
            #expect(found == parts, "seed \(seed)")
        }
    }

    @Test("A body that is cut at any byte is refused")
    func cut() throws {
        // The body is cut at each of its bytes, so another seed would find nothing more.
        var numbers = SeededNumbers(2)
        let parts = (0..<3).map { WholePart("n\($0)", Self.content(&numbers, upTo: 40)) }
        let body = Self.body(parts.filter { !Self.holdsDelimiter($0.content) })
        // The last line end is not part of the closing boundary.
        for length in 0..<body.count - 2 {
            #expect(throws: Problem.self) {
                try WholePart.all(Array(body.prefix(length)), type: Self.type)
            }
        }
    }

    @Test("A damaged body gives parts or a refusal, never another error or a crash")
    func damaged() throws {
        var refused = 0
        let seeds = Fuzz.seeds(1500)
        for seed in seeds {
            var numbers = SeededNumbers(seed)
            let body = Self.damagedBody(&numbers)
            do {
                let chunk = Int.random(in: 1...80, using: &numbers)
                let found = try WholePart.all(body, type: Self.type, chunk: chunk)
                // No more bytes are read than were sent.
                #expect(
                    found.map(\.content.count).reduce(0, +) <= body.count, "seed \(seed)")
                let again = try WholePart.all(body, type: Self.type)
                #expect(found == again, "seed \(seed)")
            } catch let problem as Problem {
                #expect(problem.code == "invalid_request", "seed \(seed)")
                refused += 1
            }
        }
        #expect(seeds.count == 1 || (seeds.count / 15..<seeds.count).contains(refused))
    }

    private static func damagedBody(_ numbers: inout SeededNumbers) -> [UInt8] {
        let parts = (0..<3).map { index in
            WholePart("n\(index)", fileName: "f", content(&numbers, upTo: 100))
        }
        var body = body(parts)
        for _ in 0..<Int.random(in: 1...6, using: &numbers) where !body.isEmpty {
            let at = Int.random(in: 0..<body.count, using: &numbers)
            switch Int.random(in: 0..<5, using: &numbers) {
            case 0: body[at] = UInt8.random(in: 0...255, using: &numbers)
            case 1: body.remove(at: at)
            case 2: body.insert(contentsOf: content(&numbers, upTo: 12), at: at)
            case 3: body.swapAt(at, Int.random(in: 0..<body.count, using: &numbers))
            default: body.removeSubrange(at..<min(body.count, at + 9))
            }
        }
        return body
    }

    @Test("A damaged header with parameters is read or refused and never causes a crash")
    func parameters() {
        let pieces = [
            "form-data", ";", "=", "\"", "\\", " ", "name", "filename", "*", "%22", "ä", "\t", "a",
        ]
        for seed in Fuzz.seeds(5000) {
            var numbers = SeededNumbers(seed)
            let count = Int.random(in: 0...20, using: &numbers)
            // `!` because `pieces` is not empty.
            let text = (0..<count).map { _ in pieces.randomElement(using: &numbers)! }.joined()
            guard let header = HeaderParameters(text) else { continue }
            let isShort = [header.value, header["name"] ?? ""].allSatisfy {
                $0.utf8.count <= text.utf8.count
            }
            #expect(isShort, "seed \(seed)")
        }
    }
}
