import Support

/// The ICC profiles that are part of libvips.
enum BuiltInProfile {
    /// - Parameter name: `p3`, `srgb` or `cmyk`.
    static func bytes(_ name: String, in folder: TemporaryFolder) throws -> [UInt8] {
        let (plain, tagged) = (folder.file("plain.v"), folder.file("tagged.jpg"))
        try Photos.vips(["black", plain, "8", "8", "--bands", "3"])
        try Photos.vips(["jpegsave", plain, tagged, "--profile", name])
        return try Shell.check("exiftool", ["-icc_profile", "-b", tagged]).bytes
    }
}
