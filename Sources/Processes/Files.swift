import Glibc
import Text

/// System calls on paths. What they store is on the disk when they return, unless they say otherwise.
package enum Files {
    /// Writes what a file holds, or which names a folder holds, to the disk itself. A rename is
    /// kept through a power cut only once its folder was synced.
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

    /// Likewise a file that a less trusted process made. Throws `SystemError` when it is a link, a
    /// folder, a pipe or anything else but a regular file, and never waits for one to be opened.
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

    /// The folder that a path names something in; "." for a name alone.
    package static func folder(of path: String) -> String {
        guard let slash = path.utf8.lastIndex(of: UInt8(ascii: "/")) else { return "." }
        return slash == path.startIndex ? "/" : String(path[..<slash])
    }

    /// A new name, in the place of whatever has it. Not synced.
    package static func move(_ source: String, to destination: String) throws {
        guard Glibc.rename(source, destination) == 0 else {
            throw SystemError("rename", destination)
        }
    }

    /// Puts a file in the place of whatever is there, by one rename: nobody ever sees half of it, and a
    /// power cut leaves the one or the other.
    ///
    /// - Parameter mode: the rights it gets; nil leaves them.
    package static func publish(_ draft: String, as path: String, mode: mode_t? = nil) throws {
        if let mode, chmod(draft, mode) != 0 { throw SystemError("chmod", draft) }
        try sync(draft)
        try move(draft, to: path)
        try syncFolder(of: path)
    }

    /// Likewise a file with these bytes, which has these rights from its first byte on, whatever the
    /// umask. When this throws, the file before is there, or all of the new one.
    ///
    /// - Parameter draft: a name beside `path`, of this writer's own where several may write at once; what
    ///   is there goes. `path` with ".new" behind it unless said.
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

    /// Likewise a symbolic link.
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

    /// False when it was not there.
    @discardableResult
    package static func unlink(_ path: String) throws -> Bool {
        if Glibc.unlink(path) == 0 { return true }
        guard errno == ENOENT else { throw SystemError("unlink", path) }
        return false
    }

    /// Fine when it is there already.
    package static func makeFolder(_ path: String) throws {
        guard mkdir(path, 0o750) == 0 || errno == EEXIST else { throw SystemError("mkdir", path) }
    }

    /// Empty when the folder is not there. Bytes that are not UTF-8 are replaced.
    package static func names(in folder: String) throws -> [String] {
        try names(in: Array(folder.utf8)).map { String(decoding: $0, as: UTF8.self) }
    }

    /// Names and paths as bytes: some disks have names that are not UTF-8.
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

    /// Of the thing itself, not of what a link points to; nil when it is not there.
    package static func status(_ path: String) throws -> stat? {
        try status(Array(path.utf8))
    }

    package static func status(_ path: [UInt8]) throws(SystemError) -> stat? {
        var status = stat()
        if path.withPath({ lstat($0, &status) }) == 0 { return status }
        guard errno == ENOENT else { throw SystemError("lstat", String(utf8OrLatin1: path)) }
        return nil
    }

    /// Bytes of its filesystem that this user may still fill.
    package static func freeBytes(in folder: String) throws -> Int64 {
        var status = statvfs()
        guard statvfs(folder, &status) == 0 else { throw SystemError("statvfs", folder) }
        return Int64(status.f_bavail) * Int64(status.f_frsize)
    }

    /// Files at or below `path`, and their bytes.
    package static func extent(of path: String) throws -> (files: Int, bytes: Int64) {
        try walk(Array(path.utf8), removing: false)
    }

    /// Removes a file, or a folder with all that is in it; whatever is gone already is not counted.
    package static func removeTree(_ path: String) throws -> (files: Int, bytes: Int64) {
        try walk(Array(path.utf8), removing: true)
    }

    /// By paths in bytes: a name that is not UTF-8 is one all the same, as a less trusted process may make.
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
            // Never nil: it has a byte at the least.
            bytes.withMemoryRebound(to: CChar.self) { body($0.baseAddress!) }
        }
    }
}
