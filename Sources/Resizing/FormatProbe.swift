import CVips
import Glibc
import Model
import Processes

extension Renderer {
    /// Writes and reads a small image in each of these formats, by the same steps as for uploaded images, and
    /// returns what does not work: the available formats depend on the libraries of the machine.
    ///
    /// Throws `SystemError` if files cannot be created in `folder`, which is not a fault of the formats.
    public func faults(of formats: [ImageFormat], in folder: String) throws -> [FormatFault] {
        try formats.flatMap { try FormatProbe(format: $0, folder: folder).faults() }
    }
}

private struct FormatProbe {
    let format: ImageFormat
    let folder: String

    private static let limits = RenderLimits(
        pixels: 1 << 20, side: 1 << 10, animatedPixels: 1 << 20, interlacedPixels: 1 << 20,
        frames: 1, scans: 100)

    func faults() throws -> [FormatFault] {
        var faults: [FormatFault] = []
        var written: [UInt8]?
        // Variants are never HEIC.
        if format.ofVariants == format {
            do throws(CodecError) { written = try encoded() } catch {
                faults.append(FormatFault(format, .write, error.message))
            }
        }
        guard let file = sample ?? written else {
            return faults + [FormatFault(format, .read, "there is no sample file to read")]
        }
        let path = "\(folder)/sample.\(format.fileExtension)"
        try FileDescriptor(opening: path, O_WRONLY | O_CREAT | O_TRUNC).write(file)
        defer { unlink(path) }
        if let message = readFault(in: path) { faults.append(FormatFault(format, .read, message)) }
        return faults
    }

    private var sample: [UInt8]? {
        switch format {
        case .heic: SampleImage.heic
        case .avif: SampleImage.avif
        default: nil
        }
    }

    private func encoded() throws(CodecError) -> [UInt8] {
        let picture = try Picture(copying: SampleImage.pixels, SampleImage.size, bands: 3)
        return try Frames([picture]).encoded(as: format, Preset.Encoding(), .half)
    }

    /// Why decoding the file does not give the pixels of the sample; nil if it does.
    private func readFault(in path: String) -> String? {
        let picture: Picture
        do {
            let original = try Original(opening: path, as: format, within: Self.limits)
            let whole = Preset(sizes: [.init(name: "", box: SampleImage.size, format: .png)])
            picture = try original.decoded(
                for: RenderPlan(for: original, fit: .inside, preset: whole)
            ).picture()
        } catch {
            return (error as? RenderError)?.message ?? (error as? CodecError)?.message
                ?? "\(error)"
        }
        let (side, bands) = (SampleImage.side, picture.bands)
        let bytes = picture.bytes
        guard picture.pixels == SampleImage.size, bands >= 3, !bytes.isEmpty else {
            return "the decoded image has the wrong size or too few channels"
        }
        for (column, colour) in [(4, SampleImage.left), (12, SampleImage.right)] {
            let place = (side / 2 * side + column) * bands
            // Far more than any encoder changes a value, and far less than the two halves differ.
            guard zip(bytes[place...], colour).allSatisfy({ abs(Int($0) - Int($1)) <= 24 })
            else { return "the decoded image has the wrong colours" }
        }
        return nil
    }
}
