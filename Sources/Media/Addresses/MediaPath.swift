import Model
import Settings

/// Where an image's files lie in the data folder, and at which addresses nginx gives them out.
public struct MediaPath: Sendable {
    public let folders: DataFolders

    public init(_ folders: DataFolders) {
        self.folders = folders
    }

    /// The last two digits of an id, which are random: so many images share a folder of each kind.
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

    /// The link to `variants` that makes them public while it is there.
    public func publicLink(_ id: Identifier<Image>) -> String {
        "\(folders.published)/\(Self.shard(id))/\(id)"
    }

    /// A file that an address names, seen through `publicLink`, and where it lies in any case.
    public func files(_ file: MediaFile, of id: Identifier<Image>) -> (public: String?, own: String)
    {
        switch file {
        case .original(let format): (nil, original(id, format))
        case .variant(let name, _): ("\(publicLink(id))/\(name)", "\(variants(id))/\(name)")
        }
    }

    /// Where `publicLink` points, seen from itself, so that the data folder may be moved.
    package static func publicTarget(_ id: Identifier<Image>) -> String {
        "../../media/\(shard(id))/\(id)"
    }

    /// The path of a variant's URL.
    public static func address(_ variant: Variant, of id: Identifier<Image>) -> String {
        TextBuffer.text(capacity: length(variant)) { $0.add(variant, of: id) }
    }

    /// The most bytes that its path has.
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
