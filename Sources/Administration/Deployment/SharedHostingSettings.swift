import Foundation
import Model
import Processes
import Settings
import Text

/// The settings of a shared host: `.env` in the data folder, where `multires` run from there finds
/// them too. Whatever its owner has set stays.
package struct SharedHostingSettings {
    private let site: WebSpace
    private var path: String { site.data + "/.env" }

    package init(_ site: WebSpace) {
        self.site = site
    }

    /// - Parameter url: from the command line; nil to keep what is set, or at first to go by the host's
    ///   own name.
    package func write(url: String?) throws {
        let earlier = try EnvironmentFile.read(path)
        var changes = [
            ("MULTIRES_DATA", site.data), ("MULTIRES_HOSTING", Hosting.shared.rawValue),
        ]
        // Nobody stays who could checkpoint, or work: what it implies is not to be set otherwise.
        changes += [
            ("MULTIRES_JOURNAL", JournalMode.truncate.rawValue),
            ("MULTIRES_WORKER", WorkerStyle.drain.rawValue),
        ].filter { earlier[$0.0] != nil }
        let standard = [
            ("MULTIRES_URL", "https://\(ProcessInfo.processInfo.hostName)"),
            // Neighbours share the machine.
            ("MULTIRES_RESIZERS", "1"), ("MULTIRES_HASH_SLOTS", "1"),
            ("MULTIRES_SCRYPT", ScryptChoice.fitting(Memory.available()).setting),
            ("MULTIRES_DISK_RESERVE", "100MB"),
        ]
        changes += standard.filter { earlier[$0.0] == nil }
        if let url {
            guard let address = SettingReader.webAddress(url) else {
                throw Unusable(
                    "--url must be like https://photos.example.org, without a path: Multires needs "
                        + "a host name of its own.")
            }
            changes.append(("MULTIRES_URL", address))
        }
        try site.makeDataFolder()
        try set(changes)
    }

    /// Replaces the lines of these names, or adds them. Its owner alone may read it: people keep
    /// secrets in such files.
    package func set(_ changes: [(name: String, value: String)]) throws {
        let text = (try? String(contentsOfFile: path, encoding: .utf8)) ?? ""
        var lines = text.parts(separatedBy: "\n").map(String.init)
        if lines.last == "" { lines.removeLast() }
        for (name, value) in changes {
            let line = "\(name)=\(value)"
            // The last of several counts.
            if let index = lines.lastIndex(where: { EnvironmentFile.parse($0).keys.first == name })
            {
                lines[index] = line
            } else {
                lines.append(line)
            }
        }
        let new = Data(lines.map { $0 + "\n" }.joined().utf8)
        guard new != Data(text.utf8) else { return }
        try Files.write(new, to: path, mode: 0o600)
    }
}
