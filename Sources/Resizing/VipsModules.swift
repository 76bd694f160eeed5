import CVips
import Foundation
import Processes

/// libvips' modules, which it loads from a folder when it starts. It would also load those for ImageMagick,
/// PDF, microscope slides and JPEG XL, which this program never uses: they take 17 ms of processor time and
/// 5 MB in each resizer. So it gets a folder without modules, and only the one for HEIC and AVIF is loaded.
enum VipsModules {
    /// The environment variable that replaces the folder in which libvips looks for its folder of modules.
    private static let variable = "VIPSHOME"

    /// Calls `start`, which starts libvips, and then loads the module. Without it, HEIC and AVIF do not work,
    /// which `FormatProbe` reports.
    static func withHEIFAlone(_ start: () throws(CodecError) -> Void) throws(CodecError) {
        let home = getenv(variable).map { String(cString: $0) }
        setenv(variable, "/nonexistent", 1)
        defer { if let home { setenv(variable, home, 1) } else { unsetenv(variable) } }
        try start()
        let name = "vips-modules-\(vips_version(0)).\(vips_version(1))/vips-heif.so"
        for folder in folders(below: home) {
            if g_module_open("\(folder)/\(name)", G_MODULE_BIND_LAZY) != nil { return }
        }
    }

    /// Where libvips would look: in a subfolder of its home, or beside the library if that is where it is
    /// installed.
    private static func folders(below home: String?) -> [String] {
        let installed = libraryFolder.map { [$0] } ?? []
        guard let home else { return installed }
        return subfolders(of: home) + installed.filter { $0.hasPrefix("\(home)/") }
    }

    private static func subfolders(of home: String) -> [String] {
        let names = (try? FileManager.default.contentsOfDirectory(atPath: home)) ?? []
        return names.map { "\(home)/\($0)" }
    }

    /// The folder of the libvips that this process has loaded. Distributions install its modules there.
    private static var libraryFolder: String? {
        let files = (try? MappedFiles().paths()) ?? []
        return files.map { URL(fileURLWithPath: $0) }
            .first { $0.lastPathComponent.hasPrefix("libvips.so") }?
            .deletingLastPathComponent().path
    }
}
