import Glibc

/// Who a file belongs to.
public enum FileOwner {
    /// Nil when the file is this user's, or not there, or this user is root; otherwise who it belongs to, for a sentence
    /// about why it cannot be used.
    public static func mismatch(_ path: String) -> String? {
        var status = stat()
        guard geteuid() != 0, stat(path, &status) == 0, status.st_uid != geteuid() else {
            return nil
        }
        return "\(path) belongs to user \(name(status.st_uid)), and this is user \(name(geteuid()))"
    }

    private static func name(_ user: uid_t) -> String {
        // Nil where /etc/passwd does not list it.
        guard let entry = getpwuid(user) else { return String(user) }
        return "\(String(cString: entry.pointee.pw_name)) (\(user))"
    }
}
