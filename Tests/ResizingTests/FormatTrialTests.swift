import Foundation
import Model
import Processes
import ResizerClient
import Support
import Testing

@testable import Resizing

/// What a resizer finds out about the libraries that it was given.
@Suite struct FormatTrialTests {
    let folder = TemporaryFolder()

    @Test("Here every format can be written and read")
    func all() throws {
        let faults = try Resizer.trying {
            try Resizer.renderer.faults(of: ImageFormat.allCases, in: folder.path)
        }
        #expect(faults == [])
        #expect(TemporaryFolder.files(below: folder.path).isEmpty)
    }

    @Test("Samples that cannot be written say nothing about the formats")
    func noRoom() throws {
        #expect(throws: SystemError.self) {
            try Resizer.trying {
                try Resizer.renderer.faults(of: [.jpeg], in: folder.file("missing"))
            }
        }
    }

    @Test("A confined resizer tries the same, and names its libraries")
    func confined() throws {
        let report = try report()
        #expect(report.faults == [])
        #expect(report.libraries.contains { $0.contains("/libvips.so") })
        #expect(report.libraries.contains { $0.hasSuffix("/resizer") })
        #expect(report.libraries.contains { $0.contains("vips-heif") }, "loaded when it starts")
        #expect(FileVersions(of: report.libraries).areCurrent)
    }

    @Test("Where libvips' module for HEIF is missing, HEIC and AVIF do not work, and the others do")
    func missingModule() throws {
        let report = try report(["VIPSHOME": folder.folder("empty")])
        let found = Set(report.faults.map { "\($0.format) \($0.step)" })
        #expect(found == ["avif read", "avif write", "heic read"])
        #expect(report.faults.allSatisfy { !$0.words.isEmpty && !$0.words.contains("\n") })
    }

    @Test("A library that is replaced, removed or added is noticed")
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
