import Foundation

/// The last measurements on this machine, row by row, in report/: as JSON to compare with, a table to
/// read, and the data that chart.gnuplot draws. A row that is measured again replaces the old one.
enum Report {
    static let folder = URL(fileURLWithPath: #filePath).deletingLastPathComponent()
        .deletingLastPathComponent().deletingLastPathComponent().deletingLastPathComponent()
        .appendingPathComponent("report")

    /// Prints the row and writes the files at once, so that a bench that fails later loses no row.
    static func add(_ row: Row) throws {
        print(row.markdown)
        fflush(nil)
        var rows = try load()
        if let old = rows.firstIndex(where: { $0.what == row.what && $0.baseline == row.baseline })
        {
            rows[old] = row
        } else {
            rows.append(row)
        }
        try write(rows)
    }

    /// The stored rows in the order in which they were added; none before the first run.
    private static func load() throws -> [Row] {
        guard let data = FileManager.default.contents(atPath: path("report.json").path) else {
            return []
        }
        return try JSONDecoder().decode([Row].self, from: data)
    }

    private static func write(_ rows: [Row]) throws {
        let encoder = JSONEncoder()
        encoder.outputFormatting = [.prettyPrinted, .sortedKeys, .withoutEscapingSlashes]
        try encoder.encode(rows).write(to: path("report.json"), options: .atomic)
        let table = """
            # Measured

            By `make bench`, on \(Machine.description). Compare ratios, not figures: figures
            depend on the machine.

            \(Row.head)
            \(rows.map(\.markdown).joined(separator: "\n"))

            """
        try Data(table.utf8).write(to: path("report.md"), options: .atomic)
        let points = rows.compactMap { row in
            row.wanted.map { wanted in
                "\(row.what) : \(row.baseline)\t\(row.merit / wanted)\n"
            }
        }
        try Data(points.joined().utf8).write(to: path("chart.tsv"), options: .atomic)
    }

    private static func path(_ name: String) -> URL {
        folder.appendingPathComponent(name)
    }
}

/// The machine that the figures come from.
enum Machine {
    static var description: String {
        let cores = ProcessInfo.processInfo.activeProcessorCount
        let text = (try? String(contentsOfFile: "/proc/cpuinfo", encoding: .utf8)) ?? ""
        let line = text.split(separator: "\n").first { $0.hasPrefix("model name") }
        let model = line?.split(separator: ":").last?.trimmingCharacters(in: .whitespaces)
        return "\(cores) cores of \(model ?? "an unnamed processor")"
    }
}

/// Measures both `rounds` times in turn, so that a machine that slows down affects both.
func inTurn(
    _ rounds: Int, _ ours: () throws -> Double, _ theirs: () throws -> Double
) rethrows -> (ours: [Double], theirs: [Double]) {
    var figures: (ours: [Double], theirs: [Double]) = ([], [])
    for _ in 0..<rounds {
        figures.ours.append(try ours())
        figures.theirs.append(try theirs())
    }
    return figures
}
