import Glibc
import Model
import Processes
import Settings

extension Configuration {
    /// What a resizer may spend on one image.
    public var renderBudget: WorkBudget.Limits {
        WorkBudget.Limits(
            processor: .seconds(renderSeconds), stall: renderStall, total: renderTotal)
    }

    /// Of a resizer that can reach this one folder: `in` has what it is given, `out` what it makes.
    func resizerEnvironment(in folder: String, priority: Priority?) -> [String: String] {
        // Where codecs are, if not where their packages put them.
        let names: [String] = ["VIPSHOME", "LIBHEIF_PLUGIN_PATH"]
        let places = names.compactMap { name in
            getenv(name).map { (name, String(cString: $0)) }
        }
        return [
            "MULTIRES_LOG": log.rawValue,
            "OMP_NUM_THREADS": "1",  // libimagequant, for GIF
            "RESIZER_FOLDER": folder,
            "RESIZER_PRIORITY": (priority ?? resizerPriority).rawValue,
            "RESIZER_MEMORY": String(renderMemory),
            "RESIZER_PROCESSOR_SECONDS": String(renderSeconds),
        ].merging(FilledMemory.environment) { $1 }.merging(places) { $1 }
    }
}
