import Foundation
import Processes

/// Where the built programs and the sources are.
public enum Programs {
    /// The path of a built program, in `MULTIRES_PROGRAMS` or else in the folder of the running test bundle.
    /// The bench sets the variable because it is a separate package.
    public static func path(_ program: String) -> String {
        ProcessInfo.processInfo.environment["MULTIRES_PROGRAMS"].map { "\($0)/\(program)" }
            ?? ProgramFiles.path(of: program)
    }

    /// The folder of Package.swift.
    public static let projectFolder = URL(fileURLWithPath: #filePath)
        .deletingLastPathComponent().deletingLastPathComponent().deletingLastPathComponent().path
}
