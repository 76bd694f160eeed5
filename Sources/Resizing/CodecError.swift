/// A failed call of a library that reads or writes images, with its message: for the log, never for an HTTP
/// response.
struct CodecError: Error {
    let message: String
    /// For the user: why an intact file is not accepted. Nil if that is not the cause.
    var unsupported: String?

    /// The libraries have no error code for this, only their own and their codecs' messages.
    var isOutOfMemory: Bool {
        // A thread needs memory for its stack.
        ["out of memory", "failed to allocate", "insufficient memory", "error creating thread"]
            .contains { message.lowercased().contains($0) }
    }

    func adding(_ message: String) -> CodecError {
        CodecError(
            message: [self.message, message].filter { !$0.isEmpty }.joined(separator: "; "),
            unsupported: unsupported)
    }

    /// - Parameter kind: of the file, for example "lossless JPEG".
    func adding(unsupported kind: String) -> CodecError {
        let sentence =
            "This is a \(kind), which is not accepted. "
            + "Save it as a baseline or progressive JPEG with 8 bits per channel."
        return CodecError(message: "\(kind): \(message)", unsupported: sentence)
    }
}
