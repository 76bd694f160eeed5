import Media
import Model
import Service

/// Absolute URLs of an image's files.
struct Addresses {
    private let signer: SignedURL

    init(_ program: Program) {
        signer = SignedURL(
            keys: program.secrets.link, base: program.configuration.url,
            slot: program.configuration.linkSlot)
    }

    /// Signed while the image is private; `expiresAt` is nil for a public image.
    func variant(
        _ variant: Variant, of image: Image, at now: Timestamp
    ) -> (url: String, expiresAt: Timestamp?) {
        guard image.visibility == .private else {
            return (signer.publicURL(for: variant, of: image.id), nil)
        }
        let signed = signer.url(for: variant, of: image.id, at: now)
        return (signed.url, signed.expiresAt)
    }

    /// Calls `use` with the bytes of the same URL, in UTF-8: a list has many, and needs no String of any.
    func withURL(
        for variant: Variant, of image: Image, at now: Timestamp,
        _ use: (UnsafeBufferPointer<UInt8>) -> Void
    ) {
        guard image.visibility == .private else {
            var url = signer.publicURL(for: variant, of: image.id)
            return url.withUTF8(use)
        }
        signer.withURL(for: variant, of: image.id, at: now, use)
    }

    /// Always signed: its metadata may contain a place and names.
    func original(of image: Image, at now: Timestamp) -> (url: String, expiresAt: Timestamp?) {
        let signed = signer.url(
            forOriginal: image.format, named: image.originalName, of: image.id, at: now)
        return (signed.url, signed.expiresAt)
    }
}
