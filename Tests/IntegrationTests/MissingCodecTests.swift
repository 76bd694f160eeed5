import Foundation
import Support
import Testing

/// A service whose libvips has no module for HEIC and AVIF, as after an upgrade that went wrong, until a
/// test puts it there.
@Suite struct MissingCodecTests {
    /// What libvips takes for the folder above that of its libraries.
    private final class Libraries {
        let home: String
        private let folder: TemporaryFolder
        private let module: String
        private let source: String

        init() throws {
            folder = TemporaryFolder()
            home = try folder.folder("libvips")
            let libraries = try Shell.check("pkg-config", ["--variable=libdir", "vips"]).lines[0]
            let version = try Shell.check("pkg-config", ["--modversion", "vips"]).lines[0]
            let modules =
                "vips-modules-" + version.split(separator: ".")[..<2].joined(separator: ".")
            source = "\(libraries)/\(modules)/vips-heif.so"
            let name = URL(fileURLWithPath: libraries).lastPathComponent
            module = "\(home)/\(name)/\(modules)/vips-heif.so"
            try FileManager.default.createDirectory(
                atPath: URL(fileURLWithPath: module).deletingLastPathComponent().path,
                withIntermediateDirectories: true)
        }

        var settings: [String: String] { ["VIPSHOME": home] }

        func install() throws {
            try FileManager.default.copyItem(atPath: source, toPath: module)
        }

        func remove() { unlink(module) }
    }

    private let folder = TemporaryFolder()
    private let libraries: Libraries

    init() throws {
        libraries = try Libraries()
    }

    private func multires(_ stack: Stack, _ arguments: String...) throws -> Shell.Output {
        try Shell.run(Programs.path("multires"), arguments, environment: stack.environment)
    }

    private func formats(_ stack: Stack) throws -> [String] {
        try stack.client.get("/api/limits")["formats"].array.compactMap(\.string)
    }

    private func heic() throws -> String {
        try Photos.converted(to: "heic", width: 320, height: 240, in: folder)
    }

