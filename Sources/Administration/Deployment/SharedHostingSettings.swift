import Foundation
import Model
import Processes
import Settings
import Text

/// The settings on shared hosting: `.env` in the data folder, where `multires` also finds them if it is run
/// in that folder. What the owner has set stays.
package struct SharedHostingSettings {
    private let site: SharedHostingSite
    private var path: String { site.data + "/.env" }

    package init(_ site: SharedHostingSite) {
        self.site = site
    }

    /// - Parameter url: from the command line. Nil keeps the current one; the first time, it is the host's
    ///   name.
    package func write(url: String?) throws {
        let earlier = try EnvironmentFile.read(path)
        var changes = [
            ("MULTIRES_DATA", site.data), ("MULTIRES_HOSTING", Hosting.shared.rawValue),
        ]
        // No program keeps running that could run checkpoints or render, so these two may not be different
        // from what MULTIRES_HOSTING implies.
        changes += [
            ("MULTIRES_JOURNAL", JournalMode.truncate.rawValue),
            ("MULTIRES_WORKER", WorkerStyle.drain.rawValue),
        ].filter { earlier[$0.0] != nil }
        let standard = [
            ("MULTIRES_URL", "https://\(ProcessInfo.processInfo.hostName)"),
            // Other users share the machine.
            ("MULTIRES_RESIZERS", "1"), ("MULTIRES_HASH_SLOTS", "1"),
            ("MULTIRES_SCRYPT", ScryptChoice.fitting(Memory.available()).setting),
            ("MULTIRES_DISK_RESERVE", "100MB"),
        ]
        changes += standard.filter { earlier[$0.0] == nil }
        if let url {
            changes.append(("MULTIRES_URL", try SettingReader.webAddress(url, name: "--url")))
        }
        try site.makeDataFolder()
        try set(changes)
    }

    /// Replaces the lines of these names, or adds them. Only the owner may read the file, because users keep
    /// secrets in such files.
    package func set(_ changes: [(name: String, value: String)]) throws {
        let text = (try? String(contentsOfFile: path, encoding: .utf8)) ?? ""
        var lines = text.parts(separatedBy: "\n").map(String.init)
        if lines.last == "" { lines.removeLast() }
        for (name, value) in changes {
            let line = "\(name)=\(value)"
            // If several lines have the name, the last one counts.
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
