extension AVIFContainer {
    /// How often an animation is played, by the edit list of its first track (ISO/IEC 23008-12, 9.6.1). 0 means
    /// for ever, and is also assumed without an edit list, as in Chromium.
    mutating func plays() -> Int {
        guard let movie = boxes(in: 0..<bytes.count).first(where: { $0.kind == "moov" }),
            let track = boxes(in: movie.content).first(where: { $0.kind == "trak" })
        else { return 0 }
        let parts = boxes(in: track.content)
        guard let header = parts.first(where: { $0.kind == "tkhd" }),
            let edits = parts.first(where: { $0.kind == "edts" }),
            let list = boxes(in: edits.content).first(where: { $0.kind == "elst" }),
            let edit = edit(list)
        else { return 0 }
        guard edit.isRepeated else { return 1 }
        guard edit.duration > 0, let whole = duration(header) else { return 0 }
        let plays = whole / edit.duration + (whole % edit.duration == 0 ? 0 : 1)
        return plays <= Int(Int32.max) ? plays : 0
    }

    /// Of the track (ISO/IEC 14496-12, 8.3.2). Nil if it has no end.
    private func duration(_ header: Box) -> Int? {
        var reader = BoxReader(bytes[header.content])
        guard let (version, _) = try? reader.version() else { return nil }
        let size = version == 1 ? 8 : 4
        // Creation, modification, number of the track, reserved.
        guard (try? reader.skip(2 * size + 8)) != nil else { return nil }
        // All ones mean that it has no end; as 64 bits they are no Int.
        let value = try? reader.number(size)
        return value == 0xFFFF_FFFF ? nil : value
    }

    /// The only edit (8.6.6).
    private func edit(_ list: Box) -> (isRepeated: Bool, duration: Int)? {
        var reader = BoxReader(bytes[list.content])
        guard let (version, flags) = try? reader.version(), (try? reader.number(4)) == 1,
            let duration = try? reader.number(version == 1 ? 8 : 4)
        else { return nil }
        return (flags & 1 == 1, duration)
    }
}
