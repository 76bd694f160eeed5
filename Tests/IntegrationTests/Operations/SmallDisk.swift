import Foundation
import Support
import Testing

/// A disk of a few megabytes for a service's data. Only root may have one.
final class SmallDisk {
    static let isPossible = getuid() == 0
    static let reason: Comment = "NOT TESTED: a full disk needs root, who may mount a small one"

    /// For a stack; its log lies beside the disk.
    let folder = TemporaryFolder()
    private let mount: String
    private var ballast: String { mount + "/ballast" }

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

    /// Leaves so many bytes, or as many as the blocks allow. What fills the disk already stays, so that
    /// no byte is free meanwhile; a service may take some of the rest, so it is tried again.
    func fill(leaving bytes: Int) throws {
        for _ in 0..<20 {
            var status = stat()
            let old = stat(ballast, &status) == 0 ? Int(status.st_size) : 0
            let length = old + free - bytes
            guard length > 0 else { return empty() }
            let command =
                length < old
                ? ("truncate", ["-s", String(length), ballast])
                : ("fallocate", ["-l", String(length), ballast])
            if try Shell.run(command.0, command.1).status == 0, free <= max(bytes, 4096) { return }
        }
    }

    func empty() {
        unlink(ballast)
    }
}

/// A service whose data has a small disk of its own, and an account in it.
final class SmallDiskService {
    let disk: SmallDisk
    let stack: Stack
    let client: Client
    private let email = AccountTests.email()

    /// - Parameter settings: beside a disk reserve of one byte, so that a test may fill it all.
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

    /// Ends the service before its disk goes.
    func end() {
        stack.stop()
        disk.unmount()
    }
}
