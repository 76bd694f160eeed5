import Model

extension Original {
    /// This original again, from bytes that have the end or the checksums which the file lacks. Throws
    /// where it lacks pixels, or more than a repair can give.
    func repaired(
        after failure: Vips.Failure, within limits: RenderLimits
    ) throws(RenderError) -> Original {
        try Original(
            Self.repaired(path, format, after: failure, within: limits), path: path, as: format)
    }

    static func repaired(
        _ path: String, _ format: ImageFormat, after failure: Vips.Failure,
        within limits: RenderLimits
    ) throws(RenderError) -> Source {
        guard !failure.isOutOfMemory else { throw RenderError(reading: failure) }
        let file = try bytes(of: path)
        do {
            return .bytes(
                FileBytes(try Repair.repaired(file, as: format, pixels: limits.pixels)))
        } catch {
            throw RenderError(reading: failure.adding(error.words))
        }
    }

    /// Refuses by the file's structure what a decoder would accept although pixels are missing, and what
    /// has too many scans.
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

    /// To be called once all pixels are read. libjpeg fills what is missing before a marker, and only
    /// warns; so it is asked again where it had anything to say.
    func checkWarnings() throws(RenderError) {
        guard format == .jpeg, !Vips.failure().words.isEmpty else { return }
        try check { file throws(Damage) in try JPEGFile.check(file) }
    }

    private func check(_ look: ([UInt8]) throws(Damage) -> Void) throws(RenderError) {
        let file = try Self.bytes(of: path)
        do { try look(file) } catch { throw RenderError(damaged: error.words) }
    }
}

extension Vips.Failure {
    func adding(_ words: String) -> Vips.Failure {
        Vips.Failure(words: [self.words, words].filter { !$0.isEmpty }.joined(separator: "; "))
    }
}

extension RenderError {
    fileprivate init(damaged words: String) {
        self.init(reading: Vips.Failure(words: words))
    }
}
