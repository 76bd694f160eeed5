import Cryptography
import Foundation
import Media
import Model
import Processes
import Settings

/// The result of the last format check, stored where all programs can read it.
public struct FormatRecord: Sendable {
    private let folders: DataFolders

    public init(_ folders: DataFolders) {
        self.folders = folders
    }

    /// Empty also when the formats have not been tried yet.
    public func faults() -> FormatFaults {
        Self.decoded(folders.formatFaults) ?? .none
    }

    /// False also when the record exists but cannot be read: it has to be written again then.
    var hasNoFaults: Bool { access(folders.formatFaults, F_OK) != 0 }

    /// The libraries that the formats were tried with; nil when they have not been tried.
    func triedLibraries() -> FileVersions? {
        Self.decoded(folders.triedLibraries)
    }

    /// While everything works there is no file of faults, so that an upload reads nothing.
    func record(_ faults: FormatFaults, foundWith libraries: FileVersions) throws {
        if faults == .none {
            try Files.unlink(folders.formatFaults)
        } else {
            try replace(folders.formatFaults, faults)
        }
        try replace(folders.triedLibraries, libraries)
    }

    private func replace(_ path: String, _ value: some Encodable) throws {
        try storing {
            try Files.write(
                JSONEncoder().encode(value), to: path, mode: 0o640,
                draft: "\(path).\(SecureRandom.text(bytes: 8))")
        }
    }

    /// In bytes: more than the list of all libraries takes.
    private static let longestRecord = 1 << 20

    private static func decoded<Value: Decodable>(_ path: String) -> Value? {
        guard let file = try? FileDescriptor(opening: path, O_RDONLY) else { return nil }
        var bytes: [UInt8] = []
        while bytes.count <= longestRecord, let more = try? file.read(), !more.isEmpty {
            bytes += more
        }
        return try? JSONDecoder().decode(Value.self, from: Data(bytes))
    }
}
