import Catalog

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
    static func publicTarget(_ id: Identifier<Image>) -> String {
        "../../media/\(shard(id))/\(id)"
    }

    /// The path of a variant's URL.
    public static func address(_ variant: Variant, of id: Identifier<Image>) -> String {
        TextBuffer.text(capacity: 64 + variant.name.utf8.count + variant.revision.utf8.count) {
            $0.add("/media/")
            $0.add(id.text)
            $0.add("/")
            $0.add(variant.name)
            $0.add(".")
            $0.add(variant.revision)
            $0.add(".")
            $0.add(variant.format.fileExtension)
        }
    }

    /// The path of an original's URL.
    public static func address(original format: ImageFormat, of id: Identifier<Image>) -> String {
        "/media/\(id)/original.\(format.fileExtension)"
    }
}
