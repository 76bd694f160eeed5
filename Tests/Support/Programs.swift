import Foundation
import Processes

/// What the tests were built with, and from.
public enum Programs {
    /// Built programs lie beside the test bundle that is running, or, for the bench, which is a package
    /// of its own, in `MULTIRES_PROGRAMS`.
    public static func path(_ program: String) -> String {
        ProcessInfo.processInfo.environment["MULTIRES_PROGRAMS"].map { "\($0)/\(program)" }
            ?? ProgramFiles.path(of: program)
    }

    /// The folder of Package.swift.
    public static let projectFolder = URL(fileURLWithPath: #filePath)
        .deletingLastPathComponent().deletingLastPathComponent().deletingLastPathComponent().path
}
