import CLinux
import Foundation

/// Where this installation's own files are.
public enum ProgramFiles {
    /// The path of one of the five programs. They are all in the same folder.
    public static func path(of program: String) -> String {
        folder + "/" + program
    }

    /// The folder of the running program. In an archive that has its own C library, the kernel knows only
    /// the loader; the wrapper in bin/ passes its own path as the program's name.
    public static let folder: String = {
        var buffer = [UInt8](repeating: 0, count: Int(PATH_MAX))
        let length = readlink("/proc/self/exe", &buffer, buffer.count)
        let running = String(decoding: buffer.prefix(max(0, length)), as: UTF8.self)
        let isLoader = running.contains("/ld-linux-")
        let executable =
            isLoader || length <= 0 ? String(cString: multires_invocation_name()) : running
        return URL(fileURLWithPath: executable).deletingLastPathComponent().path
    }()

    /// The folder that holds `nginx/` and `www/`: MULTIRES_HOME, or the nearest one above the
    /// programs. Nil if there is none.
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
