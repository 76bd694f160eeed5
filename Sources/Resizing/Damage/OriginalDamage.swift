import Model

extension Original {
    /// This original from repaired bytes, with the end or the checksums that the file lacks. Throws if the
    /// file lacks pixels, or cannot be repaired.
    func repaired(
        after failure: CodecError, within limits: RenderLimits
    ) throws(RenderError) -> Original {
        try Original(
            Self.repaired(path, format, after: failure, within: limits), path: path, as: format)
    }

    static func repaired(
        _ path: String, _ format: ImageFormat, after failure: CodecError,
        within limits: RenderLimits
    ) throws(RenderError) -> LoaderInput {
        guard !failure.isOutOfMemory else { throw RenderError(reading: failure) }
        let file = try bytes(of: path)
        if format == .jpeg, let kind = JPEGFile.unsupportedKind(file) {
            throw RenderError(reading: failure.adding(unsupported: kind))
        }
        var frame: AnimatedPNG?
        if format == .png, let head = PNGHead(path) { frame = try AnimatedPNG(path, head) }
        do throws(Damage) {
            let bytes = try Repair.repaired(
                frame?.bytes ?? file, as: format, pixels: limits.pixels)
            return frame?.input(bytes) ?? .bytes(FileBytes(bytes))
        } catch {
            throw RenderError(reading: failure.adding(error.message))
        }
    }

    /// Refuses, by the structure of the file, a JPEG that libjpeg would accept although pixels are missing, and one
    /// with too many scans.
    func checkStructure(within limits: RenderLimits) throws(RenderError) {
        guard format == .jpeg, isInterlaced else { return }
        let scans = JPEGFile.scans(try Self.bytes(of: path), limit: limits.scans)
        try limits.check(scans)
        if scans.lackComponents { throw RenderError(damaged: "a component has no scan") }
    }

    /// Call it after all pixels were read. libjpeg fills in what is missing before a marker, and only warns.
    /// So a file with any warning is checked again.
    func checkWarnings() throws(RenderError) {
        guard format == .jpeg, !Vips.failure().message.isEmpty else { return }
        try check { file throws(Damage) in try JPEGFile.check(file) }
    }

    private func check(_ look: ([UInt8]) throws(Damage) -> Void) throws(RenderError) {
        let file = try Self.bytes(of: path)
        do { try look(file) } catch { throw RenderError(damaged: error.message) }
    }
}

extension RenderError {
    fileprivate init(damaged message: String) {
        self.init(reading: CodecError(message: message))
    }
}
