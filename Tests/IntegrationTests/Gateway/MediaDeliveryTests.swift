import Foundation
import Support
import Testing

/// Variants and originals as nginx sends them.
@Suite struct MediaDeliveryTests {
    @Test(
        "Ranges work: one part, several parts, and a range beyond the end",
        arguments: ["public", "private"])
    func ranges(_ visibility: String) throws {
        let stack = try GatewayStack.stack()
        let (address, cache) = try picture(visibility)
        let whole = try stack.ask("GET", address)
        let part = try stack.ask("GET", address, ["Range: bytes=10-19"])
        part.expect(206, .picture(cache))
        #expect(part.body == Array(whole.body[10...19]))
        #expect(part.headers["content-range"] == "bytes 10-19/\(whole.body.count)")
        let end = try stack.ask("GET", address, ["Range: bytes=-5"])
        #expect(end.body == whole.body.suffix(5))
        let several = try stack.ask("GET", address, ["Range: bytes=0-0,5-6"])
        #expect(several.status == 206)
        #expect(several.headers["content-type"]?.hasPrefix("multipart/byteranges") == true)

        let beyond = try stack.ask("GET", address, ["Range: bytes=9999999-"])
        #expect(beyond.status == 416)
        #expect(beyond.code == "invalid_request")
        #expect(beyond.headers["content-type"] == "application/json")
        #expect(beyond.headers["content-range"] == "bytes */\(whole.body.count)")
        // nginx has added the file's header already. The stricter one counts (RFC 9111, section 4.2.1).
        #expect(beyond.values("cache-control") == [cache, "no-store"])
        #expect(beyond.values("x-request-id").count == 1)
        #expect(beyond.values("access-control-allow-origin") == [GatewayStack.origin])
    }

    @Test("Conditional requests work: 304 for an unchanged file, 412 for a changed one")
    func conditions() throws {
        let stack = try GatewayStack.stack()
        for visibility in ["public", "private"] {
            let (address, cache) = try picture(visibility)
            let whole = try stack.ask("GET", address)
            let etag = try #require(whole.headers["etag"])
            let modified = try #require(whole.headers["last-modified"])
            for condition in ["If-None-Match: \(etag)", "If-Modified-Since: \(modified)"] {
                let answer = try stack.ask("GET", address, [condition])
                answer.expect(304, .empty)
                #expect(answer.values("cache-control") == [cache])
            }
            #expect(try stack.ask("GET", address, ["If-None-Match: \"no\""]).status == 200)
            try stack.ask("GET", address, ["If-Match: \"no\""])
                .expect(412, .problem("invalid_request"))
            let changed = try stack.ask(
                "GET", address, ["Range: bytes=0-0", "If-Range: \"no\""])
            #expect(changed.status == 200)
            #expect(changed.body == whole.body)
        }
    }

    @Test("HEAD has the headers of GET, and no body")
    func head() throws {
        let stack = try GatewayStack.stack()
        let (address, _) = try picture("private")
        let get = try stack.ask("GET", address)
        let head = try stack.ask("HEAD", address)
        #expect(head.body.isEmpty)
        let changing: Set = ["date", "x-request-id"]
        #expect(
            head.fields.filter { !changing.contains($0.name) }.map { "\($0)" }
                == get.fields.filter { !changing.contains($0.name) }.map { "\($0)" })
    }

    @Test("An original is downloaded under its own name, with any characters")
    func original() throws {
        let stack = try GatewayStack.stack()
        let client = try stack.account()
        let folder = TemporaryFolder()
        let photo = try Photos.jpeg(width: 64, height: 64, in: folder)
        let upload = try client.request(
            "POST", "/api/images/upload?filename=G%C3%A4ste%20%22x%22%3B.jpg",
            body: .file(photo, type: "image/jpeg"))
        let detail = try client.finished(try #require(upload["imageId"].string))
        let url = try #require(detail.json["sizes"]?["original"]?["url"]?.string)
        let answer = try stack.client.get(url)
        #expect(
            answer.values("content-disposition").first?.hasPrefix(
                "attachment; filename*=UTF-8''G%C3%A4ste") == true)
        #expect(Data(answer.body) == FileManager.default.contents(atPath: photo))
    }

    private func picture(_ visibility: String) throws -> (address: String, cache: String) {
        let pictures = try GatewayStack.pictures()
        return visibility == "public"
            ? (pictures.public.variant, RouteTableTests.publicly)
            : (Link(path: pictures.private.variant).address, RouteTableTests.privately)
    }
}
