extension String {
    /// At most so many bytes of UTF-8 from its beginning, cut between two scalars: a Character may have
    /// any number of them.
    public func prefix(bytes: Int) -> String {
        guard utf8.count > bytes else { return self }
        var end = utf8.index(startIndex, offsetBy: bytes)
        while !isScalarBoundary(end) { end = utf8.index(before: end) }
        return String(self[..<end])
    }

    private func isScalarBoundary(_ index: Index) -> Bool {
        index == endIndex || utf8[index] & 0xC0 != 0x80
    }
}
