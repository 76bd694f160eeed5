import Credentials
import Cryptography
import Model
import Text

/// Makes addresses that nginx answers until they expire, and no others: its `secure_link`, with
///
///     secure_link $arg_signature,$arg_expires;
///     secure_link_md5 "$secure_link_expires$uri?name=$arg_name $link_secret";
///
/// where a map gives `$link_secret` by `$arg_key`, and an empty one is refused. `name` is empty for
/// variants. Expiry, path and name are signed, so none of them can be changed.
///
/// For one thread: it keeps what the links of one slot have in common.
public final class SignedURL {
    private let key: SigningKeys.Key
    private let base: String
    private let slot: Int64
    private var current = Slot(expires: 0, keyID: "")
    private var digest = MD5()

    private struct Slot {
        let expires: Int64
        let digits: String
        /// Up to the signature, which comes last but for a name.
        let query: String

        init(expires: Int64, keyID: String) {
            self.expires = expires
            digits = String(expires)
            query = "?expires=\(expires)&key=\(keyID)&signature="
        }
    }

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
        sign(
            length: MediaPath.length(variant), { $0.add(variant, of: id) }, name: nil, at: now,
            use: Self.text)
    }

    /// Lends the same URL in bytes of UTF-8: a list has a hundred, and needs no String of any.
    public func withURL(
        for variant: Variant, of id: Identifier<Image>, at now: Timestamp,
        _ use: (UnsafeBufferPointer<UInt8>) -> Void
    ) {
        _ = sign(
            length: MediaPath.length(variant), { $0.add(variant, of: id) }, name: nil, at: now,
            use: use)
    }

    /// - Parameter name: what the original is saved as.
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

    /// - Parameter length: the most bytes that `addPath` adds.
    private func sign<Result>(
        length: Int, _ addPath: (inout TextBuffer) -> Void, name: String?, at now: Timestamp,
        use: (UnsafeBufferPointer<UInt8>) -> Result
    ) -> (url: Result, expiresAt: Timestamp) {
        let expires = (now.seconds / slot + 2) * slot
        if current.expires != expires { current = Slot(expires: expires, keyID: key.id) }
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
    /// Lends it to `use`, before it is written in Base64.
    ///
    /// - Parameters:
    ///   - expires: in digits.
    ///   - name: percent-encoded, since nginx compares the text as it stands and sends it on as RFC 8187
    ///     wants it, so there must be one spelling; empty for variants.
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
