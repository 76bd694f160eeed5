import Model
import Processes
import Settings

extension Configuration {
    /// What a resizer may spend on one image.
    public var renderBudget: WorkBudget.Limits {
        WorkBudget.Limits(
            processor: .seconds(renderSeconds), stall: renderStall, total: renderTotal)
    }

    /// The environment of a resizer that can access only this folder: `in` has its originals, `out` gets its
    /// variants.
    func resizerEnvironment(in folder: String, priority: Priority?) -> [String: String] {
        let codecs = ["VIPSHOME": vipsHome, "LIBHEIF_PLUGIN_PATH": heifPlugins]
        return [
            "MULTIRES_LOG": log.rawValue,
            "OMP_NUM_THREADS": "1",  // libimagequant, for GIF
            "RESIZER_FOLDER": folder,
            "RESIZER_PRIORITY": (priority ?? resizerPriority).rawValue,
            "RESIZER_MEMORY": String(renderMemory),
            "RESIZER_PROCESSOR_SECONDS": String(renderSeconds),
        ].merging(FilledMemory.environment) { $1 }.merging(codecs.filter { !$1.isEmpty }) { $1 }
    }
}
