import Foundation
import Testing

@testable import Resizing

@Suite struct ToneMappingTests {
    @Test("Tones without a declared brightest light are those that Chromium shows")
    func table() {
        let tones = ToneMapping(brightest: 0)
        for (light, shown) in ToneTable.points {
            #expect(abs(tones.shown(light) - shown) < 0.021, "\(light): \(tones.shown(light))")
        }
    }

    @Test(
        "Every brightest light is mapped to white, steadily and without a step",
        arguments: [1.0, 150, 203, 204, 300, 1000, 4000, 10_000])
    func steady(_ brightest: Double) {
        let tones = ToneMapping(brightest: brightest)
        let end = max(1, brightest / ToneMapping.white)
        let steps = 2000
        var last = 0.0
        for step in 0...steps {
            let shown = tones.shown(end * Double(step) / Double(steps))
            #expect(shown >= last && shown - last < 0.03, "\(step): \(last), \(shown)")
            last = shown
        }
        #expect(abs(last - 1) < 0.001)
        #expect(tones.shown(end * 2) == 1)
    }

    @Test("An image that is no brighter than white stays as it is; a brighter one becomes darker")
    func white() {
        #expect(ToneMapping(brightest: 203).shown(0.4) == 0.4)
        let whites = [203.0, 400, 1000, 4000].map { ToneMapping(brightest: $0).shown(1) }
        #expect(whites == whites.sorted(by: >) && abs(whites[2] - 0.5) < 1e-9)
        #expect(whites[3] == 0.5)
    }
}

@Suite struct TransferCurveTests {
    @Test("sRGB's curve and its inverse give the same value again")
    func sRGB() {
        for value in 0...255 {
            let linear = TransferCurve.sRGB.linear(Double(value) / 255)
            #expect(abs(TransferCurve.sRGBValue(linear) * 255 - Double(value)) < 0.01)
        }
        #expect(abs(TransferCurve.sRGB.linear(0.5) - 0.21404) < 1e-4)
    }

    @Test("Curves of high dynamic range have the values that their standards state")
    func highDynamicRange() {
        let pq = TransferCurve.pq
        // SMPTE ST 2084: 10,000 cd/m² at 1; Rec. ITU-R BT.2408: 203 cd/m² at 0.58.
        #expect(abs(pq.linear(1) * ToneMapping.white - 10_000) < 1)
        #expect(abs(pq.linear(0.5807) - 1) < 0.01)
        #expect(pq.linear(0) == 0)
        // Rec. ITU-R BT.2100, table 5.
        #expect(abs(TransferCurve.hlg.linear(0.5) - 1.0 / 12) < 1e-6)
        #expect(abs(TransferCurve.hlg.linear(1) - 1) < 1e-5)
        let white = ToneMapping.display(scene: SIMD3(repeating: 1))
        #expect(abs(Double(white.x) * ToneMapping.white - 1000) < 0.1)
    }

    @Test("Codes of video signals have the curve of their format")
    func codes() {
        for code in [1, 6, 11, 14, 15] {
            #expect(TransferCurve(code: code, video: .sRGB) == .sRGB)
            #expect(TransferCurve(code: code, video: .gamma(2.4)) == .gamma(2.4))
        }
        #expect(TransferCurve(code: 4, video: .sRGB) == .gamma(2.2))
        #expect(TransferCurve(code: 5, video: .sRGB) == .gamma(2.8))
        #expect(TransferCurve(code: 8, video: .sRGB) == .gamma(1))
        #expect(TransferCurve(code: 13, video: .pq) == .sRGB)
        for code in [0, 2, 3, 9, 99] { #expect(TransferCurve(code: code, video: .pq) == nil) }
    }
}
