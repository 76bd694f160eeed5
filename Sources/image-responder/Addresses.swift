import Media
import Model
import Service

/// Where an image's files are found on the web, absolute.
struct Addresses {
    private let signer: SignedURL

    init(_ program: Program) {
        signer = SignedURL(
            keys: program.secrets.link, base: program.configuration.url,
            slot: program.configuration.linkSlot)
    }

    /// Signed while the image is private; `expiresAt` is nil for what is public.
    func variant(
        _ variant: Variant, of image: Image, at now: Timestamp
    ) -> (url: String, expiresAt: Timestamp?) {
        guard image.visibility == .private else {
            return (signer.publicURL(for: variant, of: image.id), nil)
        }
        let signed = signer.url(for: variant, of: image.id, at: now)
        return (signed.url, signed.expiresAt)
    }

    /// The same, lent in bytes of UTF-8.
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

    /// Always signed: it may carry a place, and a name.
    func original(of image: Image, at now: Timestamp) -> (url: String, expiresAt: Timestamp?) {
        let signed = signer.url(
            forOriginal: image.format, named: image.originalName, of: image.id, at: now)
        return (signed.url, signed.expiresAt)
    }
}
