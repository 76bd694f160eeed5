import Foundation
import Media
import Model
import ResizerClient
import Settings

extension Operations {
    /// What a resizer, confined as a worker's are, makes of a picture; nil when that is nothing, for whatever
    /// reason. The files are gone when this returns.
    public func tryResizing(
        _ original: String, format: ImageFormat, fit: Fit, _ preset: Preset
    ) throws -> Rendering? {
        let resizer = try ResizerProcess(configuration, in: configuration.folders.incoming)
        try resizer.send(
            RenderOrder(
                original: resizer.lend(original, as: "original"), format: format, fit: fit,
                folder: resizer.makeOutput("1"), preset: preset, limits: configuration.renderLimits)
        )
        guard case .line(let line) = try resizer.answer(within: configuration.renderBudget),
            case .rendered(let rendering)? = try? JSONDecoder().decode(
                RenderReport.self, from: Data(line))
        else { return nil }
        return rendering
    }
}
