import API
import Foundation
import Support
import Testing

@testable import Gateway

/// A part with its whole content.
struct WholePart: Equatable {
    var name: String
    var fileName: String?
    var contentType: String?
    var content: [UInt8]

    init(
        _ name: String, fileName: String? = nil, contentType: String? = nil, _ content: [UInt8]
    ) {
        self.name = name
        self.fileName = fileName
        self.contentType = contentType
        self.content = content
    }

    init(_ name: String, fileName: String? = nil, contentType: String? = nil, _ content: String) {
        self.init(name, fileName: fileName, contentType: contentType, Array(content.utf8))
    }

    /// - Parameter chunk: how many bytes the transport delivers at once.
    static func all(
        _ body: [UInt8], type: String = "multipart/form-data; boundary=b", chunk: Int = .max,
        declared: Int? = nil, limits: MultipartReader.Limits = .init()
    ) throws -> [WholePart] {
        let exchange = MemoryExchange(
            variables: ["CONTENT_LENGTH": String(declared ?? body.count)], body: body, chunk: chunk)
        var reader = try MultipartReader(
            body: RequestBody(exchange), contentType: type, limits: limits)
        var parts: [WholePart] = []
        while let part = try reader.next() {
            var content: [UInt8] = []
            while let bytes = try reader.read() {
                #expect(!bytes.isEmpty && bytes.count <= 65536)
                content += bytes
            }
            parts.append(
                WholePart(
                    part.name, fileName: part.fileName, contentType: part.contentType, content))
        }
        #expect(try reader.next() == nil && reader.read() == nil)
        return parts
    }
}

/// A part with only a name.
private func field(_ name: String, _ content: String) -> String {
    "--b\r\nContent-Disposition: form-data; name=\"\(name)\"\r\n\r\n\(content)\r\n"
}

@Suite("Multipart")
struct MultipartTests {
    private func parts(_ body: String, limits: MultipartReader.Limits = .init()) throws
        -> [WholePart]
    {
        try WholePart.all(Array(body.utf8), limits: limits)
    }

    /// The error sentence for `body`, which must be refused.
    private func refusal(_ body: String, limits: MultipartReader.Limits = .init()) -> String? {
        let problem = #expect(throws: Problem.self) { try parts(body, limits: limits) }
        #expect(problem?.code == "invalid_request")
        return problem?.sentence
    }

    private func disposition(_ value: String) -> String {
        "--b\r\nContent-Disposition: \(value)\r\n\r\n\r\n--b--\r\n"
    }

