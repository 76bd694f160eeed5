import Glibc
import Model
import Text

/// Settings that are addresses. A value is accepted only if it can be written unchanged into the files of
/// nginx, Apache and systemd, and into links in responses.
extension SettingReader {
    /// `http://` or `https://`, a host, and optionally a port. A trailing slash is removed. A path is not
    /// accepted: the page and the API must be at the root of a host.
    mutating func webAddress(
        _ name: String, default defaultValue: String, because reason: String
    ) throws -> String {
        try Self.webAddress(text(name, default: defaultValue, because: reason), name: name)
    }

    /// The address without a trailing slash. Throws `ConfigurationError` if `text` is not a supported web
    /// address.
    ///
    /// - Parameter name: the setting or the option that has this value, for the error message.
    public static func webAddress(_ text: String, name: String) throws -> String {
        func error(_ rest: String) -> ConfigurationError {
            ConfigurationError("\(name): \"\(text)\" \(rest)")
        }
        let example = "like https://photos.example.org or http://localhost:8080"
        guard let mark = text.utf8.firstRange(of: "://".utf8) else {
            // This machine and IP addresses rarely have a certificate.
            let missing = isLocalOrNumeric(text) ? "http://" : "https://"
            let complete = try? webAddress(missing + text, name: name)
            throw error("has no scheme. Use \(complete ?? "an address \(example)").")
        }
        let scheme = text[..<mark.upperBound]
        guard scheme.isSame(as: "http://") || scheme.isSame(as: "https://") else {
            throw error(
                "does not begin with http:// or https://. Use one of them, in lower case and "
                    + "without a space before it, \(example).")
        }
        var host = text[mark.upperBound...]
        if host.utf8.last == UInt8(ascii: "/") { host = Substring(host.utf8.dropLast()) }
        if let end = host.utf8.firstIndex(where: "/?#".utf8.contains),
            isHost(withPort: host[..<end])
        {
            let part =
                switch host.utf8[end] {
                case UInt8(ascii: "/"): "path"
                case UInt8(ascii: "?"): "query"
                default: "fragment"
                }
            throw error("has a \(part). Use \(scheme)\(host[..<end]) without a \(part).")
        }
        guard isHost(withPort: host) else {
            throw error(
                "is not valid after the scheme. Use only a host name in ASCII "
                    + "(internationalized names begin with xn--) or an IP address, and optionally "
                    + "a port from 1 to 65535, \(example).")
        }
        return "\(scheme)\(host)"
    }

    /// A host, optionally followed by a colon and a port (1 to 65535, without leading zeros).
    static func isHost(withPort text: Substring) -> Bool {
        guard let colon = text.lastIndex(of: ":"), !text.hasSuffix("]") else { return isHost(text) }
        let digits = text[text.index(after: colon)...]
        guard let port = UInt16(digits), port > 0, String(port) == digits else { return false }
        return isHost(text[..<colon])
    }

    /// A DNS name, an IPv4 address, or an IPv6 address in brackets (RFC 3986, section 3.2.2). A name has at
    /// most 253 bytes (RFC 1035, section 2.3.4).
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

    /// - Parameter text: an address without a scheme.
    private static func isLocalOrNumeric(_ text: String) -> Bool {
        let host = text.prefix { $0 != ":" && $0 != "/" }
        return host == "localhost" || isNumeric(host) || text.hasPrefix("[")
    }

    /// Only digits and dots. Such a host is meant as an IPv4 address, so it must be a valid one.
    private static func isNumeric(_ host: Substring) -> Bool {
        host.utf8.allSatisfy { (0x30...0x39).contains($0) || $0 == UInt8(ascii: ".") }
    }

    /// An address of this machine to listen on: IPv4, or IPv6 with or without brackets, which are removed.
    /// `localhost` is 127.0.0.1.
    mutating func listenAddress(
        _ name: String, default defaultValue: String, because reason: String
    ) throws -> String {
        let value = try text(name, default: defaultValue, because: reason)
        let address =
            value.hasPrefix("[") && value.hasSuffix("]")
            ? String(value.dropFirst().dropLast()) : value == "localhost" ? "127.0.0.1" : value
        if address.utf8.lazy.map({ $0 | 0x20 }).starts(with: "::ffff:".utf8) {
            throw ConfigurationError(
                "\(name): \"\(value)\" is an IPv4 address in IPv6 notation. Use IPv4 notation, "
                    + "like 127.0.0.1.")
        }
        guard isIPv4(address) && !value.hasPrefix("[") || isIPv6(address) else {
            throw ConfigurationError(
                "\(name): \"\(value)\" is not an IP address. Use one address of this machine "
                    + "without a port, like 127.0.0.1 or ::1; 0.0.0.0 for all IPv4 addresses; or "
                    + ":: for all IPv4 and IPv6 addresses.")
        }
        return address
    }
}

/// Four decimal numbers, as inet_pton(3) accepts them.
private func isIPv4(_ text: String) -> Bool {
    var address = in_addr()
    return inet_pton(AF_INET, text, &address) == 1
}

/// Without a zone like `%eth0`, which nginx does not accept.
private func isIPv6(_ text: String) -> Bool {
    var address = in6_addr()
    return inet_pton(AF_INET6, text, &address) == 1
}
