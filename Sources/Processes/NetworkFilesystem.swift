import CLinux

/// File locks and shared memory are reliable only on local filesystems, so a database must be on one
/// (sqlite.org/wal.html; sqlite.org/howtocorrupt.html, section 2.1).
public enum NetworkFilesystem {
    /// The kind of network filesystem that `path` is on; nil for a local one, and if the system does not
    /// report it.
    public static func kind(at path: String) -> String? {
        var information = statfs()
        guard statfs(path, &information) == 0 else { return nil }
        return kinds[UInt32(truncatingIfNeeded: information.f_type)]
    }

    /// statfs(2), `f_type`. FUSE may be local too, but that cannot be distinguished from sshfs.
    static let kinds: [UInt32: String] = [
        0x6969: "NFS", 0x517B: "SMB", 0xFF53_4D42: "CIFS", 0xFE53_4D42: "SMB2",
        0x6573_5546: "FUSE", 0x0102_1997: "9p", 0x5346_414F: "AFS", 0x00C3_6400: "Ceph",
        0x0BD0_0BD0: "Lustre",
    ]
}
