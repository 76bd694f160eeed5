import Foundation
import Support
import Testing

/// A service whose libvips has no module for HEIC and AVIF, as after a failed upgrade, until a test installs
/// it.
@Suite struct MissingCodecTests {
    /// A folder for `VIPSHOME`, where libvips looks for the folder of its libraries.
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

    @Test("A format that does not work is not offered, is refused by name, and is explained")
    func refused() throws {
        let stack = try Stack(settings: libraries.settings)
        let client = try stack.account()
        #expect(try formats(stack) == ["image/jpeg", "image/png", "image/webp", "image/gif"])
        for (format, name) in [("heic", "HEIC"), ("avif", "AVIF")] {
            let photo = try Photos.converted(to: format, width: 320, height: 240, in: folder)
            let answer = try client.upload(photo)
            #expect(answer.status == 415)
            #expect(answer.code == "unsupported_media_type")
            #expect(answer["error"].string?.contains("cannot process \(name) images") == true)
        }
        // In a form with several files, the others are accepted.
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
            "problem  HEIC: HEIC images cannot be read (",
            "problem  AVIF: AVIF images cannot be written (",
        ] {
            #expect(doctor.lines.contains { $0.hasPrefix(line) }, "\(doctor.text)")
        }
        #expect(doctor.text.contains("libheif-plugin-aomenc"))
        let log = stack.logText { $0.contains("HEIC images cannot be read") }
        #expect(log.contains("HEIC images cannot be read"), "\(log)")
        #expect(log.contains("AVIF images cannot be written"), "\(log)")

        let email = try #require(try client.get("/api/auth/me")["email"].string)
        let photos = try folder.folder("photos")
        try FileManager.default.copyItem(atPath: heic(), toPath: photos + "/a.heic")
        let imported = try multires(stack, "images", "import", photos, "--account", email)
        #expect(
            (imported.text + imported.errors).contains("HEIC images are not accepted"),
            "\(imported.text)\(imported.errors)")
    }

    @Test(
        "An image whose format stops working waits without an attempt until the format works again")
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
        // The next worker runs with other libraries than those that were tried.
        for worker in workers { kill(worker, SIGKILL) }
        #expect(try client.finished(jpeg)["status"].string == "complete", "\(stack.logText)")
        let isPutOff = eventually { stack.logText.contains("image \(image) attempt 1: format_un") }
        #expect(isPutOff, "\(stack.logText)")
        #expect(try !formats(stack).contains("image/heic"))
        let waiting = try client.get("/api/images/\(image)")
        #expect(waiting["status"].string == "pending", "\(waiting.text)")
        #expect(waiting["attempts"].int == 0)
        #expect(try multires(stack, "doctor").text.contains("ok       queue: 1 image waits"))

        try libraries.install()
        let made = try client.finished(image)
        #expect(made["status"].string == "complete", "\(made.text)\n\(stack.logText)")
        #expect(made["attempts"].int == 1)
        #expect(stack.logText.contains("HEIC images can be read again"))
        #expect(try formats(stack).contains("image/heic"))
    }

    @Test("When a preset needs a format that cannot be written, no upload is accepted")
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
        #expect(doctor.lines.contains { $0.hasPrefix("problem  formats: no image is accepted") })

        try libraries.install()
        let isBack = try eventually { try formats(stack).count == 6 }
        #expect(isBack, "\(stack.logText)")
        #expect(try client.completed(photo)["status"].string == "complete")
    }

    @Test("A draining worker leaves images that it cannot render, and exits")
    func drains() throws {
        try libraries.install()
        let stack = try Stack(.cgi, settings: libraries.settings)
        let client = try stack.account()
        libraries.remove()
        // The formats have not been tried since, so the upload is accepted, and waits.
        let image = try #require(try client.upload(heic())["imageId"].string)
        func drain() throws {
            let output = try Shell.run(
                "timeout", ["120", Programs.path("resize-worker"), "--drain"],
                environment: stack.environment)
            #expect(output.status == 0, "\(output.errors)")
        }
        try drain()
        // The upload has started another worker, which may still run when this one has exited.
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
