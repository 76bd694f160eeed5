import CVips
import Foundation
import Model

extension Picture {
    /// A WebP of at most 16 x 16 pixels as a data URI, for `<img src>`: about 200 bytes, shown blurred until
    /// the thumbnail is loaded.
    func placeholder() throws(Vips.Failure) -> String {
        let size = Fit.inside.pixels(of: pixels, in: PixelSize(width: 16, height: 16))
        var settings = Preset.Encoding()
        settings.webpQuality = 30
        let bytes = try resized(to: size).webp(settings)
        return "data:image/webp;base64," + Data(bytes).base64EncodedString()
    }
}
