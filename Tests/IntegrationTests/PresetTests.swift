import Foundation
import Processes
import Support
import Testing

/// A service with custom sizes in `presets.json`.
@Suite("Presets in use") struct PresetTests {
    private static let first = """
        {"sizes": [{"name": "thumbnail", "width": 100, "height": 100},
                   {"name": "card", "width": 600, "height": 315, "fit": "cover", "format": "webp"},
                   {"name": "whole", "width": 900, "height": 900, "fit": "inside"}]}
        """
    private static let second = """
        {"sizes": [{"name": "thumbnail", "width": 100, "height": 100},
                   {"name": "card", "width": 700, "height": 315, "fit": "cover", "format": "webp"}]}
        """

    @Test("Custom sizes are rendered, listed and served, and old URLs keep working after a change")
    func change() throws {
        let folder = TemporaryFolder()
        try write(Self.first, below: folder.folder("data"))
        let stack = try Stack(in: folder)
        let limits = try stack.client.get("/api/limits")
        #expect(
            limits["sizes"].array.map { $0["name"]?.string } == ["thumbnail", "card", "whole"])
        #expect(limits["registration"].string == "open")
        #expect(limits["empty"].bool == true)

        let client = try stack.account()
        let photo = try Photos.jpeg(width: 1600, height: 1200, in: folder)
        let detail = try client.completed(photo, fields: ["visibility": "public"])
        #expect(detail["sizes"].names == ["thumbnail", "card", "whole", "original"])
        #expect(try stack.client.get("/api/limits")["empty"].bool == false)
        #expect(detail["variants"].names == ["thumbnail", "card", "whole"])
        #expect(detail["sizes"]["card"]?["mediaType"]?.string == "image/webp")
        let whole = try #require(detail["sizes"]["whole"])
        #expect([whole["width"]?.int, whole["height"]?.int] == [900, 675])
        // srcset has only variants that show the same part of the image.
        #expect(
            detail["embed"]["srcset"]?.string == "\(whole["url"]?.string ?? "") 900w",
            "\(detail.text)")
        let entry = try #require(try client.get("/api/images")["images"].array.first)
        #expect(entry["thumbnailUrl"] == detail["sizes"]["thumbnail"]?["url"])
        // The card's shorter side is too short for a preview.
        #expect(entry["preview"]?["url"] == whole["url"])

        try write(Self.second, below: stack.data)
        let generation = stack.pids("image-responder") + stack.pids("resize-worker")
        try stack.reload()
        #expect(eventually { generation.allSatisfy { kill($0, 0) != 0 } })
        #expect(try stack.client.get("/api/limits")["sizes"].array.count == 2)
        let id = detail["id"].string ?? ""
        let before = try client.get("/api/images/\(id)")
        #expect(before["variants"].names == ["thumbnail", "card", "whole"])
        for name in ["thumbnail", "card", "whole"] {
            let address = try #require(before["sizes"][name]?["url"]?.string)
            #expect(address == detail["sizes"][name]?["url"]?.string)
            #expect(try Client(base: "").get(address).status == 200)
        }

        let other = try Photos.jpeg(width: 1500, height: 1200, in: folder)
        let after = try client.completed(other, fields: ["visibility": "public"])
        #expect(after["sizes"].names == ["thumbnail", "card", "original"])
        // An unchanged size keeps its file name, a changed size has a new one.
        for (name, isSame) in [("thumbnail", true), ("card", false)] {
            let names = [detail, after].map {
                $0["sizes"][name]?["url"]?.string?.split(separator: "/").last
            }
            #expect((names[0] == names[1]) == isSame, "\(name) \(names)")
        }
    }

    @Test("An invalid preset file is reported at start and by every command, and fails a reload")
    func error() throws {
        let folder = TemporaryFolder()
        let stack = try Stack(in: folder)
        try write(#"{"sizes": [{"name": "thumbnail", "width": "wide"}]}"#, below: stack.data)
        stack.process.send(SIGHUP)
        // Up to the quotes, which the JSON of a log has escaped.
        let sentence =
            "presets.json: sizes[0].width must be a whole number from 1 to 16383, but is "
        #expect(eventually { stack.logText.contains("not reloaded, nothing has changed") })
        #expect(stack.logText.contains(sentence))
        #expect(try stack.client.get("/api/limits")["sizes"].array.count == 4)
        stack.stop()

        for command in ["serve", "presets", "config"] {
            let output = try Shell.run(
                "timeout", ["30", Programs.path("multires"), command],
                environment: stack.environment)
            #expect(output.status == 1, "\(command)")
            #expect(output.errors.contains(sentence), "\(command): \(output.errors)")
        }
        for program in ["image-responder", "resize-worker"] {
            let output = try Shell.run(
                "timeout", ["30", Programs.path(program)], environment: stack.environment)
            #expect(output.status == 1, "\(program)")
            #expect(output.errors.contains(sentence), "\(program): \(output.errors)")
        }
    }

    @Test("The output of multires presets can be saved, changed and used")
    func show() throws {
        let folder = TemporaryFolder()
        let environment = Stack.environment(
            .fastcgi, data: try folder.folder("data"), port: 1)
        let command = {
            try Shell.run(Programs.path("multires"), ["presets"], environment: $0)
        }
        let shown = try command(environment)
        #expect(shown.status == 0, "\(shown.errors)")
        let changed = shown.text.replacing("1920", with: "2048")
        try write(changed, below: folder.file("data"))
        #expect(try command(environment).text == changed)
    }

    private func write(_ text: String, below data: String) throws {
        try Data(text.utf8).write(to: URL(fileURLWithPath: data + "/presets.json"))
    }
}
