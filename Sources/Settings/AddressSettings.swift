import Glibc
import Model

/// Settings that are addresses. What they take is what nginx's, Apache's and systemd's files, and links
/// in answers, can have as it stands.
extension SettingReader {
    /// `http://` or `https://`, a host, and a port if need be. A slash at the end is dropped. No path:
    /// the page and its calls begin at the root of a host.
    mutating func webAddress(
        _ name: String, default standard: String, because reason: String
    ) throws -> String {
        let value = try text(name, default: standard, because: reason)
        guard let address = Self.webAddress(value) else {
            throw Unusable(

                "\(name) is \"\(value)\": it must be http:// or https://, a host name or "
                    + "address in ASCII, and a port if it is not the scheme's own, with nothing behind "
                    + "(a path is not supported), like https://photos.example.org or "
                    + "http://localhost:8080.")
        }
        return address
    }

    /// Without a slash at its end; nil for what is none.
    public static func webAddress(_ text: String) -> String? {
        let address = text.hasSuffix("/") ? String(text.dropLast()) : text
        guard let scheme = ["http://", "https://"].first(where: { address.hasPrefix($0) }) else {
            return nil
        }
        return isHost(withPort: address.dropFirst(scheme.count)) ? address : nil
    }

    /// A host and, behind a colon, a port or none.
    static func isHost(withPort text: Substring) -> Bool {
        guard let colon = text.lastIndex(of: ":"), !text.hasSuffix("]") else { return isHost(text) }
        let digits = text[text.index(after: colon)...]
        guard let port = UInt16(digits), port > 0, String(port) == digits else { return false }
        return isHost(text[..<colon])
    }

    /// A DNS name, an IPv4 address, or an IPv6 address in brackets (RFC 3986, section 3.2.2). Names have
    /// 253 bytes at the most (RFC 1035, section 2.3.4).
    private static func isHost(_ host: Substring) -> Bool {
        if host.hasPrefix("["), host.hasSuffix("]") {
            return isIPv6(String(host.dropFirst().dropLast()))
        }
        let labels = host.split(separator: ".", omittingEmptySubsequences: false)
        return (1...253).contains(host.utf8.count)
            && labels.allSatisfy { !$0.isEmpty && !$0.hasPrefix("-") && !$0.hasSuffix("-") }
            && host.utf8.allSatisfy { byte in
                (0x30...0x39).contains(byte) || (0x61...0x7A).contains(byte | 0x20)
                    || [UInt8(ascii: "-"), UInt8(ascii: "."), UInt8(ascii: "_")].contains(byte)
            } && (!isNumeric(host) || isIPv4(String(host)))
    }

    /// Digits and dots alone: an address, or a mistake in one.
    private static func isNumeric(_ host: Substring) -> Bool {
        host.utf8.allSatisfy { (0x30...0x39).contains($0) || $0 == UInt8(ascii: ".") }
    }

    /// An address of this machine's to listen on: IPv4, or IPv6 with or without brackets, which are
    /// dropped.
    mutating func listenAddress(
        _ name: String, default standard: String, because reason: String
    ) throws -> String {
        let value = try text(name, default: standard, because: reason)
        let address =
            value.hasPrefix("[") && value.hasSuffix("]")
            ? String(value.dropFirst().dropLast()) : value == "localhost" ? "127.0.0.1" : value
        if address.utf8.lazy.map({ $0 | 0x20 }).starts(with: "::ffff:".utf8) {
            throw Unusable(

                "\(name) is \"\(value)\", an IPv4 address in the form of IPv6: write it "
                    + "as IPv4, like 127.0.0.1.")
        }
        guard isIPv4(address) && !value.hasPrefix("[") || isIPv6(address) else {
            throw Unusable(

                "\(name) is \"\(value)\": it must be one address of this machine without "
                    + "a port, like 127.0.0.1, ::1, 0.0.0.0 for all of IPv4, or :: for all of IPv4 and "
                    + "IPv6.")
        }
        return address
    }
}

/// Four decimal numbers, as inet_pton(3) takes them.
private func isIPv4(_ text: String) -> Bool {
    var address = in_addr()
    return inet_pton(AF_INET, text, &address) == 1
}

/// Without a scope: nginx takes none.
private func isIPv6(_ text: String) -> Bool {
    var address = in6_addr()
    return inet_pton(AF_INET6, text, &address) == 1
}
