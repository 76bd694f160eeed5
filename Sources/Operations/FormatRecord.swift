import Cryptography
import Foundation
import Media
import Model
import Processes
import Settings

/// What this machine's libraries cannot do, as it was found last, where all programs see it.
public struct FormatRecord: Sendable {
    private let folders: DataFolders

    public init(_ folders: DataFolders) {
        self.folders = folders
    }

    /// Nothing where nobody looked yet.
    public func faults() -> FormatFaults {
        Self.decoded(folders.formatFaults) ?? .none
    }

    /// False also when the record cannot be read, which is then to be made again.
    var hasNoFaults: Bool { access(folders.formatFaults, F_OK) != 0 }

    /// What the formats were tried with; nil where nobody did.
    func triedLibraries() -> FileVersions? {
        Self.decoded(folders.triedLibraries)
    }

    /// No file is there while everything works, so that an upload costs no reading.
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

    /// Bytes; above the list of all libraries.
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
