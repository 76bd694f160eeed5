import Credentials
import Cryptography
import Model
import Text

/// Makes addresses that nginx accepts until they expire. nginx checks them with `secure_link`:
///
///     secure_link $arg_signature,$arg_expires;
///     secure_link_md5 "$secure_link_expires$uri?name=$arg_name $link_secret";
///
/// A map sets `$link_secret` by `$arg_key`, and an empty secret is refused. `name` is empty for variants.
/// Expiry, path and name are signed, so none of them can be changed.
///
/// Use it in one thread: it caches what the links of one time slot have in common.
public final class SignedURL {
    private let key: SigningKeys.Key
    private let base: String
    private let slot: Int64
    private var current = TimeSlot(expires: 0, keyID: "")
    private var digest = MD5()

    private struct TimeSlot {
        let expires: Int64
        let digits: String
        /// The query up to the signature, which only a name follows.
        let query: String

        init(expires: Int64, keyID: String) {
            self.expires = expires
            digits = String(expires)
            query = "?expires=\(expires)&key=\(keyID)&signature="
        }
    }

    /// - Parameters:
    ///   - base: `MULTIRES_URL`, without a slash at its end.
    ///   - slot: the length of a time slot, in whole seconds. A link is valid for one to two slots and stays
    ///     the same within a slot, so that browsers can cache the file.
    public init(keys: SigningKeys, base: String, slot: Duration) {
        key = keys.current
        self.base = base
        self.slot = max(1, slot.wholeSeconds)
    }

    public func url(
        for variant: Variant, of id: Identifier<Image>, at now: Timestamp
    ) -> (url: String, expiresAt: Timestamp) {
        sign(
            length: MediaPath.length(variant), { $0.add(variant, of: id) }, name: nil, at: now,
            use: Self.text)
    }

    /// Passes the same URL to `use` as bytes of UTF-8, which are valid only during that call: a list has a
    /// hundred URLs and needs none of them as a String.
    public func withURL(
        for variant: Variant, of id: Identifier<Image>, at now: Timestamp,
        _ use: (UnsafeBufferPointer<UInt8>) -> Void
    ) {
        _ = sign(
            length: MediaPath.length(variant), { $0.add(variant, of: id) }, name: nil, at: now,
            use: use)
    }

    /// - Parameter name: the name under which a browser saves the original.
    public func url(
        forOriginal format: ImageFormat, named name: String, of id: Identifier<Image>,
        at now: Timestamp
    ) -> (url: String, expiresAt: Timestamp) {
        let path = MediaPath.address(original: format, of: id)
        return sign(
            length: path.utf8.count, { $0.add(path) }, name: name, at: now, use: Self.text)
    }

    /// The address of a public image's variant, which never expires.
    public func publicURL(for variant: Variant, of id: Identifier<Image>) -> String {
        base + MediaPath.address(variant, of: id)
    }

    private static func text(_ bytes: UnsafeBufferPointer<UInt8>) -> String {
        String(decoding: bytes, as: UTF8.self)
    }

    /// - Parameter length: the maximum number of bytes that `addPath` adds.
    private func sign<Result>(
        length: Int, _ addPath: (inout TextBuffer) -> Void, name: String?, at now: Timestamp,
        use: (UnsafeBufferPointer<UInt8>) -> Result
    ) -> (url: Result, expiresAt: Timestamp) {
        let expires = (now.seconds / slot + 2) * slot
        if current.expires != expires { current = TimeSlot(expires: expires, keyID: key.id) }
        let encoded = name.map(percentEncoded) ?? ""
        let capacity =
            base.utf8.count + length + current.query.utf8.count + Base64URL.length(of: 16) + 6
            + encoded.utf8.count
        let url = TextBuffer.withBytes(capacity: capacity) { url in
            url.add(base)
            let start = url.count
            addPath(&url)
            digest.withSignature(
                of: url.bytes(from: start), expires: current.digits, name: encoded, key.secret
            ) { signature in
                url.add(current.query)
                url.add(base64URL: signature)
            }
            if name != nil {
                url.add("&name=")
                url.add(encoded)
            }
        } use: {
            use($0)
        }
        return (url, Timestamp(milliseconds: expires * 1000))
    }
}

extension MD5 {
    /// Passes the signature to `use` as raw bytes, which are valid only during that call.
    ///
    /// - Parameters:
    ///   - expires: seconds since 1970, in decimal digits.
    ///   - name: percent-encoded; empty for variants. nginx compares the encoded text and sends it on as
    ///     RFC 8187 requires it, so there must be only one spelling.
    mutating func withSignature<Result>(
        of path: UnsafeBufferPointer<UInt8>, expires: String, name: String, _ secret: String,
        _ use: (UnsafeRawBufferPointer) -> Result
    ) -> Result {
        let length = expires.utf8.count + path.count + name.utf8.count + secret.utf8.count + 7
        return TextBuffer.withBytes(capacity: length) {
            $0.add(expires)
            $0.add(path)
            $0.add("?name=")
            $0.add(name)
            $0.add(" ")
            $0.add(secret)
        } use: {
            withDigest(of: UnsafeRawBufferPointer($0), use)
        }
    }
}
