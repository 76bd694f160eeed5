import Text

/// The parameters of a query as forms and URLSearchParams write it: `name=value&name=value`. A value is nil
/// when it is not UTF-8 or has a NUL. A parameter with such a name is left out.
func queryArguments(_ query: String) -> [(name: String, value: String?)] {
    query.utf8.split(separator: UInt8(ascii: "&")).compactMap { pair in
        let name = pair.prefix { $0 != UInt8(ascii: "=") }
        let value = pair.dropFirst(name.count + 1)
        guard let name = percentDecoded(name, plusIsSpace: true) else { return nil }
        return (name, percentDecoded(value, plusIsSpace: true))
    }
}