    @Test("What does not work is not offered, refused with its name, and explained")
    func refused() throws {
        let stack = try Stack(settings: libraries.settings)
        let client = try stack.account()
        #expect(try formats(stack) == ["image/jpeg", "image/png", "image/webp", "image/gif"])
        for (format, name) in [("heic", "HEIC"), ("avif", "AVIF")] {
            let photo = try Photos.converted(to: format, width: 320, height: 240, in: folder)
            let answer = try client.upload(photo)
            #expect(answer.status == 415)
            #expect(answer.code == "unsupported_media_type")
            #expect(answer["error"].string?.contains("cannot take \(name) pictures") == true)
        }
        // Of several, the others are taken.
        let jpeg = try Photos.jpeg(width: 320, height: 240, in: folder)
        let several = try client.upload(heic(), jpeg)
        #expect(several.status == 202)
        #expect(several["images"].array[0]["code"]?.string == "unsupported_media_type")
        let image = try #require(several["images"].array[1]["imageId"]?.string)
        #expect(try client.finished(image)["status"].string == "complete", "\(stack.logText)")

        let doctor = try multires(stack, "doctor")
        #expect(doctor.status == 1)
        for line in [
            "ok       formats: JPEG, PNG, WebP, GIF work",
            "problem  HEIC: HEIC pictures cannot be read (",
            "problem  AVIF: AVIF pictures cannot be written (",
        ] {
            #expect(doctor.lines.contains { $0.hasPrefix(line) }, "\(doctor.text)")
        }
        #expect(doctor.text.contains("libheif-plugin-aomenc"))
        let log = stack.logText { $0.contains("HEIC pictures cannot be read") }
        #expect(log.contains("HEIC pictures cannot be read"), "\(log)")
        #expect(log.contains("AVIF pictures cannot be written"), "\(log)")

        let email = try #require(try client.get("/api/auth/me")["email"].string)
        let photos = try folder.folder("photos")
        try FileManager.default.copyItem(atPath: heic(), toPath: photos + "/a.heic")
        let imported = try multires(stack, "images", "import", photos, "--account", email)
        #expect(
            (imported.text + imported.errors).contains("HEIC pictures cannot be taken"),
            "\(imported.text)\(imported.errors)")
    }

    @Test(
        "An image whose format stops working waits, without an attempt, and is made when it works")
    func waits() throws {
        try libraries.install()
        let stack = try Stack(settings: libraries.settings)
        let client = try stack.account()
        #expect(try formats(stack).contains("image/heic"))
        let workers = stack.freeze("resize-worker")
        let image = try #require(try client.upload(heic())["imageId"].string)
        let other = try Photos.jpeg(width: 320, height: 240, in: folder)
        let jpeg = try #require(try client.upload(other)["imageId"].string)
        libraries.remove()
        // The next one meets libraries that are not those that were tried.
        for worker in workers { kill(worker, SIGKILL) }
        #expect(try client.finished(jpeg)["status"].string == "complete", "\(stack.logText)")
        let isPutOff = eventually { stack.logText.contains("image \(image) attempt 1: format_un") }
        #expect(isPutOff, "\(stack.logText)")
        #expect(try !formats(stack).contains("image/heic"))
        let waiting = try client.get("/api/images/\(image)")
        #expect(waiting["status"].string == "pending", "\(waiting.text)")
        #expect(waiting["attempts"].int == 0)
        #expect(try multires(stack, "doctor").text.contains("ok       queue: 1 images wait"))

        try libraries.install()
        let made = try client.finished(image)
        #expect(made["status"].string == "complete", "\(made.text)\n\(stack.logText)")
        #expect(made["attempts"].int == 1)
        #expect(stack.logText.contains("HEIC pictures are read again"))
        #expect(try formats(stack).contains("image/heic"))
    }

    @Test("Where sizes shall be in a format that cannot be written, nothing is taken")
    func preset() throws {
        let place = TemporaryFolder()
        let preset = """
            {"sizes": [{"name": "thumbnail", "width": 64, "height": 64, "format": "avif"}]}
            """
        try Data(preset.utf8)
            .write(to: URL(fileURLWithPath: try place.folder("data") + "/presets.json"))
        let stack = try Stack(in: place, settings: libraries.settings)
        let client = try stack.account()
        #expect(try formats(stack) == [])
        let photo = try Photos.jpeg(width: 320, height: 240, in: folder)
        #expect(try client.upload(photo).code == "unsupported_media_type")
        let doctor = try multires(stack, "doctor")
        #expect(doctor.lines.contains { $0.hasPrefix("problem  formats: no picture is taken") })

        try libraries.install()
        let isBack = try eventually { try formats(stack).count == 6 }
        #expect(isBack, "\(stack.logText)")
        #expect(try client.completed(photo)["status"].string == "complete")
    }

    @Test("A worker that drains leaves what cannot be made, and ends")
    func drains() throws {
        try libraries.install()
        let stack = try Stack(.cgi, settings: libraries.settings)
        let client = try stack.account()
        libraries.remove()
        // Nobody looked since: it is taken, and waits.
        let image = try #require(try client.upload(heic())["imageId"].string)
        func drain() throws {
            let output = try Shell.run(
                "timeout", ["120", Programs.path("resize-worker"), "--drain"],
                environment: stack.environment)
            #expect(output.status == 0, "\(output.errors)")
        }
        try drain()
        // The upload has started another one, which may be at work while this one ends at once.
        let isKnown = try eventually { try !formats(stack).contains("image/heic") }
        #expect(isKnown)
        let status = try client.get("/api/images/\(image)/status")
        #expect(status["status"].string == "pending" && status["attempts"].int == 0)

        try libraries.install()
        try drain()
        #expect(try client.finished(image)["status"].string == "complete")
        #expect(try formats(stack).contains("image/heic"))
    }
}
