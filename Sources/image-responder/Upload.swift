import API
import Gateway
import Glibc
import Media
import Model
import Operations
import Processes
import Text

extension ImageResponder {
    /// POST /api/images/upload, multipart or the raw bytes. A 202 is a promise: the original and its job are
    /// on disk and survive a power cut.
    func upload(_ request: Request, _: Parameters) throws -> Response {
        // By then the upload is stored or refused, and no longer needs its reservation.
        defer { try? uploads.end(request.id) }
        let owner = try authenticator.account(of: request, for: .upload).id
        // Refuses before the body is received what `ingest` would refuse after it.
        try catalog.images.admit(from: owner, within: configuration.allowance)
        let form = try receive(request, from: owner)
        let outcomes = form.photos.enumerated().map { index, photo in
            Result {
                try ingest(
                    photo, of: form, owner: owner, idempotencyKey: form.idempotencyKey(at: index),
                    requestID: request.id)
            }
        }
        return try answer(outcomes)
    }

    /// Receives the body into temporary files. What is not ingested is removed with the form.
    private func receive(
        _ request: Request, from owner: Identifier<Account>
    ) throws -> UploadForm {
        let length = request.body.contentLength ?? 0
        guard length <= configuration.requestLimit else {
            throw Problem.tooLarge(limitBytes: configuration.requestLimit)
        }
        let type = request.mediaType
        let isForm = type.isSame(as: "multipart/form-data")
        // A raw body that the web server has stored in a file takes no more room: that file becomes the
        // original. Behind nginx, room was reserved before the body was read (`AuthResponder.check`), and
        // this call changes nothing. Behind other web servers it is reserved here.
        let isHere = request.body.path != nil && !isForm
        try uploads.reserve(
            isHere ? 0 : request.body.contentLength ?? configuration.requestLimit, for: owner,
            request: request.id, process: getpid())
        operations.wakeWorker.forUpload(of: length)
        let key = try request.idempotencyKey()
        if isForm {
            return try UploadForm(
                multipart: request, into: media, limit: configuration.imageLimit,
                idempotencyKey: key)
        }
        if type.starts(withBytes: "image/") || type.isSame(as: "application/octet-stream") {
            return try UploadForm(
                raw: request, into: media, limit: configuration.imageLimit, idempotencyKey: key)
        }
        throw Problem.unsupportedUpload
    }

    private func ingest(
        _ received: Result<ReceivedImage, Problem>, of form: UploadForm,
        owner: Identifier<Account>, idempotencyKey: String?, requestID: String
    ) throws -> Accepted {
        let photo = try received.get()
        let new = NewUpload(
            owner: owner, name: photo.name, fit: form.fit, visibility: form.visibility ?? .private,
            alt: form.alt ?? "", idempotencyKey: idempotencyKey, requestID: requestID)
        do {
            switch try operations.ingest(photo.take(), as: new, within: configuration.allowance) {
            case .added(let image, let job): return Accepted(image, job: job)
            case .duplicate(let earlier, let job):
                return Accepted(earlier, job: job, ignored: form.ignored(by: earlier))
            }
        } catch let refusal as IngestRefusal {
            throw Problem(refusal)
        } catch let error as Unfinished {
            // The row is stored, but a later step failed. Sending the same bytes again completes it.
            LogRecord.write("error", program.name, "upload: \(error)")
            throw CatalogError.unknownOutcome
        }
    }

    /// One image is answered with its own object, several with a list in their order. If none was accepted,
    /// the response is one error for all: nothing was stored, unless it is `unknown_outcome`.
    private func answer(_ outcomes: [Result<Accepted, any Error>]) throws -> Response {
        if outcomes.count == 1 {
            let accepted = try outcomes[0].get()
            return .json(accepted.duplicate ? 200 : 202, accepted)
        }
        let accepted = outcomes.compactMap { try? $0.get() }
        guard !accepted.isEmpty else {
            // An unknown outcome comes first: any other error would promise that nothing was stored.
            let failures = outcomes.compactMap(\.failure)
            throw failures.first { $0 as? CatalogError == .unknownOutcome } ?? failures[0]
        }
        let entries = outcomes.map { outcome -> UploadAnswer.Entry in
            switch outcome {
            case .success(let accepted): .accepted(accepted)
            case .failure(let error): .refused((try? Problem(of: error)) ?? .internal)
            }
        }
        let allKnown = accepted.allSatisfy(\.duplicate)
        return .json(allKnown ? 200 : 202, UploadAnswer(images: entries))
    }
}

extension Result {
    fileprivate var failure: Failure? {
        guard case .failure(let error) = self else { return nil }
        return error
    }
}

struct Accepted: Encodable {
    let message: String
    let imageId: Identifier<Image>
    let jobId: Identifier<Job>
    let status: ImageStatus
    let duplicate: Bool
    /// For a duplicate: fields of the request that differ in the existing image. Nil, and left out of the
    /// JSON, otherwise.
    let ignored: [String]?

    /// - Parameter ignored: nil unless the upload is a duplicate.
    init(_ image: Image, job: Identifier<Job>, ignored: [String]? = nil) {
        duplicate = ignored != nil
        self.ignored = ignored
        message =
            duplicate
            ? "Image was uploaded before" : "Image upload accepted for processing"
        imageId = image.id
        jobId = job
        status = image.status
    }
}

private struct UploadAnswer: Encodable {
    enum Entry: Encodable {
        case accepted(Accepted)
        case refused(Problem)

        func encode(to encoder: any Encoder) throws {
            switch self {
            case .accepted(let accepted): try accepted.encode(to: encoder)
            case .refused(let problem): try problem.encode(to: encoder)
            }
        }
    }

    let message = "Image uploads accepted for processing"
    let images: [Entry]
}
