import Catalog
import Credentials

/// Makes addresses that nginx answers until they expire, and no others: its `secure_link`, with
///
///     secure_link $arg_signature,$arg_expires;
///     secure_link_md5 "$secure_link_expires$uri?name=$arg_name $link_secret";
///
/// where a map gives `$link_secret` by `$arg_key`, and an empty one is refused. `name` is empty for
/// variants. Expiry, path and name are signed, so none of them can be changed.
public struct SignedURL: Sendable {
    private let key: SigningKeys.Key
    private let base: String
    private let slot: Int64

    /// - Parameters:
    ///   - base: `MULTIRES_URL`, without a slash at its end.
    ///   - slot: whole seconds. A link lives one to two slots and stays the same within one, so
    ///     that browsers can keep what they fetched.
    public init(keys: SigningKeys, base: String, slot: Duration) {
        key = keys.current
        self.base = base
        self.slot = max(1, slot.wholeSeconds)
    }

    public func url(
        for variant: Variant, of id: Identifier<Image>, at now: Timestamp
    ) -> (url: String, expiresAt: Timestamp) {
        sign(MediaPath.address(variant, of: id), name: nil, at: now)
    }

    /// - Parameter name: what the original is saved as.
    public func url(
        forOriginal format: ImageFormat, named name: String, of id: Identifier<Image>,
        at now: Timestamp
    ) -> (url: String, expiresAt: Timestamp) {
        sign(MediaPath.address(original: format, of: id), name: name, at: now)
    }

    /// The address of a public image's variant, which never expires.
    public func publicURL(for variant: Variant, of id: Identifier<Image>) -> String {
        base + MediaPath.address(variant, of: id)
    }

    private func sign(
        _ path: String, name: String?, at now: Timestamp
    ) -> (url: String, expiresAt: Timestamp) {
        let expires = (now.seconds / slot + 2) * slot
        let encoded = name.map(Self.percentEncode) ?? ""
        let signature = Self.signature(of: path, expires: expires, name: encoded, key.secret)
        let length = [base, path, key.id, encoded].reduce(128) { $0 + $1.utf8.count }
        let url = TextBuffer.text(capacity: length) { url in
            url.add(base)
            url.add(path)
            url.add("?expires=")
            url.add(String(expires))
            url.add("&key=")
            url.add(key.id)
            url.add("&signature=")
            url.add(signature)
            if name != nil {
                url.add("&name=")
                url.add(encoded)
            }
        }
        return (url, Timestamp(milliseconds: expires * 1000))
    }

    /// - Parameter name: percent-encoded; empty for variants.
    static func signature(
        of path: String, expires: Int64, name: String, _ secret: String
    ) -> String {
        TextBuffer.withBytes(
            capacity: path.utf8.count + name.utf8.count + secret.utf8.count + 32
        ) {
            $0.add(String(expires))
            $0.add(path)
            $0.add("?name=")
            $0.add(name)
            $0.add(" ")
            $0.add(secret)
        } use: {
            Base64URL.encode(MD5.of($0))
        }
    }

    /// All but RFC 3986's unreserved characters (section 2.3). nginx compares the text as it stands
    /// and sends it on as RFC 8187 wants it, so there must be one spelling.
    public static func percentEncode(_ text: String) -> String {
        let hexadecimal = Array("0123456789ABCDEF".utf8)
        var encoded: [UInt8] = []
        for byte in text.utf8 {
            switch UnicodeScalar(byte) {
            case "A"..."Z", "a"..."z", "0"..."9", "-", ".", "_", "~": encoded.append(byte)
            default:
                encoded += [
                    UInt8(ascii: "%"), hexadecimal[Int(byte >> 4)], hexadecimal[Int(byte & 15)],
                ]
            }
        }
        return String(decoding: encoded, as: UTF8.self)
    }
}
