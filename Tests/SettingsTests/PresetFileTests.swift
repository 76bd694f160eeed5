import Foundation
import Testing

@testable import Model
@testable import Settings

@Suite("Preset files") struct PresetFileTests {
    private func preset(_ text: String) throws(ConfigurationError) -> Preset {
        try PresetFile.preset(from: Data(text.utf8))
    }

    @Test("A preset that is printed reads back unchanged")
    func roundTrip() throws {
        #expect(try preset(PresetFile.text(.standard)) == .standard)
        var encoding = Preset.Encoding()
        encoding.avifEffort = 4
        let own = Preset(
            sizes: [
                .init(name: "thumbnail", box: PixelSize(width: 90, height: 60), fit: .inside),
                .init(
                    name: "hero", box: PixelSize(width: 1600, height: 600), fit: .cover,
                    format: .webp, quality: 82),
            ], encoding: encoding)
        #expect(try preset(PresetFile.text(own)) == own)
    }

    @Test("Sizes may be in any order and are sorted smallest first")
    func order() throws {
        let preset = try preset(
            """
            {"sizes": [{"name": "wide", "width": 1200, "height": 630},
                       {"name": "thumbnail", "width": 100, "height": 100}]}
            """)
        #expect(preset.sizes.map(\.name) == ["thumbnail", "wide"])
        #expect(preset.encoding == Preset.Encoding())
    }

    @Test("Only some of an encoder's settings may be given; the others keep their defaults")
    func encoders() throws {
        let preset = try preset(
            """
            {"sizes": [{"name": "thumbnail", "width": 100, "height": 100}],
             "encoders": {"webp": {"effort": 6}, "png": {"compression": 9}}}
            """)
        #expect(preset.encoding.webpEffort == 6)
        #expect(preset.encoding.webpQuality == 80)
        #expect(preset.encoding.pngCompression == 9)
    }

    @Test(
        "An error in a preset file names its place",
        arguments: [
            (#"{"sizes": ["#, "line 1, column 12: not valid JSON."),
            ("{\n  \"sizes\": [\n    {name: 1}\n  ]\n}", "line 3, column 6: not valid JSON."),
            (#"{"ü": x}"#, "line 1, column 7: not valid JSON."),
            ("", "line 1, column 1: not valid JSON."),
            (#"[]"#, "the file must be a JSON object"),
            (#"{"encoders": {}}"#, "sizes is missing"),
            (#"{"sizes": {}}"#, "sizes must be an array"),
            (#"{"sizes": []}"#, "sizes must have 1 to 32 entries"),
            (#"{"sizes": [], "size": 1}"#, "size is not known; known members are sizes, encoders"),
            (#"{"sizes": [{"width": 1, "height": 1}]}"#, "sizes[0].name is missing"),
            (#"{"sizes": [{"name": "small", "width": 9, "height": 9}]}"#, "\"thumbnail\""),
            (
                #"{"sizes": [{"name": "thumbnail", "width": 9, "height": 9, "higth": 1}]}"#,
                "sizes[0].higth is not known"
            ),
            (
                #"{"sizes": [{"name": "thumbnail", "width": 9.5, "height": 9}]}"#,
                "sizes[0].width must be a whole number from 1 to 16383, but is 9.5."
            ),
            (
                #"{"sizes": [{"name": "thumbnail", "width": 9, "height": 0}]}"#,
                "sizes[0].height must be a whole number from 1 to 16383, but is 0."
            ),
            (
                #"{"sizes": [{"name": "Thumb Nail", "width": 9, "height": 9}]}"#,
                "sizes[0].name must be"
            ),
            (#"{"sizes": [{"name": "original", "width": 9, "height": 9}]}"#, "\"original\""),
            (
                #"{"sizes": [{"name": 7, "width": 9, "height": 9}]}"#,
                "sizes[0].name must be a string"
            ),
            (
                #"{"sizes": [{"name": "thumbnail", "width": 9, "height": 9, "fit": "crop"}]}"#,
                "sizes[0].fit must be cover or inside, or be omitted, but is \"crop\"."
            ),
            (
                #"{"sizes": [{"name": "thumbnail", "width": 9, "height": 9, "format": "heic"}]}"#,
                "sizes[0].format must be jpeg, png, webp, gif or avif, or be omitted"
            ),
            (
                #"{"sizes": [{"name": "thumbnail", "width": 9, "height": 9, "quality": 101}]}"#,
                "sizes[0].quality must be a whole number from 1 to 100"
            ),
            (
                """
                {"sizes": [{"name": "thumbnail", "width": 9, "height": 9, "format": "png",
                            "quality": 80}]}
                """, "sizes[0].quality is not allowed: png"
            ),
            (
                """
                {"sizes": [{"name": "thumbnail", "width": 9, "height": 9},
                           {"name": "thumbnail", "width": 8, "height": 8}]}
                """, "sizes has two entries named \"thumbnail\""
            ),
            (
                """
                {"sizes": [{"name": "thumbnail", "width": 9, "height": 9}],
                 "encoders": {"jpeg": {"effort": 3}}}
                """, "encoders.jpeg.effort is not known; known members are quality"
            ),
            (
                """
                {"sizes": [{"name": "thumbnail", "width": 9, "height": 9}],
                 "encoders": {"avif": {"effort": 10}}}
                """, "encoders.avif.effort must be a whole number from 0 to 9"
            ),
        ])
    func mistakes(_ text: String, _ sentence: String) {
        #expect {
            _ = try preset(text)
        } throws: { error in
            "\(error)".contains(sentence)
        }
    }

    @Test("The preset file is in the data folder, or at the path of MULTIRES_PRESETS")
    func settings() throws {
        let data = FileManager.default.temporaryDirectory.appending(
            path: "presets-\(UUID().uuidString)")
        try FileManager.default.createDirectory(at: data, withIntermediateDirectories: true)
        defer { try? FileManager.default.removeItem(at: data) }
        let environment = ["MULTIRES_DATA": data.path]
        #expect(try Configuration(environment).preset == .standard)

        let own = Preset(sizes: [
            .init(name: "thumbnail", box: PixelSize(width: 90, height: 90))
        ])
        let file = data.appending(path: "presets.json")
        try Data(PresetFile.text(own).utf8).write(to: file)
        #expect(try Configuration(environment).preset == own)

        let missing = environment.merging(["MULTIRES_PRESETS": "/nowhere.json"]) { $1 }
        #expect(throws: ConfigurationError.self) { try Configuration(missing) }
        try Data("{".utf8).write(to: file)
        #expect {
            _ = try Configuration(environment)
        } throws: { "\($0)".contains(file.path) }
    }
}
