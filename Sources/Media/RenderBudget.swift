import Catalog
import Processes

extension Configuration {
    /// What a resizer may spend on one image.
    public var renderBudget: WorkBudget.Limits {
        WorkBudget.Limits(
            processor: .seconds(renderSeconds), stall: renderStall, total: renderTotal)
    }
}
