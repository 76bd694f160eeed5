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
        do {
            return .bytes(
                FileBytes(try Repair.repaired(file, as: format, pixels: limits.pixels)))
        } catch {
            throw RenderError(reading: failure.adding(error.message))
        }
    }

    /// Refuses, by the structure of the file, an original that a decoder would accept although pixels are
    /// missing, and one with too many scans.
    func checkStructure(within limits: RenderLimits) throws(RenderError) {
        switch format {
        case .gif: try check { file throws(Damage) in _ = try GIFFile(file) }
        case .jpeg where isInterlaced:
            let scans = JPEGFile.scans(try Self.bytes(of: path), limit: limits.scans)
            try limits.check(scans)
            if scans.lackComponents { throw RenderError(damaged: "a component has no scan") }
        default: break
        }
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
