import Foundation
import Media
import Model
import ResizerClient
import Settings

extension Operations {
    /// Renders an image with a resizer that is sandboxed like a worker's. Nil when that fails for any
    /// reason. The rendered files are removed when this returns.
    public func tryResizing(
        _ original: String, format: ImageFormat, fit: Fit, _ preset: Preset
    ) throws -> Rendering? {
        let resizer = try ResizerProcess(configuration, in: configuration.folders.incoming)
        try resizer.send(
            RenderRequest(
                original: resizer.hardlinkOriginal(original, as: "original"), format: format,
                fit: fit,
                folder: resizer.makeOutput("1"), preset: preset, limits: configuration.renderLimits)
        )
        guard case .line(let line) = try resizer.answer(within: configuration.renderBudget),
            case .rendered(let rendering)? = try? JSONDecoder().decode(
                RenderResult.self, from: Data(line))
        else { return nil }
        return rendering
    }
}
