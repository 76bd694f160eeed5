import Model
import Settings

/// Where an image's files are in the data folder, and the addresses at which nginx serves them.
public struct MediaPath: Sendable {
    public let folders: DataFolders

    public init(_ folders: DataFolders) {
        self.folders = folders
    }

    /// The last two digits of an id, which are random. Images with the same shard share a folder of each
    /// kind.
    public static func shard(_ id: Identifier<Image>) -> String {
        String(id.text.suffix(2))
    }

    public func original(_ id: Identifier<Image>, _ format: ImageFormat) -> String {
        "\(folders.originals)/\(Self.shard(id))/\(id).\(format.fileExtension)"
    }

    /// The folder of the variants; files in it are named `Variant.fileName`.
    public func variants(_ id: Identifier<Image>) -> String {
        "\(folders.media)/\(Self.shard(id))/\(id)"
    }

    public func variant(_ variant: Variant, of id: Identifier<Image>) -> String {
        "\(variants(id))/\(variant.fileName)"
    }

    /// The link to `variants` that makes them public while it exists.
    public func publicLink(_ id: Identifier<Image>) -> String {
        "\(folders.published)/\(Self.shard(id))/\(id)"
    }

    /// The paths of a file that an address names: through `publicLink` (nil for an original, which is never
    /// public), and its own.
    public func files(_ file: MediaFile, of id: Identifier<Image>) -> (public: String?, own: String)
    {
        switch file {
        case .original(let format): (nil, original(id, format))
        case .variant(let name, _): ("\(publicLink(id))/\(name)", "\(variants(id))/\(name)")
        }
    }

    /// The target of `publicLink`, relative to the link, so that the data folder can be moved.
    package static func publicTarget(_ id: Identifier<Image>) -> String {
        "../../media/\(shard(id))/\(id)"
    }

    /// The path of a variant's URL.
    public static func address(_ variant: Variant, of id: Identifier<Image>) -> String {
        TextBuffer.text(capacity: length(variant)) { $0.add(variant, of: id) }
    }

    /// The maximum length of the path of its URL, in bytes.
    static func length(_ variant: Variant) -> Int {
        64 + variant.name.utf8.count + variant.revision.utf8.count
    }

    /// The path of an original's URL.
    public static func address(original format: ImageFormat, of id: Identifier<Image>) -> String {
        "/media/\(id)/original.\(format.fileExtension)"
    }
}

extension TextBuffer {
    /// The path of a variant's URL.
    mutating func add(_ variant: Variant, of id: Identifier<Image>) {
        add("/media/")
        add(id.text)
        add("/")
        add(variant.name)
        add(".")
        add(variant.revision)
        add(".")
        add(variant.format.fileExtension)
    }
}
