import Model
import Testing

@Suite struct FormatFaultsTests {
    private func taken(_ faults: [FormatFault], _ sizes: [ImageFormat?] = [nil]) -> [ImageFormat] {
        let preset = Preset(
            sizes: sizes.enumerated().map { index, format in
                Preset.Size(
                    name: "size\(index)", box: PixelSize(width: 9, height: 9), format: format)
            })
        return FormatFaults(faults).formats(with: preset)
    }

    @Test("A format is accepted if it can be read and all its variants can be written")
    func formats() {
        let all = ImageFormat.allCases
        #expect(taken([]) == all)
        #expect(taken([FormatFault(.heic, .read, "")]) == all.filter { $0 != .heic })
        #expect(taken([FormatFault(.avif, .write, "")]) == all.filter { $0 != .avif })
        // AVIF in, JPEG out.
        #expect(taken([FormatFault(.avif, .write, "")], [.jpeg]) == all)
        #expect(taken([FormatFault(.avif, .write, "")], [nil, .avif]) == [])
        // HEIC becomes JPEG.
        #expect(
            taken([FormatFault(.jpeg, .write, "")]) == all.filter { ![.jpeg, .heic].contains($0) })
        #expect(taken([FormatFault(.webp, .write, "")], [.png]) == [], "placeholders are WebP")
    }

    @Test("A sentence names the format, the reason and the package, on one line")
    func sentences() {
        let fault = FormatFault(.avif, .write, "heifsave: Unsupported compression")
        #expect(
            fault.sentence
                == "AVIF images cannot be written (heifsave: Unsupported compression): from Debian 13 "
                + "on, install libheif-plugin-aomenc.")
        #expect(FormatFault(.webp, .read, "").sentence.hasPrefix("WebP images cannot be read: "))
    }
}
