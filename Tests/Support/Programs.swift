import Foundation
import Processes

/// What the tests were built with, and from.
public enum Programs {
    /// Built programs lie beside the test bundle that is running.
    public static func path(_ program: String) -> String { ProgramFiles.path(of: program) }

    /// The folder of Package.swift.
    public static let projectFolder = URL(fileURLWithPath: #filePath)
        .deletingLastPathComponent().deletingLastPathComponent().deletingLastPathComponent().path
}
