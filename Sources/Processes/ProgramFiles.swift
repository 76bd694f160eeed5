import Foundation

/// Where this installation's own files are.
public enum ProgramFiles {
    /// Another of the five programs: they lie side by side.
    public static func path(of program: String) -> String {
        folder + "/" + program
    }

    /// The folder of the running program.
    public static let folder: String = {
        var buffer = [UInt8](repeating: 0, count: Int(PATH_MAX))
        let length = readlink("/proc/self/exe", &buffer, buffer.count)
        let executable =
            length > 0
            ? String(decoding: buffer.prefix(length), as: UTF8.self) : CommandLine.arguments[0]
        return URL(fileURLWithPath: executable).deletingLastPathComponent().path
    }()

    /// The folder that holds `nginx/` and `www/`: MULTIRES_HOME, or the nearest one above the
    /// programs. Nil when there is none.
    public static func home(_ environment: [String: String]) -> String? {
        if let home = environment["MULTIRES_HOME"], !home.isEmpty { return home }
        var folder = URL(fileURLWithPath: folder)
        while folder.path != "/" {
            for candidate in [folder, folder.appendingPathComponent("share/multires")] {
                let mark = candidate.appendingPathComponent("nginx/multires.conf").path
                if FileManager.default.fileExists(atPath: mark) { return candidate.path }
            }
            folder.deleteLastPathComponent()
        }
        return nil
    }
}
