import Foundation
import Model
import Processes
import Support

/// thumbor with one process per core. It reads the photos from disk and stores each size that it makes on
/// disk. No signatures, no entity tags, no copies of originals.
final class Thumbor {
    /// How thumbor makes a size; quality is 80 in both.
    enum Encoding: String {
        /// thumbor's defaults: progressive JPEG, Lanczos, PNG level 6.
        case own = ""
        /// As in Multires, which takes thumbor less time.
        case ours = """
            PROGRESSIVE_JPEG = False
            PILLOW_RESAMPLING_FILTER = 'BICUBIC'
            PNG_COMPRESSION_LEVEL = 3

            """
    }

    private let base: String
    private let folder: TemporaryFolder
    private let server: ChildProcess

    /// - Parameter photos: the folder that has them.
    init(
        photos: String, _ encoding: Encoding, in folder: TemporaryFolder = TemporaryFolder()
    ) throws {
        self.folder = folder
        let port = try FreePort.next()
        base = "http://127.0.0.1:\(port)"
        let settings = """
            LOADER = 'thumbor.loaders.file_loader'
            FILE_LOADER_ROOT_PATH = '\(photos)'
            STORAGE = 'thumbor.storages.no_storage'
            RESULT_STORAGE = 'thumbor.result_storages.file_storage'
            RESULT_STORAGE_FILE_STORAGE_ROOT_PATH = '\(folder.file("sizes"))'
            RESULT_STORAGE_STORES_UNSAFE = True
            ENABLE_ETAGS = False
            QUALITY = 80
            \(encoding.rawValue)
            """
        try Data(settings.utf8).write(to: URL(fileURLWithPath: folder.file("thumbor.conf")))
        let log = try FileDescriptor(opening: folder.file("log"), O_WRONLY | O_CREAT | O_APPEND)
        let server = try ChildProcess(
            Programs.projectFolder + "/Tests/Bench/.venv/bin/thumbor",
            [
                "--ip", "127.0.0.1", "--port", "\(port)", "--conf", folder.file("thumbor.conf"),
                "--log-level", "error", "--processes", "\(Baseline.cores)",
            ],
            environment: [:], descriptors: [1: log.number, 2: log.number])
        self.server = server
        let client = Client(base: base)
        let isUp = eventually {
            server.hasEnded || (try? client.get("/healthcheck").status) == 200
        }
        guard isUp, !server.hasEnded else { throw NotRunning(description: "thumbor: \(errors)") }
    }

    /// Seconds until all of a preset's sizes of these photos have been requested, made, stored and sent.
    func seconds(photos: [String], sizes: [Preset.Size]) throws -> Double {
        // Each curl requests one after another (with -Z it would wait for the first connection, and
        // keep one process busy), on new connections: a kept connection stays with one process.
        let clients = 4 * Baseline.cores
        var orders = Array(repeating: [String](), count: clients)
        for (number, photo) in photos.enumerated() {
            // thumbor enlarges photos; the other programs do not.
            let pixels = try Photos.size(of: photo)
            for size in sizes {
                let side = min(size.box.width, pixels.width, pixels.height)
                let name = URL(fileURLWithPath: photo).lastPathComponent
                orders[number % clients] += [
                    "url = \"\(base)/unsafe/\(side)x\(side)/\(name)\"", "output = /dev/null",
                    "write-out = \"%{http_code}\\n\"", "silent",
                    "header = \"Connection: close\"", "next",
                ]
            }
        }
        let files = try orders.enumerated().map { number, lines in
            let file = folder.file("curl\(number).conf")
            try Data(lines.dropLast().joined(separator: "\n").utf8)
                .write(to: URL(fileURLWithPath: file))
            return file
        }
        let begun = Date()
        let curls = try files.map {
            try Shell.Background("curl", ["-K", $0], environment: [:])
        }
        for curl in curls { curl.wait() }
        let seconds = Date().timeIntervalSince(begun)
        let answers = curls.flatMap { $0.errors.split(separator: "\n").map(String.init) }
        let count = photos.count * sizes.count
        let isStored = eventually {
            TemporaryFolder.files(below: folder.file("sizes")).count == count
        }
        guard isStored, answers == Array(repeating: "200", count: count) else {
            throw NotRunning(description: "thumbor: \(Set(answers)); \(errors)")
        }
        return seconds
    }

    private var errors: String {
        (try? String(contentsOfFile: folder.file("log"), encoding: .utf8)) ?? ""
    }

    /// Stops thumbor and its child processes, which thumbor does not stop itself.
    func stop() {
        guard !server.hasEnded else { return }
        server.sendToGroup(SIGTERM)
        server.wait()
    }

    deinit { stop() }
}
