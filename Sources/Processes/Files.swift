import Glibc
import Text

/// System calls on paths. What they store is on disk when they return, unless documented otherwise.
package enum Files {
    /// Writes a file's content, or the names in a folder, to the disk. A rename survives a power cut only
    /// after its folder was synced.
    package static func sync(_ path: String) throws {
        try sync(FileDescriptor(opening: path, O_RDONLY), at: path)
    }

    private static func sync(_ file: borrowing FileDescriptor, at path: String) throws {
        do {
            try file.sync()
        } catch let error as SystemError {
            throw SystemError(error.call, path, code: error.code)
        }
    }

    /// Syncs a file that a less trusted process made. Throws `SystemError` if it is a link, a folder, a pipe
    /// or anything else that is not a regular file, and never blocks while it opens one.
    package static func syncRegular(_ path: String) throws {
        let file = try FileDescriptor(opening: path, O_RDONLY | O_NOFOLLOW | O_NONBLOCK)
        var status = stat()
        guard fstat(file.number, &status) == 0 else { throw SystemError("fstat", path) }
        guard status.st_mode & S_IFMT == S_IFREG else {
            throw SystemError("open", path, code: EINVAL)
        }
        try sync(file, at: path)
    }

    package static func syncFolder(of path: String) throws {
        try sync(folder(of: path))
    }

    /// The folder part of a path; "." for a name without a folder.
    package static func folder(of path: String) -> String {
        guard let slash = path.utf8.lastIndex(of: UInt8(ascii: "/")) else { return "." }
        return slash == path.startIndex ? "/" : String(path[..<slash])
    }

    /// Renames `source`, and replaces what is at `destination`. Does not sync.
    package static func move(_ source: String, to destination: String) throws {
        guard Glibc.rename(source, destination) == 0 else {
            throw SystemError("rename", destination)
        }
    }

    /// Syncs a file and moves it to `path` by one rename, replacing what is there: no reader ever sees half
    /// of it, and a power cut leaves either the old or the new file.
    ///
    /// - Parameter mode: the file's new mode; nil leaves it unchanged.
    package static func publish(_ draft: String, as path: String, mode: mode_t? = nil) throws {
        if let mode, chmod(draft, mode) != 0 { throw SystemError("chmod", draft) }
        try sync(draft)
        try move(draft, to: path)
        try syncFolder(of: path)
    }

    /// Writes these bytes to a new file and publishes it at `path`. The file has `mode` from its first byte
    /// on, regardless of the umask. When this throws, either the old file or all of the new one is there.
    ///
    /// - Parameter draft: a path in the folder of `path`, unique for this writer if several may write at
    ///   once. What is there is removed. By default, `path` followed by ".new".
    package static func write(
        _ bytes: some Collection<UInt8>, to path: String, mode: mode_t, draft: String? = nil
    ) throws {
        let draft = draft ?? path + ".new"
        do {
            unlinkQuietly(draft)
            let file = try FileDescriptor(
                opening: draft, O_WRONLY | O_CREAT | O_EXCL, mode: mode)
            guard fchmod(file.number, mode) == 0 else { throw SystemError("fchmod", draft) }
            try file.write(Array(bytes))
            try publish(draft, as: path)
        } catch {
            unlinkQuietly(draft)
            throw error
        }
    }

    /// Creates a symbolic link at `path` by one rename, replacing what is there.
    package static func link(to target: String, at path: String) throws {
        let draft = path + ".new"
        unlinkQuietly(draft)
        guard symlink(target, draft) == 0 else { throw SystemError("symlink", path) }
        try move(draft, to: path)
        try syncFolder(of: path)
    }

    private static func unlinkQuietly(_ path: String) {
        _ = Glibc.unlink(path)
    }

    /// False if it did not exist.
    @discardableResult
    package static func unlink(_ path: String) throws -> Bool {
        if Glibc.unlink(path) == 0 { return true }
        guard errno == ENOENT else { throw SystemError("unlink", path) }
        return false
    }

    /// Succeeds if something exists at `path`.
    package static func makeFolder(_ path: String) throws {
        guard mkdir(path, 0o750) == 0 || errno == EEXIST else { throw SystemError("mkdir", path) }
    }

    /// Creates a folder and the missing folders above it (mkdir -p). Succeeds if the folder exists. Throws
    /// `SystemError`, with the code ENOTDIR if a file is at `path`.
    ///
    /// - Parameter mode: the mode of the new folders, regardless of the umask; nil for the default mode.
    package static func makeFolders(_ path: String, mode: mode_t? = nil) throws {
        let above = folder(of: path)
        var result = mkdir(path, mode ?? 0o777)
        if result != 0, errno == ENOENT, above != path {
            try makeFolders(above, mode: mode)
            result = mkdir(path, mode ?? 0o777)
        }
        if result == 0 {
            if let mode, chmod(path, mode) != 0 { throw SystemError("chmod", path) }
            return
        }
        let code = errno
        var status = stat()
        if stat(path, &status) == 0, status.st_mode & S_IFMT == S_IFDIR { return }
        throw SystemError("mkdir", path, code: code == EEXIST ? ENOTDIR : code)
    }

    /// Empty if the folder does not exist. Bytes that are not UTF-8 are replaced.
    package static func names(in folder: String) throws -> [String] {
        try names(in: Array(folder.utf8)).map { String(decoding: $0, as: UTF8.self) }
    }

    /// Names and paths as bytes, because some disks have names that are not UTF-8.
    package static func names(in folder: [UInt8]) throws(SystemError) -> [[UInt8]] {
        guard let stream = folder.withPath({ opendir($0) }) else {
            if errno == ENOENT { return [] }
            throw SystemError("opendir", String(utf8OrLatin1: folder))
        }
        defer { closedir(stream) }
        var names: [[UInt8]] = []
        while let entry = readdir(stream) {
            let name = withUnsafeBytes(of: &entry.pointee.d_name) { Array($0.prefix { $0 != 0 }) }
            if name != Array(".".utf8), name != Array("..".utf8) { names.append(name) }
        }
        return names
    }

    /// The status of `path` itself, also if it is a link (lstat(2)); nil if it does not exist.
    package static func status(_ path: String) throws -> stat? {
        try status(Array(path.utf8))
    }

    package static func status(_ path: [UInt8]) throws(SystemError) -> stat? {
        var status = stat()
        if path.withPath({ lstat($0, &status) }) == 0 { return status }
        guard errno == ENOENT else { throw SystemError("lstat", String(utf8OrLatin1: path)) }
        return nil
    }

    /// Free bytes of the folder's filesystem that this user may use.
    package static func freeBytes(in folder: String) throws -> Int64 {
        var status = statvfs()
        guard statvfs(folder, &status) == 0 else { throw SystemError("statvfs", folder) }
        return Int64(status.f_bavail) * Int64(status.f_frsize)
    }

    /// Files at or below `path`, and their bytes.
    package static func extent(of path: String) throws -> (files: Int, bytes: Int64) {
        try walk(Array(path.utf8), removing: false)
    }

    /// Removes a file, or a folder with everything in it. Counts only what this call removes.
    package static func removeTree(_ path: String) throws -> (files: Int, bytes: Int64) {
        try walk(Array(path.utf8), removing: true)
    }

    /// Uses paths as bytes, because a less trusted process may create names that are not UTF-8.
    private static func walk(
        _ path: [UInt8], removing: Bool
    ) throws -> (files: Int, bytes: Int64) {
        func failure(_ call: String) -> SystemError {
            SystemError(call, String(utf8OrLatin1: path))
        }
        guard let status = try status(path) else { return (0, 0) }
        guard status.st_mode & S_IFMT == S_IFDIR else {
            if removing, path.withPath({ Glibc.unlink($0) }) != 0 {
                if errno == ENOENT { return (0, 0) }
                throw failure("unlink")
            }
            return (1, Int64(status.st_size))
        }
        var sum: (files: Int, bytes: Int64) = (0, 0)
        for name in try names(in: path) {
            let inside = try walk(path + [UInt8(ascii: "/")] + name, removing: removing)
            sum = (sum.files + inside.files, sum.bytes + inside.bytes)
        }
        if removing, path.withPath({ rmdir($0) }) != 0, errno != ENOENT { throw failure("rmdir") }
        return sum
    }
}

extension [UInt8] {
    fileprivate func withPath<Result>(_ body: (UnsafePointer<CChar>) -> Result) -> Result {
        (self + [0]).withUnsafeBufferPointer { bytes in
            // Never nil: there is at least the zero byte.
            bytes.withMemoryRebound(to: CChar.self) { body($0.baseAddress!) }
        }
    }
}
