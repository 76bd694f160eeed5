import Foundation
import Model
import Operations
import Settings

/// Tests whether this machine's libraries can read and write every format.
package struct FormatsCheck {
    private let configuration: Configuration

    package init(_ settings: Settings) {
        configuration = settings.configuration
    }

    package func findings() -> [Finding] {
        guard FileManager.default.fileExists(atPath: configuration.folders.incoming) else {
            return []
        }
        return Administration.findings("formats") {
            let faults = FormatFaults(try FormatCheck(configuration).run().faults)
            let taken = faults.formats(with: configuration.preset).map(\.name)
            let works = Finding(
                "formats", !taken.isEmpty, ok: "\(taken.joined(separator: ", ")) work (tested)",
                "no image is accepted. See below, and the formats of the sizes in presets.json.")
            return [works]
                + faults.all.map {
                    Finding(
                        .problem, $0.format.name,
                        "\($0.sentence) Images that wait for it are then rendered.")
                }
        }
    }
}
