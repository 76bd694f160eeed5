import API
import Foundation
import Support
import Testing

@testable import Gateway

/// A file as a response (RFC 9110, sections 13 and 14).
@Suite struct FileResponseTests {
    private let folder = TemporaryFolder()
    private let content = (0..<200_000).map { UInt8(truncatingIfNeeded: $0 * 7) }

    private func ask(_ headers: [String: String] = [:]) throws -> Response {
        let path = folder.file("picture")
        try Data(content).write(to: URL(fileURLWithPath: path))
        // Sunday, 06 November 1994, 08:49:37: the RFC's own example.
        try FileManager.default.setAttributes(
            [.modificationDate: Date(timeIntervalSince1970: 784_111_777)], ofItemAtPath: path)
        let answer = try Response.file(
            at: path, for: Request("GET", "/", headers: headers),
            headers: [("Content-Type", "image/x")])
        return try #require(answer)
    }

    private func bytes(_ response: Response) throws -> [UInt8] {
        guard case .file(let part) = response.body else { return [] }
        var all: [UInt8] = []
        try part.read { all += $0 }
        return all
    }

    private func value(_ name: String, _ response: Response) -> String? {
        response.headers.first { $0.name == name }?.value
    }

    @Test("A whole file is sent with its entity tag and modification time")
    func whole() throws {
        let answer = try ask()
        #expect(answer.status == 200)
        #expect(try bytes(answer) == content)
        #expect(value("ETag", answer) == "\"2ebc98a1-30d40\"")
        #expect(value("Last-Modified", answer) == "Sun, 06 Nov 1994 08:49:37 GMT")
        #expect(value("Content-Type", answer) == "image/x")
    }

    @Test(
        "A single byte range is sent, in every form of the header",
        arguments: [
            ("bytes=0-0", 0..<1), ("bytes=10-19", 10..<20), ("bytes=199990-", 199_990..<200_000),
            ("bytes=-5", 199_995..<200_000),
            ("bytes=199999-99999999999999999999", 199_999..<200_000),
            ("bytes=-99999999999999999999", 0..<200_000), ("bytes=1000-150000", 1000..<150_001),
        ])
    func range(_ header: String, _ range: Range<Int>) throws {
        let answer = try ask(["Range": header])
        #expect(answer.status == 206)
        #expect(try bytes(answer) == Array(content[range]))
        #expect(
            value("Content-Range", answer)
                == "bytes \(range.lowerBound)-\(range.upperBound - 1)/200000")
    }

    @Test(
        "An invalid range or more than one range gives the whole file",
        arguments: [
            "bytes=", "bytes=-", "bytes=5-4", "bytes=a-b", "lines=0-1", "bytes=0-1,3-4", "0-1",
        ])
    func noRange(_ header: String) throws {
        let answer = try ask(["Range": header])
        #expect(answer.status == 200)
        #expect(try bytes(answer).count == content.count)
    }

    @Test(
        "A range past the end gives 416 with the length of the file",
        arguments: ["bytes=200000-", "bytes=99999999999999999999-", "bytes=-0"])
    func beyond(_ header: String) throws {
        let problem = try #require(throws: Problem.self) { try ask(["Range": header]) }
        #expect(problem.status == 416)
        #expect(problem.headers["Content-Range"] == "bytes */200000")
    }

    private static let tag = "\"2ebc98a1-30d40\""
    private static let date = "Sun, 06 Nov 1994 08:49:37 GMT"
    private static let earlier = "Sun, 06 Nov 1994 08:49:36 GMT"
    private static let later = "Mon, 07 Nov 1994 08:49:37 GMT"

    @Test(
        "Conditions are evaluated in the order of RFC 9110, section 13.2.2",
        arguments: [
            (["If-None-Match": tag], 304), (["If-None-Match": "\"a\", W/\(tag)"], 304),
            (["If-None-Match": "*"], 304), (["If-None-Match": "\"a\""], 200),
            (["If-None-Match": "\"a\"", "If-Modified-Since": date], 200),
            (["If-Modified-Since": date], 304), (["If-Modified-Since": later], 200),
            (["If-Modified-Since": "yesterday"], 200),
            (["If-Modified-Since": "Mon, 06 Nov 1994 08:49:37 GMT"], 200),
            (["If-Match": tag], 200), (["If-Match": "*"], 200), (["If-Match": "\"a\""], 412),
            (["If-Match": "W/\(tag)"], 412), (["If-Unmodified-Since": earlier], 412),
            (["If-Unmodified-Since": date], 200), (["If-Unmodified-Since": later], 200),
            (["If-Match": tag, "If-Unmodified-Since": earlier], 200),
            (["Range": "bytes=0-0", "If-Range": tag], 206),
            (["Range": "bytes=0-0", "If-Range": date], 206),
            (["Range": "bytes=0-0", "If-Range": "W/\(tag)"], 200),
            (["Range": "bytes=0-0", "If-Range": later], 200),
            (["Range": "bytes=0-0", "If-None-Match": tag], 304),
        ] as [([String: String], Int)])
    func conditions(_ headers: [String: String], _ status: Int) throws {
        let got: Int
        do {
            let answer = try ask(headers)
            got = answer.status
            if got == 304 { #expect(value("ETag", answer) == Self.tag) }
        } catch let problem as Problem {
            got = problem.status
        }
        #expect(got == status, "\(headers)")
    }

    @Test("A folder, a symbolic link or a missing file is not sent")
    func others() throws {
        try FileManager.default.createSymbolicLink(
            atPath: folder.file("link"), withDestinationPath: "/etc/hostname")
        for name in ["", "link", "nothing"] {
            let answer = try Response.file(
                at: folder.file(name), for: Request("GET", "/"), headers: [])
            #expect(answer == nil, "\(name)")
        }
    }
}
