import API
import Gateway
import Media
import Model
import Text

/// What came with an upload: photos in temporary files, and the fields beside them.
struct UploadForm {
    /// In the order sent; one that was too large keeps its place.
    private(set) var photos: [Result<ReceivedPhoto, Problem>] = []
    private(set) var fit = Fit.cover
    /// Nil: not asked for.
    private(set) var visibility: Visibility?
    private(set) var alt: String?
    private let idempotencyKey: String?

    /// The body is the picture. `fit`, `visibility`, `alt` and `filename` come in the query.
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
        // A name that is no text is as good as none: the photo is worth keeping.
        let name = try? request.query("filename")
        photos = [.success(ReceivedPhoto(named: name, file))]
    }

    /// RFC 7578: parts `image`, and text parts `fit`, `visibility`, `alt`. Parts of other names are
    /// passed over.
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
                while let bytes = try parts.read() {
                    tooLarge = tooLarge || file.bytes + Int64(bytes.count) > limit
                    if !tooLarge { try file.append(bytes) }
                }
                photos.append(
                    tooLarge
                        ? .failure(.tooLarge(limitBytes: limit))
                        : .success(ReceivedPhoto(named: part.fileName, file)))
            case "fit", "visibility", "alt":
                try set(part.name, parts.readText(limit: 4096))
            default:
                while try parts.read() != nil {}
            }
        }
        guard !photos.isEmpty else {
            throw Problem.invalidRequest("The form needs a part named image that holds the photo.")
        }
    }

    /// One key covers the request; each of several photos gets its own from it.
    func idempotencyKey(at index: Int) -> String? {
        photos.count == 1 ? idempotencyKey : idempotencyKey.map { "\($0)/\(index)" }
    }

    /// Names of what was asked for and is otherwise in the image that was there before.
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
                throw Problem.invalidRequest("fit must be cover or inside.")
            }
            self.fit = fit
        case "visibility":
            guard let visibility = Visibility(rawValue: value) else {
                throw Problem.invalidRequest("visibility must be private or public.")
            }
            self.visibility = visibility
        default:
            alt = try AltText.checked(value)
        }
    }
}

/// A photo in a temporary file that goes with it, unless it is taken.
final class ReceivedPhoto {
    let name: String
    private var file: IncomingFile?

    init(named name: String?, _ file: consuming IncomingFile) {
        self.name = FileName.cleaned(name)
        self.file = consume file
    }

    /// Once.
    func take() -> IncomingFile {
        guard let file = file.take() else { preconditionFailure("taken twice") }
        return file
    }
}

extension Request {
    /// Draft-ietf-httpapi-idempotency-key-header: the client's own choice, 1 to 255 visible bytes.
    func idempotencyKey() throws -> String? {
        guard let key = header("Idempotency-Key") else { return nil }
        guard (1...255).contains(key.utf8.count),
            key.utf8.allSatisfy({ (0x21...0x7E).contains($0) })
        else {
            throw Problem.invalidRequest(
                "Idempotency-Key must be 1 to 255 visible ASCII characters.")
        }
        return key
    }
}
