import Model
import Processes

/// The accounts whose images a resizer has decoded. They decide which images it may still decode.
///
/// A decoder that leaves a pixel unwritten shows what its memory contained before. Memory is filled when it
/// is allocated and when it is freed (Resizing). In addition, a process that decodes a format whose decoder
/// is not known to write every pixel serves one account only: pixels of another account have never been in
/// it, and do not get into it later, when such a file may have changed what the process does.
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
    /// Whether its decoder is not known to write every pixel. libheif assembles an image from parts whose
    /// dimensions the file states, and libde265 skips parts that are missing: such files are refused
    /// (HEIFGeometry, HEVCDecoder), and this protects where that fails. libvips 8.14.1 does not clear the
    /// canvas of a WebP animation, whose frames may be smaller. The other decoders write or clear all pixels
    /// that are requested, or fail: MemoryTests truncates files of each format at many places.
    var needsOwnProcess: Bool {
        switch self {
        case .avif, .heic, .webp: true
        case .jpeg, .png, .gif: false
        }
    }
}
