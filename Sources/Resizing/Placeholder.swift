import Foundation
import Model

extension Bitmap {
    /// A WebP of at most 16 x 16 pixels as a data URI, for `<img src>`: about 200 bytes, shown blurred until
    /// the thumbnail is loaded.
    func placeholder() throws(CodecError) -> String {
        let size = Fit.inside.pixels(of: pixels, in: PixelSize(width: 16, height: 16))
        var settings = Preset.Encoding()
        settings.webpQuality = 30
        let whole = Rectangle(centred: pixels, in: pixels)
        let bytes = try firstFrame.resized(whole, to: size, .full).encoded(
            as: .webp, settings, .half)
        return "data:image/webp;base64," + Data(bytes).base64EncodedString()
    }
}
