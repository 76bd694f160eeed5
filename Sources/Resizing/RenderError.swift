import Glibc
import Model
import Processes
import ResizerClient

/// Why rendering failed: the report for the worker, and the message of libvips or the kernel for the log.
public struct RenderError: Error {
    public let report: RenderResult
    public let message: String

    private init(_ report: RenderResult, message: String) {
        self.report = report
        self.message = message
    }

    /// The image is the cause: another attempt would fail in the same way.
    static func imageFailed(
        _ code: String, _ sentence: String, message: String = ""
    ) -> RenderError {
        RenderError(
            .imageFailed(RenderFailure(code: code, sentence: sentence)),
            message: message.isEmpty ? sentence : message)
    }

    /// The machine is the cause: another attempt may succeed.
    static func failed(_ code: String, _ sentence: String, message: String) -> RenderError {
        RenderError(.failed(RenderFailure(code: code, sentence: sentence)), message: message)
    }

    static func notAnImage(_ message: String) -> RenderError {
        .imageFailed(
            "unsupported_media_type",
            "The file's content is not a readable JPEG, PNG, WebP, GIF, AVIF or HEIC image.",
            message: message)
    }

    static func unreadable(_ message: String) -> RenderError {
        .failed(
            "original_unreadable", "The server could not read the original. Retry the image.",
            message: message)
    }

    /// The original could not be decoded.
    init(reading failure: CodecError) {
        if failure.isOutOfMemory {
            self = .outOfMemory(failure)
        } else if let sentence = failure.unsupported {
            self = .imageFailed("unsupported_image", sentence, message: failure.message)
        } else {
            self = .imageFailed(
                "corrupt_image",
                "This image is damaged or incomplete. Export it again and upload the new file.",
                message: failure.message)
        }
    }

    /// Pixels in memory could not be encoded.
    init(encoding failure: CodecError) {
        self =
            failure.isOutOfMemory
            ? .outOfMemory(failure)
            : .failed(
                "encoding_failed", "A variant of this image could not be encoded.",
                message: failure.message)
    }

    init(writing error: any Error) {
        let isFull = (error as? SystemError)?.isFullDisk ?? false
        self =
            isFull
            ? RenderError(.failed(.noSpace), message: "\(error)")
            : .failed(
                "write_failed", "The variants of this image could not be written. Retry the image.",
                message: "\(error)")
    }

    private static func outOfMemory(_ failure: CodecError) -> RenderError {
        .failed(
            "out_of_memory", "Rendering this image needs more memory than was free.",
            message: failure.message)
    }
}
