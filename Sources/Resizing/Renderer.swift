import CVips
import Glibc
import Model
import Processes
import ResizerClient
import Synchronization

/// Makes every size of a picture from one decode of it.
public struct Renderer: Sendable {
    /// Starts libvips; once per process.
    public init() throws {
        try Vips.start()
    }

    /// Writes each variant into the order's folder under `Variant.fileName`. What lies there after
    /// an error is the caller's to remove.
    public func render(_ order: RenderOrder) throws(RenderError) -> Rendering {
        try Self.turn.withLock { _ throws(RenderError) in try renderAlone(order) }
    }

    /// One image at a time: libvips has one number of threads and one buffer of errors for all.
    private static let turn = Mutex(())

    private func renderAlone(_ order: RenderOrder) throws(RenderError) -> Rendering {
        Vips.work(with: order.threads)
        // What is said from here on is about this image.
        _ = Vips.failure()
        let limits = order.limits
        let original = try Original(opening: order.original, as: order.format, within: limits)
        try limits.check(original)
        try original.decoding?.check(within: Confinement.memoryLimit)
        try original.checkStructure(within: limits)
        let plan = Plan(for: original.upright, fit: order.fit, sizes: order.preset.sizes)
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
            let file = try encode(view, as: target.size, for: order, unless: last)
            variants.append((position, try write(file, showing: view, as: target.size, for: order)))
            last = file
        }
        variants.sort { $0.position < $1.position }
        return Rendering(
            pixels: original.upright, variants: variants.map(\.variant),
            placeholder: try placeholder(view))
    }

    /// A file that the decoder refuses although all its pixels are there is repaired and read again.
    private func decode(
        _ original: Original, for plan: Plan, within limits: RenderLimits
    ) throws(RenderError) -> View {
        let view: View
        do { view = try read(original, for: plan) } catch {
            let repaired = try original.repaired(after: error, within: limits)
            do {
                return try read(repaired, for: plan)
            } catch {
                throw RenderError(
                    reading: error.adding("all data are there, but the decoder refuses them"))
            }
        }
        try original.checkWarnings()
        return view
    }

    /// What comes first is done to many pixels, what comes later to few: the crop costs nothing,
    /// and colours and turning can wait until the picture is small.
    private func read(_ original: Original, for plan: Plan) throws(Vips.Failure) -> View {
        let isTurned = original.upright != original.stored
        let crop = isTurned ? plan.crop.turned : plan.crop
        let pixels = isTurned ? plan.master.turned : plan.master
        let file = try original.open(shrink: plan.shrink)
        let part = Rectangle(
            centred: original.stored.share(crop, of: file.pixels), in: file.pixels)
        let isReadAtOnce = original.frames == 1 && part.bottom == file.pixels.height
        let strip = isReadAtOnce ? file : try file.readableInParts()
        let frames = try Frames(decoding: strip, count: original.frames) {
            frame throws(Vips.Failure) in
            try frame.cropped(to: part)
                .inEightBits()
                .resized(to: pixels)
                .inSRGB()
                .upright()
                .withoutMetadata()
        }
        if !isReadAtOnce { try strip.readToEnd() }
        return View(frames: frames, crop: plan.crop)
    }

    private func resize(_ view: View, to target: Plan.Target) throws(RenderError) -> View {
        let part = Rectangle(
            centred: view.crop.share(target.crop, of: view.pixels), in: view.pixels)
        do {
            let frames = try view.frames.map { frame throws(Vips.Failure) in
                try frame.cropped(to: part).resized(to: target.pixels)
            }
            return View(frames: frames, crop: target.crop)
        } catch {
            throw RenderError(encoding: error)
        }
    }

    /// - Parameter last: the view's last file, which is taken again where it would be made alike.
    private func encode(
        _ view: View, as size: Preset.Size, for order: RenderOrder, unless last: EncodedFile?
    ) throws(RenderError) -> EncodedFile {
        let format = size.format(of: order.format)
        let encoding = order.preset.encoding(of: size)
        if let last, last.format == format, last.encoding == encoding { return last }
        do {
            return EncodedFile(
                format: format, encoding: encoding,
                bytes: try view.frames.encoded(as: format, encoding))
        } catch {
            throw RenderError(encoding: error)
        }
    }

    private func write(
        _ file: EncodedFile, showing view: View, as size: Preset.Size, for order: RenderOrder
    ) throws(RenderError) -> Variant {
        let variant = Variant(
            name: size.name, revision: order.preset.revision(of: size), format: file.format,
            pixels: view.pixels, bytes: Int64(file.bytes.count))
        do {
            let path = "\(order.folder)/\(variant.fileName)"
            try FileDescriptor(opening: path, O_WRONLY | O_CREAT | O_TRUNC).write(file.bytes)
        } catch {
            throw RenderError(writing: error)
        }
        return variant
    }

    private func placeholder(_ view: View) throws(RenderError) -> String {
        do { return try view.frames.pictures[0].placeholder() } catch {
            throw RenderError(encoding: error)
        }
    }
}

/// What an encoder made, for all sizes that would be alike.
private struct EncodedFile {
    let format: ImageFormat
    let encoding: Preset.Encoding
    let bytes: [UInt8]
}

/// Pixels in memory, and how much of the original's middle they show.
private struct View {
    let frames: Frames
    /// In pixels of the upright original.
    let crop: PixelSize

    var pixels: PixelSize { frames.pictures[0].pixels }

    func isAlready(_ target: Plan.Target) -> Bool {
        crop == target.crop && pixels == target.pixels
    }

    /// Without enlarging, and without showing less.
    func canBecome(_ target: Plan.Target) -> Bool {
        crop.covers(target.crop) && crop.share(target.crop, of: pixels).covers(target.pixels)
    }
}
