import Model
import Processes

/// Whose images a resizer has decoded, and with it, which ones it may still decode.
///
/// A decoder that leaves a pixel unwritten shows what its memory held before. Memory is filled when it
/// is given out and when it is freed (Resizing), and for formats whose decoder is not known to write
/// every pixel, the process serves one account alone as well: none of another's pixels have ever been
/// in it, and none come into it later, when such a file may have changed what it does.
struct DecodingHistory {
    private var accounts: Set<Identifier<Account>> = []
    private var isForOneAccount = false

    /// Nothing has been decoded yet.
    var isEmpty: Bool { accounts.isEmpty }

    func permits(_ image: Image) -> Bool {
        accounts.isSubset(of: [image.account])
            || !(isForOneAccount || image.format.needsOwnProcess)
    }

    mutating func note(_ image: Image) {
        accounts.insert(image.account)
        if image.format.needsOwnProcess { isForOneAccount = true }
    }
}

extension ImageFormat {
    /// Whether its decoder is not known to write every pixel. libheif puts an image together of parts
    /// whose sizes the file claims, and libde265 leaves out parts of a picture that are missing: such files
    /// are refused (HEIFGeometry, HEVCDecoder), and this holds where that fails.
    /// libvips 8.14.1 does not clear the canvas of a WebP animation, whose frames may be smaller. The
    /// other decoders write or clear all that is asked for, or fail: MemoryTests cuts each of them at
    /// many places.
    var needsOwnProcess: Bool {
        switch self {
        case .avif, .heic, .webp: true
        case .jpeg, .png, .gif: false
        }
    }
}
