import Foundation
import Model
import Processes
import ResizerClient
import Support
import Testing

@testable import Resizing

/// What a resizer detects about the libraries that it is linked with.
@Suite struct FormatProbeTests {
    let folder = TemporaryFolder()

    @Test("On the test machine, every format can be written and read")
    func all() throws {
        let faults = try Resizer.trying {
            try Resizer.renderer.faults(of: ImageFormat.allCases, in: folder.path)
        }
        #expect(faults == [])
        #expect(TemporaryFolder.files(below: folder.path).isEmpty)
    }

    @Test("Sample files that cannot be written are an error, not a fault of a format")
    func noRoom() throws {
        #expect(throws: SystemError.self) {
            try Resizer.trying {
                try Resizer.renderer.faults(of: [.jpeg], in: folder.file("missing"))
            }
        }
    }

    @Test("A sandboxed resizer can write and read every format, and lists its libraries")
    func sandboxed() throws {
        let report = try report()
        #expect(report.faults == [])
        #expect(report.libraries.contains { $0.contains("/libvips.so") })
        #expect(report.libraries.contains { $0.contains("/libavif.so") })
        #expect(report.libraries.contains { $0.hasSuffix("/resizer") })
        let modules = report.libraries.filter { $0.contains("/vips-modules-") }
        #expect(modules.map { URL(fileURLWithPath: $0).lastPathComponent } == ["vips-heif.so"])
        #expect(FileVersions(of: report.libraries).areCurrent)
    }

    @Test(
        "Without libvips' HEIF module, AVIF cannot be written, HEIC cannot be read, and all else works"
    )
    func missingModule() throws {
        let report = try report(["VIPSHOME": folder.folder("empty")])
        let found = Set(report.faults.map { "\($0.format) \($0.step)" })
        #expect(found == ["avif write", "heic read"])
        #expect(report.faults.allSatisfy { !$0.message.isEmpty && !$0.message.contains("\n") })
    }

    @Test("A replaced, removed or added library is noticed")
    func versions() throws {
        let library = try Photos.write([1, 2, 3], to: folder.file("library.so"))
        let missing = folder.file("missing.so")
        var versions = FileVersions(of: [library, missing])
        #expect(versions.areCurrent)
        let decoded = try JSONDecoder().decode(
            FileVersions.self, from: JSONEncoder().encode(versions))
        #expect(decoded == versions)
        _ = try Photos.write([1, 2, 3, 4], to: library)
        #expect(!versions.areCurrent)
        versions = FileVersions(of: [library, missing])
        _ = try Photos.write([1], to: missing)
        #expect(!versions.areCurrent)
        versions = FileVersions(of: [library, missing])
        unlink(missing)
        #expect(!versions.areCurrent)
    }

    private func report(_ environment: [String: String] = [:]) throws -> FormatReport {
        for part in ["in", "out"] { _ = try folder.folder(part) }
        let formats = ImageFormat.allCases.map(\.rawValue).joined(separator: ",")
        let output = try Shell.run(
            Programs.path("resizer"), ["--formats", formats],
            environment: ["RESIZER_FOLDER": folder.path].merging(environment) { $1 })
        #expect(output.status == 0, "\(output.errors)")
        return try JSONDecoder().decode(FormatReport.self, from: Data(output.text.utf8))
    }
}
