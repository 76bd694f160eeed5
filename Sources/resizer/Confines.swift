import Model
import Processes
import Settings

/// How far this process may go, as the worker says in its environment. Started by hand, without a
/// `RESIZER_FOLDER`, it is not confined. Tests set `RESIZER_LANDLOCK` to the version that an older
/// kernel has.
struct Confines {
    private let confinement: Confinement?
    private let processorSeconds: Int?
    /// Where files may be made.
    let output: String

    init(_ environment: [String: String]) {
        processorSeconds = environment["RESIZER_PROCESSOR_SECONDS"].flatMap { Int($0) }
        output = environment["RESIZER_FOLDER"].map { $0 + "/out" } ?? "/tmp"
        confinement = environment["RESIZER_FOLDER"].map { folder in
            Confinement(
                memory: environment["RESIZER_MEMORY"].flatMap { Int64($0) } ?? 1 << 30,
                // Far above any size of any accepted picture.
                fileSize: 1 << 28,
                isIdle: environment["RESIZER_PRIORITY"] != Priority.normal.rawValue,
                readable: [folder + "/in", ProgramFiles.folder + "/../lib"],
                writable: [folder + "/out"],
                landlock: environment["RESIZER_LANDLOCK"].flatMap { Int($0) })
        }
    }

    func apply() throws {
        for sentence in try confinement?.apply() ?? [] { complain(sentence) }
    }

    /// Processor time counts per picture.
    func allowAnotherPicture() {
        if let processorSeconds { Confinement.allowProcessorSeconds(processorSeconds) }
    }
}
