/// A failed call of libvips or libjpeg, with its message: for the log, never for an HTTP response.
struct CodecError: Error {
    let message: String

    /// The libraries have no error code for this, only their own and their codecs' messages.
    var isOutOfMemory: Bool {
        // A thread needs memory for its stack.
        ["out of memory", "failed to allocate", "insufficient memory", "error creating thread"]
            .contains { message.lowercased().contains($0) }
    }

    func adding(_ message: String) -> CodecError {
        CodecError(
            message: [self.message, message].filter { !$0.isEmpty }.joined(separator: "; "))
    }
}
