import Glibc

/// The user to whom a file belongs.
public enum FileOwner {
    /// A phrase with the owner of the file and this process's user, for a message about why the file cannot
    /// be used. Nil if this user owns the file or is root, or if the file does not exist.
    public static func mismatch(_ path: String) -> String? {
        var status = stat()
        guard geteuid() != 0, stat(path, &status) == 0, status.st_uid != geteuid() else {
            return nil
        }
        return "\(path) belongs to user \(name(status.st_uid)), but this program runs as user "
            + name(geteuid())
    }

    private static func name(_ user: uid_t) -> String {
        // Nil if /etc/passwd does not list the user.
        guard let entry = getpwuid(user) else { return String(user) }
        return "\(String(cString: entry.pointee.pw_name)) (\(user))"
    }
}