    @Test("Parts are read in order, with name, file name, type and content")
    func order() throws {
        let body =
            field("alt", "a lake")
            + "--b\r\ncontent-disposition:form-data;name=image;filename=\"a b.jpg\"\r\n"
            + "CONTENT-TYPE: image/jpeg\r\nX-Other: passed over\r\n\r\n\u{1}\r\n--\r\n-b\r\n--b--\r\n"
        #expect(
            try parts(body) == [
                WholePart("alt", "a lake"),
                WholePart(
                    "image", fileName: "a b.jpg", contentType: "image/jpeg", "\u{1}\r\n--\r\n-b"),
            ])
    }

    @Test("Text before the first boundary and after the last one is ignored")
    func surroundings() throws {
        #expect(
            try parts("preamble\r\n" + field("a", "1") + "--b--  \r\nepilogue\r\n--b\r\n")
                == [WholePart("a", "1")])
    }

    @Test("A part may be empty, and a body may have no parts")
    func empty() throws {
        #expect(try parts(field("a", "") + "--b--") == [WholePart("a", "")])
        #expect(try parts("--b--\r\n") == [])
    }

    @Test("Spaces and tabs after a boundary are ignored")
    func padding() throws {
        #expect(
            try parts("--b \t\r\nContent-Disposition: form-data; name=a\r\n\r\n1\r\n--b--")
                == [WholePart("a", "1")])
    }

    @Test("A part that was not read is skipped")
    func skipped() throws {
        let body = Array(
            (field("a", String(repeating: "x", count: 200_000)) + field("b", "2")).utf8)
        let request = Request("POST", "/", body: body + Array("--b--".utf8))
        var reader = try MultipartReader(
            body: request.body, contentType: "multipart/form-data; boundary=b")
        #expect(try reader.next()?.name == "a")
        #expect(try reader.read()?.isEmpty == false)
        #expect(try reader.next()?.name == "b")
        #expect(try reader.readText() == "2")
        #expect(try reader.next() == nil)
        #expect(request.body.count == body.count + 5)
    }

    @Test(
        "Names are read as browsers and curl write them",
        arguments: [
            (#"form-data; name="a"; filename="b.jpg""#, "a", "b.jpg"),
            (#"FORM-DATA ; Name = x"#, nil, nil),
            (#"form-data; name="a%22b"; filename="c%22.jpg""#, "a\"b", "c\".jpg"),
            (#"form-data; name="a\"b"; filename="c\\d.jpg""#, "a\"b", #"c\d.jpg"#),
            (#"form-data; name="a"; filename="C:\photos\d.jpg""#, "a", #"C:\photos\d.jpg"#),
            (#"form-data; name="a"; filename="photos\""#, "a", #"photos\"#),
            (#"form-data; name="a\"; filename="C:\photos\""#, #"a\"#, #"C:\photos\"#),
            (#"form-data; name="a"; filename="b\\""#, "a", #"b\"#),
            (#"form-data; name="a"; filename="b;c=d.jpg""#, "a", "b;c=d.jpg"),
            (#"form-data; name=a; filename=b.jpg;"#, "a", "b.jpg"),
            (#"form-data; name="Größe"; filename="写真🎈.jpg""#, "Größe", "写真🎈.jpg"),
            (#"form-data; name="a"; filename="""#, "a", ""),
            (#"form-data; name="a"; filename="../../etc/passwd""#, "a", "../../etc/passwd"),
            (#"form-data; name="a"; filename*=UTF-8''caf%C3%A9%20.jpg"#, "a", "café .jpg"),
            (#"form-data; name="a"; filename*=iso-8859-1'fr'caf%E9.jpg"#, "a", "café.jpg"),
            (#"form-data; name="a"; filename*=UTF-8''caf%E9.jpg"#, "a", nil),
            (#"form-data; name="a"; filename*=koi8-r''x.jpg"#, "a", nil),
            (#"form-data; name="a"; filename*=x.jpg"#, "a", nil),
            (#"form-data; name="a"; filename="b.jpg"; filename*=UTF-8''evil.svg"#, "a", "b.jpg"),
            ("form-data; name=\"a\"; filename=\"x%22\u{301}y\"", "a", "x\"\u{301}y"),
            (#"form-data; name="a"; filename*0="ev"; filename*1="il.svg""#, "a", nil),
        ] as [(String, String?, String?)])
    func names(value: String, name: String?, fileName: String?) throws {
        guard let name else {
            _ = refusal(disposition(value))
            return
        }
        #expect(try parts(disposition(value)) == [WholePart(name, fileName: fileName, "")])
    }

    @Test(
        "A part whose name is missing, empty or ambiguous is refused",
        arguments: [
            "form-data", "form-data;", "form-data; name", "form-data; name=",
            "form-data; name=\"\"",
            "form-data; name=\"a", "form-data; name=\"a\"b", "form-data; name=\"a\" b=c",
            "form-data; name=a; name=b", "form-data; name=a; NAME=b",
            "form-data; name=a; filename=b; filename=c", "form-data; =a",
            "form-data; name=\"a\\\"b",
            "attachment; name=\"a\"", "\"form-data\"; name=\"a\"", "form-data, name=\"a\"", "",
            "form-data; na me=a", "form-data; name=a\"b",
        ])
    func badDisposition(value: String) {
        #expect(refusal(disposition(value))?.contains("Content-Disposition") == true)
    }

    @Test(
        "A malformed part header is refused",
        arguments: [
            "Content-Disposition: form-data;\r\n name=\"a\"",
            "Content-Disposition: form-data;\r\n\tname=a",
            " Content-Disposition: form-data; name=a", "Content-Disposition : form-data; name=a",
            "Content-Disposition: form-data; name=\"a\u{0}b\"",
            "Content-Disposition: form-data; name=\"a\nb\"",
            "Content-Disposition: form-data; name=\"a\rb\"",
            "Content-Disposition: form-data; name=\"a\u{7F}b\"",
            "Content-Disposition: form-data; name=a\r\nno colon",
            "Content-Disposition: form-data; name=a\r\n: no name",
            "Content-Disposition: form-data; name=a\r\nX\u{0}: y",
            "Content-Disposition: form-data; name=a\nX: y",
            "Content-Disposition: form-data; name=a\r\nContent-Disposition: form-data; name=b",
            "Content-Disposition: form-data; name=a\r\nContent-Type: a/b\r\ncontent-type: c/d",
            "Content-Disposition: form-data; name=a\r\nContent-Transfer-Encoding: base64",
            "Content-Type: text/plain", "",
        ])
    func badHeader(lines: String) {
        _ = refusal("--b\r\n\(lines)\r\n\r\n1\r\n--b--\r\n")
    }

    @Test("A file name that is not UTF-8 is read as Latin-1, and the part is accepted")
    func latin1() throws {
        let body =
            Array("--b\r\nContent-Disposition: form-data; name=image; filename=\"caf".utf8) + [0xE9]
            + Array(".jpg\"\r\n\r\n1\r\n--b--".utf8)
        #expect(try WholePart.all(body) == [WholePart("image", fileName: "café.jpg", "1")])
    }

    @Test(
        "A transfer encoding without effect is accepted", arguments: ["binary", "8BIT", "7bit"])
    func plainEncoding(encoding: String) throws {
        let body =
            "--b\r\nContent-Disposition: form-data; name=a\r\nContent-Transfer-Encoding: \(encoding)"
            + "\r\n\r\n1\r\n--b--"
        #expect(try parts(body) == [WholePart("a", "1")])
    }

    @Test(
        "A body without its closing boundary is refused, wherever it ends",
        arguments: [
            "", "\r\n", "--", "--b", "--b-", "--b\r\n",
            "--b\r\nContent-Disposition: form-data; name=a",
            "--b\r\nContent-Disposition: form-data; name=a\r\n\r\n",
            "--b\r\nContent-Disposition: form-data; name=a\r\n\r\n1",
            "--b\r\nContent-Disposition: form-data; name=a\r\n\r\n1\r\n--b",
            "--b\r\nContent-Disposition: form-data; name=a\r\n\r\n1\r\n--b\r\n",
            "--b\r\nContent-Disposition: form-data; name=a\r\n\r\n1--b--", "garbage", "a=b&c=d",
            "--c\r\nContent-Disposition: form-data; name=a\r\n\r\n1\r\n--c--\r\n",
            "--b\nContent-Disposition: form-data; name=a\n\n1\n--b--\n",
        ])
    func unclosed(body: String) {
        #expect(refusal(body)?.contains("closing boundary") == true)
    }

    @Test("A body shorter than declared is refused, even if it has its closing boundary")
    func cutShort() {
        let body = Array((field("a", "1") + "--b--").utf8)
        #expect(throws: Problem.self) { try WholePart.all(body, declared: body.count + 1) }
    }

    @Test("A line that only begins with the boundary is refused (RFC 2046, section 5.1.1)")
    func prefix() {
        #expect(refusal(field("a", "1\r\n--boundary\r\n2") + "--b--")?.contains("boundary") == true)
    }

    @Test(
        "A content type without a valid boundary is refused",
        arguments: [
            nil, "", "multipart/form-data", "multipart/form-data; boundary=",
            "multipart/form-data; boundary=\"\"", "multipart/form-data; boundary=\"a ",
            "multipart/form-data; boundary=\"a \"", "multipart/form-data; boundary=a\"b",
            "multipart/form-data; boundary=ä", "multipart/form-data; boundary=a@b",
            "multipart/form-data; boundary=\"a\r\nb\"",
            "multipart/form-data; boundary=a; boundary=b",
            "multipart/form-data, boundary=a", "multipart/mixed; boundary=a", "image/png",
            "multipart/form-data; boundary=" + String(repeating: "a", count: 71),
            "multipart/form-data; boundary=" + String(repeating: "=", count: 100_000),
            "multipart/form-data; " + String(repeating: "a=\"", count: 30_000),
        ] as [String?])
    func badType(type: String?) {
        let problem = #expect(throws: Problem.self) {
            _ = try MultipartReader(body: Request("POST", "/").body, contentType: type)
        }
        #expect(problem?.code == "invalid_request")
    }

    @Test(
        "Boundaries of 1 to 70 bytes are accepted in all forms that clients write",
        arguments: [
            ("b", "b"), ("\"b\"", "b"), ("----=_Part_1/2:3?(x),+'y'", "----=_Part_1/2:3?(x),+'y'"),
            ("\"a b\"", "a b"),
            (
                "----WebKitFormBoundary7MA4YWxkTrZu0gW; charset=utf-8",
                "----WebKitFormBoundary7MA4YWxkTrZu0gW"
            ),
            (String(repeating: "-", count: 70), String(repeating: "-", count: 70)),
        ])
    func boundaries(written: String, boundary: String) throws {
        let body =
            field("a", "--\r\n-").replacing("--b\r\n", with: "--\(boundary)\r\n")
            + "--\(boundary)--"
        let type = "Multipart/Form-Data;  Boundary=\(written)"
        #expect(MultipartReader.reads(type))
        #expect(try WholePart.all(Array(body.utf8), type: type) == [WholePart("a", "--\r\n-")])
    }

    @Test("The limit on a part header is exact to the byte")
    func headerLimit() throws {
        var limits = MultipartReader.Limits()
        let line = "\r\nContent-Disposition: form-data; name=\"a\""
        limits.headerBytes = line.utf8.count
        #expect(try parts(field("a", "1") + "--b--", limits: limits) == [WholePart("a", "1")])
        #expect(refusal(field("aa", "1") + "--b--", limits: limits)?.contains("header") == true)
    }

    @Test("A header that never ends is refused at its limit and not read further")
    func endlessHeader() {
        let body = Array(("--b\r\nX: " + String(repeating: "x", count: 10_000_000)).utf8)
        let request = Request("POST", "/", body: body)
        #expect(throws: Problem.self) {
            var reader = try MultipartReader(
                body: request.body, contentType: "multipart/form-data; boundary=b")
            _ = try reader.next()
        }
        #expect(request.body.count <= 131_072)
    }

    @Test("A body may have 32 parts and no more")
    func partLimit() throws {
        let most = String(repeating: field("a", "1"), count: 32)
        #expect(try parts(most + "--b--").count == 32)
        #expect(refusal(most + field("a", "1") + "--b--")?.contains("32 parts") == true)
    }

    @Test("The text before and after the parts is limited")
    func surroundingLimit() throws {
        let much = String(repeating: "-", count: 1_000_000)
        #expect(refusal(much + "\r\n" + field("a", "1") + "--b--")?.contains("around") == true)
        #expect(refusal(field("a", "1") + "--b--" + much)?.contains("around") == true)
        let some = String(repeating: "-", count: 30_000)
        #expect(
            try parts(some + "\r\n" + field("a", "1") + "--b--" + some) == [WholePart("a", "1")])
    }

    @Test("A text field is limited, and must be UTF-8 without a NUL")
    func text() throws {
        func text(_ content: String) throws -> String {
            var reader = try MultipartReader(
                body: Request("POST", "/", body: Array((field("a", content) + "--b--").utf8)).body,
                contentType: "multipart/form-data; boundary=b")
            _ = try reader.next()
            return try reader.readText(limit: 4)
        }
        #expect(try text("") == "")
        #expect(try text("äö") == "äö")
        #expect(throws: Problem.self) { try text("äöü") }
        #expect(throws: Problem.self) { try text("a\u{0}") }
        let latin1 =
            Array("--b\r\nContent-Disposition: form-data; name=a\r\n\r\n".utf8) + [0xE9]
            + Array("\r\n--b--".utf8)
        #expect(throws: Problem.self) {
            var reader = try MultipartReader(
                body: Request("POST", "/", body: latin1).body,
                contentType: "multipart/form-data; boundary=b")
            _ = try reader.next()
            _ = try reader.readText()
        }
    }

    @Test(
        "A body full of text that resembles boundaries takes linear time",
        arguments: ["\r", "\r\n--", "\r\n" + String(repeating: "-", count: 71) + "x"])
    func linear(piece: String) throws {
        let boundary = String(repeating: "-", count: 70)
        func seconds(_ bytes: Int) throws -> Duration {
            let content = String(repeating: piece, count: bytes / piece.utf8.count)
            let body = Array(
                (field("a", content) + "--b--").replacing("--b", with: "--" + boundary).utf8)
            return try (0..<3).map { _ in
                let start = Thread.processorTime
                _ = try WholePart.all(body, type: "multipart/form-data; boundary=\(boundary)")
                return Thread.processorTime - start
            }.min() ?? .zero
        }
        // Eight times the bytes: eight times the time if linear, 64 times if quadratic.
        #expect(try seconds(1_600_000) < seconds(200_000) * 24)
    }
}
