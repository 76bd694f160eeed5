import Foundation
import Model
import Processes

/// A folder that a person named on the command line.
enum ChosenFolder {
    /// Creates the folder and the missing folders above it. Throws `ConfigurationError` if that is not
    /// possible.
    ///
    /// - Parameter mode: as in `Files.makeFolders`.
    static func make(_ path: String, mode: mode_t? = nil) throws {
        do {
            try Files.makeFolders(path, mode: mode)
        } catch let error as SystemError where !error.isFullDisk {
            if error.code == ENOTDIR, access(path, F_OK) == 0 {
                throw ConfigurationError("\(path) is a file. Choose a folder.")
            }
            throw ConfigurationError(
                "The folder \(error.subject) cannot be created: \(error.reason). Choose another "
                    + "folder, or change the owner of the folder above it.")
        }
    }
}
