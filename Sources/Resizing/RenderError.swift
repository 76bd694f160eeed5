import Glibc
import Model
import Processes
import ResizerClient

/// Why a render ended: the report for the worker, and libvips' or the kernel's words for the log.
public struct RenderError: Error {
    public let report: RenderReport
    public let words: String

    private init(_ report: RenderReport, words: String) {
        self.report = report
        self.words = words
    }

    /// The picture is at fault; another attempt would end alike.
    static func unusable(_ code: String, _ sentence: String, words: String = "") -> RenderError {
        RenderError(
            .unusable(RenderFailure(code: code, sentence: sentence)),
            words: words.isEmpty ? sentence : words)
    }

    /// The machine is at fault: worth another attempt.
    static func failed(_ code: String, _ sentence: String, words: String) -> RenderError {
        RenderError(.failed(RenderFailure(code: code, sentence: sentence)), words: words)
    }

    static func unreadable(_ words: String) -> RenderError {
        .failed("original_unreadable", "The uploaded file could not be read.", words: words)
    }

    /// Pixels could not be had from a file whose header could be read.
    init(reading failure: Vips.Failure) {
        self =
            failure.isOutOfMemory
            ? .outOfMemory(failure)
            : .unusable(
                "corrupt_image",
                "This picture is damaged or incomplete. Save or export it again, and upload that.",
                words: failure.words)
    }

    /// Pixels in memory could not be encoded.
    init(encoding failure: Vips.Failure) {
        self =
            failure.isOutOfMemory
            ? .outOfMemory(failure)
            : .failed(
                "encoding_failed", "A size of this picture could not be made.",
                words: failure.words)
    }

    init(writing error: any Error) {
        let isFull = (error as? SystemError)?.isFullDisk ?? false
        self =
            isFull
            ? RenderError(.failed(.noSpace), words: "\(error)")
            : .failed(
                "write_failed", "This picture's sizes could not be written.", words: "\(error)")
    }

    private static func outOfMemory(_ failure: Vips.Failure) -> RenderError {
        .failed(
            "out_of_memory", "This picture needs more memory than was free.", words: failure.words)
    }
}
