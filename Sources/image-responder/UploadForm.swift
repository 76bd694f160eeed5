import API
import Gateway
import Media
import Model
import Text

/// The content of an upload: images in temporary files, and the other fields.
struct UploadForm {
    /// In the order sent. An image that is too large is an error in its place.
    private(set) var photos: [Result<ReceivedImage, Problem>] = []
    private(set) var fit = Fit.cover
    /// Nil when the request has no such field, as `alt` is.
    private(set) var visibility: Visibility?
    private(set) var alt: String?
    private let idempotencyKey: String?

    /// The body is the image. `fit`, `visibility`, `alt` and `filename` are in the query.
    init(raw request: Request, into media: any MediaStore, limit: Int64, idempotencyKey: String?)
        throws
    {
        self.idempotencyKey = idempotencyKey
        for name in ["fit", "visibility", "alt"] {
            if let value = try request.query(name) { try set(name, value) }
        }
        if let length = request.body.contentLength, length > limit {
            throw Problem.tooLarge(limitBytes: limit)
        }
        var file = try media.receive(written: request.body.path)
        while case let bytes = try request.body.read(), !bytes.isEmpty {
            guard file.bytes + Int64(bytes.count) <= limit else {
                throw Problem.tooLarge(limitBytes: limit)
            }
            try file.append(bytes)
        }
        // A name that is not UTF-8 is treated as missing: the image matters more than its name.
        let name = try? request.query("filename")
        photos = [.success(ReceivedImage(named: name, file))]
    }

    /// RFC 7578: parts `image`, and text parts `fit`, `visibility`, `alt`. Parts with other names are
    /// skipped.
    init(
        multipart request: Request, into media: any MediaStore, limit: Int64,
        idempotencyKey: String?
    ) throws {
        self.idempotencyKey = idempotencyKey
        var parts = try MultipartReader(
            body: request.body, contentType: request.header("Content-Type"))
        while let part = try parts.next() {
            switch part.name {
            case "image":
                var file = try media.receive()
                var tooLarge = false
                // Read to its end even when it is too large: other parts may follow.
                while let bytes = try parts.read() {
                    tooLarge = tooLarge || file.bytes + Int64(bytes.count) > limit
                    if !tooLarge { try file.append(bytes) }
                }
                photos.append(
                    tooLarge
                        ? .failure(.tooLarge(limitBytes: limit))
                        : .success(ReceivedImage(named: part.fileName, file)))
            case "fit", "visibility", "alt":
                try set(part.name, parts.readText(limit: 4096))
            default:
                while try parts.read() != nil {}
            }
        }
        guard !photos.isEmpty else {
            throw Problem.invalidRequest(
                "The form has no part named 'image'. Send the file in a part of that name.")
        }
    }

    /// A request has one key. Each of several images gets a key of its own that is made from it.
    func idempotencyKey(at index: Int) -> String? {
        photos.count == 1 ? idempotencyKey : idempotencyKey.map { "\($0)/\(index)" }
    }

    /// Names of the fields of the request that differ in the existing image.
    func ignored(by earlier: Image) -> [String] {
        var names: [String] = []
        if let alt, !alt.isSame(as: earlier.alt) { names.append("alt") }
        if let visibility, visibility != earlier.visibility { names.append("visibility") }
        return names
    }

    private mutating func set(_ name: String, _ value: String) throws {
        switch name {
        case "fit":
            guard let fit = Fit(rawValue: value) else {
                throw Problem.invalidValue("fit", value, "is not cover or inside.")
            }
            self.fit = fit
        case "visibility":
            guard let visibility = Visibility(rawValue: value) else {
                throw Problem.invalidValue("visibility", value, "is not private or public.")
            }
            self.visibility = visibility
        default:
            alt = try AltText.checked(value)
        }
    }
}

/// An image in a temporary file, which is removed with this object unless it was taken.
final class ReceivedImage {
    let name: String
    private var file: IncomingFile?

    init(named name: String?, _ file: consuming IncomingFile) {
        self.name = FileName.cleaned(name)
        self.file = consume file
    }

    /// - Precondition: it was not taken before.
    func take() -> IncomingFile {
        guard let file = file.take() else { preconditionFailure("taken twice") }
        return file
    }
}

extension Request {
    /// The header of draft-ietf-httpapi-idempotency-key-header: chosen by the client, 1 to 255 visible ASCII
    /// characters.
    func idempotencyKey() throws -> String? {
        guard let key = header("Idempotency-Key") else { return nil }
        guard (1...255).contains(key.utf8.count),
            key.utf8.allSatisfy({ (0x21...0x7E).contains($0) })
        else {
            throw Problem.invalidValue(
                "Idempotency-Key", key, "is not 1 to 255 visible ASCII characters.")
        }
        return key
    }
}
