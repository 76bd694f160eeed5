import Catalog
import Media
import Service

/// Where an image's files are found on the web, absolute.
struct Addresses {
    private let base: String
    private let signer: SignedURL

    init(_ program: Program) {
        base = program.configuration.url
        signer = SignedURL(
            keys: program.secrets.links, slot: program.configuration.linkSlot, base: base)
    }

    /// Signed while the image is private; `expiresAt` is nil for what is public.
    func variant(
        _ variant: Variant, of image: Image, at now: Timestamp
    ) -> (url: String, expiresAt: Timestamp?) {
        let path = MediaPath.web(variant, of: image.id)
        guard image.visibility == .private else { return (base + path, nil) }
        let signed = signer.url(path: path, at: now)
        return (signed.url, signed.expiresAt)
    }

    /// Always signed: it may carry a place, and a name.
    func original(of image: Image, at now: Timestamp) -> (url: String, expiresAt: Timestamp?) {
        let path = MediaPath.webOriginal(of: image.id, format: image.format)
        let signed = signer.url(path: path, name: image.originalName, at: now)
        return (signed.url, signed.expiresAt)
    }
}
