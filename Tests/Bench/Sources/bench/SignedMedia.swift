import Foundation
import Support

/// A private image by its signed URL, with the check of the signature, a log line and all headers. The
/// baseline is the same file from a plain nginx without any of these.
enum SignedMedia {
    static func run(in folder: TemporaryFolder) throws {
        let stack = try Stack()
        let client = try stack.account()
        let photo = try Photos.jpeg(width: 2400, height: 1800, in: folder)
        let image = try client.upload(photo)["imageId"].string ?? ""
        _ = try client.get("/api/images/\(image)/status?wait=20")
        let sizes = try client.get("/api/images/\(image)")["sizes"]
        _ = try folder.folder("files")
        let plain = try PlainNginx(server: "root files;", in: folder)
        defer { plain.stop() }
        for size in ["thumbnail", "small", "medium"] {
            guard let address = sizes[size]?["url"]?.string else {
                throw NotRunning(description: stack.logText)
            }
            let file = "files/\(size).jpg"
            let answer = try client.get(address)
            _ = try Photos.write(answer.body, to: folder.file(file))
            guard answer.status == 200,
                try Client(base: plain.base).get("/\(size).jpg").body == answer.body
            else { throw NotRunning(description: "\(size): \(answer.status)") }

            try Load(address: address, seconds: 2).compare(
                "signed \(size), \(answer.body.count / 1000) KB", "the file from a plain nginx",
                Load(address: "\(plain.base)/\(size).jpg", seconds: 2), goal: .atLeast(0.72))
        }
        stack.stop()
    }
}
