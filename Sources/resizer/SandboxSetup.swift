import Model
import Processes
import Settings

/// The limits of this process, which the worker sets in its environment. Without `RESIZER_FOLDER`, as when it
/// is started by hand, it is not sandboxed. Tests set `RESIZER_LANDLOCK` to the Landlock version of an older
/// kernel.
struct SandboxSetup {
    private let sandbox: Sandbox?
    private let processorSeconds: Int?
    /// The folder in which files may be created.
    let output: String

    init(_ environment: [String: String]) {
        processorSeconds = environment["RESIZER_PROCESSOR_SECONDS"].flatMap { Int($0) }
        output = environment["RESIZER_FOLDER"].map { $0 + "/out" } ?? "/tmp"
        sandbox = environment["RESIZER_FOLDER"].map { folder in
            Sandbox(
                memory: environment["RESIZER_MEMORY"].flatMap { Int64($0) } ?? 1 << 30,
                // Far more than any variant of an accepted image has.
                fileSize: 1 << 28,
                isIdle: environment["RESIZER_PRIORITY"] != Priority.normal.rawValue,
                readable: [folder + "/in", ProgramFiles.folder + "/../lib"],
                writable: [folder + "/out"],
                landlock: environment["RESIZER_LANDLOCK"].flatMap { Int($0) })
        }
    }

    func apply() throws {
        for sentence in try sandbox?.apply() ?? [] { warn(sentence) }
    }

    /// The limit of processor time applies to each image.
    func allowAnotherImage() {
        if let processorSeconds { Sandbox.allowProcessorSeconds(processorSeconds) }
    }
}
