import Foundation
import Support

/// A private picture by its signed address: signature, log line, every header. The baseline is the
/// same file from a plain nginx that does none of this.
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
                throw NotUp(description: stack.logText)
            }
            let file = "files/\(size).jpg"
            let picture = try client.get(address)
            _ = try Photos.write(picture.body, to: folder.file(file))
            guard picture.status == 200,
                try Client(base: plain.base).get("/\(size).jpg").body == picture.body
            else { throw NotUp(description: "\(size): \(picture.status)") }

            try Load(address: address, seconds: 2).compare(
                "signed \(size), \(picture.body.count / 1000) KB", "the file from a plain nginx",
                Load(address: "\(plain.base)/\(size).jpg", seconds: 2), goal: .atLeast(0.72))
        }
        stack.stop()
    }
}
