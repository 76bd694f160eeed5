import Foundation
import Support
import Testing

/// A disk of a few megabytes for a service's data. Needs root.
final class SmallDisk {
    static let isPossible = getuid() == 0
    static let reason: Comment = "NOT TESTED: filling a disk needs root, to mount a small one"

    /// For a stack, whose log is not on the disk.
    let folder = TemporaryFolder()
    private let mount: String
    private var filler: String { mount + "/filler" }

    init(megabytes: Int) throws {
        mount = try folder.folder("data")
        try Shell.check(
            "mount", ["-t", "tmpfs", "-o", "size=\(megabytes)m,mode=0750", "tmpfs", mount])
    }

    deinit {
        unmount()
    }

    func unmount() {
        _ = try? Shell.run("umount", ["-l", mount])
    }

    var free: Int {
        var status = statvfs()
        return statvfs(mount, &status) == 0 ? Int(status.f_bavail) * Int(status.f_frsize) : 0
    }

    /// Fills the disk except for `bytes` bytes, rounded to blocks. Changes the length of the existing filler,
    /// so that the disk is never empty meanwhile. Repeats it if a service has used or freed bytes.
    func fill(leaving bytes: Int) throws {
        for _ in 0..<20 {
            var status = stat()
            let old = stat(filler, &status) == 0 ? Int(status.st_size) : 0
            let length = old + free - bytes
            guard length > 0 else { return empty() }
            let command =
                length < old
                ? ("truncate", ["-s", String(length), filler])
                : ("fallocate", ["-l", String(length), filler])
            if try Shell.run(command.0, command.1).status == 0, free <= max(bytes, 4096) { return }
        }
    }

    func empty() {
        unlink(filler)
    }
}

/// A service whose data is on a small disk, with an account.
final class SmallDiskService {
    let disk: SmallDisk
    let stack: Stack
    let client: Client
    private let email = AccountTests.email()

    /// - Parameter settings: added to a disk reserve of one byte, which lets a test fill the disk.
    init(_ settings: [String: String] = [:]) throws {
        disk = try SmallDisk(megabytes: 64)
        stack = try Stack(
            in: disk.folder, settings: ["MULTIRES_DISK_RESERVE": "1"].merging(settings) { $1 })
        let registered = try stack.client.post(
            "/api/auth/register", json: AccountTests.body(email))
        client = Client(base: stack.client.base, token: registered["accessToken"].string)
    }

    func signIn() throws -> Answer {
        try stack.client.post("/api/auth/login", json: AccountTests.body(email))
    }

    /// Stops the service before it unmounts the disk.
    func end() {
        stack.stop()
        disk.unmount()
    }
}
