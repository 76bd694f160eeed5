import CVips
import Glibc
import Model
import Processes
import ResizerClient
import Synchronization

/// Renders all variants of an image from one decode of the original.
public struct Renderer: Sendable {
    /// Off only in tests, which compare both ways from a JPEG to its variants.
    var usesPlanes = true

    /// Starts libvips. Call it once per process.
    public init() throws {
        try Vips.start()
    }

    /// Writes each variant into the request's folder under `Variant.fileName`. After an error, the caller
    /// must remove the files there.
    public func render(_ request: RenderRequest) throws(RenderError) -> Rendering {
        try Self.turn.withLock { _ throws(RenderError) in try renderAlone(request) }
    }

    /// One image at a time: libvips has one number of threads and one error buffer for the whole process.
    private static let turn = Mutex(())

    private func renderAlone(_ request: RenderRequest) throws(RenderError) -> Rendering {
        Vips.work(with: request.threads)
        // Clears the error buffer, so that later messages are about this image.
        _ = Vips.failure()
        let limits = request.limits
        let original = try Original(opening: request.original, as: request.format, within: limits)
        try limits.check(original)
        try original.decoding?.check(within: Sandbox.memoryLimit)
        try original.checkStructure(within: limits)
        let plan = RenderPlan(for: original, fit: request.fit, preset: request.preset)
        let master = try decode(original, for: plan, within: limits)
        var view = master
        var last: EncodedFile?
        var variants: [(position: Int, variant: Variant)] = []
        for position in plan.order {
            let target = plan.targets[position]
            if !view.isAlready(target) {
                view = try resize(view.canBecome(target) ? view : master, to: target)
                last = nil
            }
            let file = try encode(view, as: target, for: request, unless: last)
            let variant = try write(file, showing: view, as: target.size, for: request)
            variants.append((position, variant))
            last = file
        }
        variants.sort { $0.position < $1.position }
        return Rendering(
            pixels: original.upright, variants: variants.map(\.variant),
            placeholder: try placeholder(view))
    }

    /// Decodes an original. If the decoder refuses it although all its pixels are there, repairs it and reads
    /// it again.
    private func decode(
        _ original: Original, for plan: RenderPlan, within limits: RenderLimits
    ) throws(RenderError) -> View {
        let view: View
        do { view = try View(original.decoded(for: plan, usesPlanes), plan.crop) } catch {
            let repaired = try original.repaired(after: error, within: limits)
            do {
                return try View(repaired.decoded(for: plan, usesPlanes), plan.crop)
            } catch {
                throw RenderError(
                    reading: error.adding("all data is there, but the decoder refuses it"))
            }
        }
        try original.checkWarnings()
        return view
    }

    private func resize(_ view: View, to target: RenderPlan.Target) throws(RenderError) -> View {
        let part = Rectangle(
            centred: view.crop.share(target.crop, of: view.pixels), in: view.pixels)
        do {
            let bitmap = try view.bitmap.resized(part, to: target.pixels, target.chroma)
            return View(bitmap, target.crop)
        } catch {
            throw RenderError(encoding: error)
        }
    }

    /// - Parameter last: the previous file of the view, which is used again if the new one would be the same.
    private func encode(
        _ view: View, as target: RenderPlan.Target, for request: RenderRequest,
        unless last: EncodedFile?
    ) throws(RenderError) -> EncodedFile {
        let (format, chroma) = (target.format, target.chroma)
        let encoding = request.preset.encoding(of: target.size)
        if let last, last.format == format, last.chroma == chroma, last.encoding == encoding {
            return last
        }
        do {
            return EncodedFile(
                format: format, chroma: chroma, encoding: encoding,
                bytes: try view.bitmap.encoded(as: format, encoding, chroma))
        } catch {
            throw RenderError(encoding: error)
        }
    }

    private func write(
        _ file: EncodedFile, showing view: View, as size: Preset.Size, for request: RenderRequest
    ) throws(RenderError) -> Variant {
        let variant = Variant(
            name: size.name, revision: request.preset.revision(of: size), format: file.format,
            pixels: view.pixels, bytes: Int64(file.bytes.count))
        do {
            let path = "\(request.folder)/\(variant.fileName)"
            try FileDescriptor(opening: path, O_WRONLY | O_CREAT | O_TRUNC).write(file.bytes)
        } catch {
            throw RenderError(writing: error)
        }
        return variant
    }

    private func placeholder(_ view: View) throws(RenderError) -> String {
        do { return try view.bitmap.placeholder() } catch {
            throw RenderError(encoding: error)
        }
    }
}

/// An encoded file, for all variants that would have the same bytes.
private struct EncodedFile {
    let format: ImageFormat
    let chroma: Chroma
    let encoding: Preset.Encoding
    let bytes: [UInt8]
}

/// Pixels in memory, and the part of the original, from its centre, that they show.
private struct View {
    let bitmap: any Bitmap
    /// In pixels of the upright original.
    let crop: PixelSize

    init(_ bitmap: any Bitmap, _ crop: PixelSize) {
        (self.bitmap, self.crop) = (bitmap, crop)
    }

    var pixels: PixelSize { bitmap.pixels }

    func isAlready(_ target: RenderPlan.Target) -> Bool {
        crop == target.crop && pixels == target.pixels && hasChroma(for: target)
    }

    /// Whether `target` can be made from it without enlarging and without missing a part of the original.
    func canBecome(_ target: RenderPlan.Target) -> Bool {
        crop.covers(target.crop)
            && crop.share(target.crop, of: pixels).covers(target.pixels)
            && hasChroma(for: target)
    }

    private func hasChroma(for target: RenderPlan.Target) -> Bool {
        crop.share(target.crop, of: bitmap.chromaPixels)
            .covers(target.chroma.size(of: target.pixels))
    }
}
