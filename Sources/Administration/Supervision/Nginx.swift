import Foundation
import Model
import Processes
import Settings

/// The gateway's process; its files are `NginxFiles`.
package enum Nginx {
    /// The path in MULTIRES_NGINX, or that of the installed nginx. Throws `ConfigurationError` if there is
    /// no nginx.
    package static func program(_ environment: [String: String]) throws -> String {
        if let named = environment["MULTIRES_NGINX"], !named.isEmpty {
            if FileManager.default.isExecutableFile(atPath: named) { return named }
            throw ConfigurationError(
                "MULTIRES_NGINX: \"\(named)\" is not a program: nginx is not installed there.")
        } else {
            // Debian keeps it in sbin, which is not in an ordinary user's PATH.
            let folders =
                (environment["PATH"] ?? "").split(separator: ":").map(String.init) + [
                    "/usr/sbin", "/usr/local/sbin",
                ]
            let found = folders.map { $0 + "/nginx" }
                .first { FileManager.default.isExecutableFile(atPath: $0) }
            if let found { return found }
        }
        throw ConfigurationError(
            "nginx is not installed. Run \"make deps\", or install Debian's nginx.")
    }

    /// nginx's arguments for the files in this folder.
    package static func arguments(_ folder: String) -> [String] {
        ["-p", folder, "-c", folder + "/serve.conf", "-e", "stderr"]
    }

    /// Runs `nginx -t` with the files in this folder. Throws `ConfigurationError` with nginx's message.
    package static func test(_ program: String, _ folder: String) throws {
        let output = try ProgramOutput(of: program, ["-t", "-q"] + arguments(folder))
        guard output.hasSucceeded else {
            if output.errors.contains("(\(ENOSPC): ") {
                throw SystemError("write", folder, code: ENOSPC)
            }
            throw ConfigurationError("nginx does not accept its files: \(output.errors)")
        }
    }

    /// Returns when no old worker accepts requests, so that the caller can rely on the new files. It returns
    /// after 5 s in any case: nginx then keeps the old files and logs the reason.
    package static func reload(_ master: ChildProcess) {
        let old = children(of: master.pid)
        master.send(SIGHUP)
        for _ in 0..<500 where old.contains(where: takesRequests) { usleep(10_000) }
    }

    private static func children(of pid: pid_t) -> [pid_t] {
        let text = try? String(contentsOfFile: "/proc/\(pid)/task/\(pid)/children", encoding: .utf8)
        return text?.split(separator: " ").compactMap { pid_t($0) } ?? []
    }

    /// A worker that only finishes its requests has "shutting down" in its title.
    private static func takesRequests(_ worker: pid_t) -> Bool {
        let title = try? String(contentsOfFile: "/proc/\(worker)/cmdline", encoding: .utf8)
        return title.map { !$0.isEmpty && !$0.contains("shutting down") } ?? false
    }

    /// Called when the master has exited unexpectedly, for example after SIGKILL: its workers would keep the
    /// port. They are asked to close it and finish their requests; if the port is not free after 2 s, they
    /// are killed.
    package static func endWorkers(of master: ChildProcess, _ configuration: Configuration) {
        master.sendToGroup(SIGQUIT)
        for _ in 0..<200 {
            if !master.hasLiveGroup { return }
            if LocalPort.obstacle(configuration.listen, configuration.port) == 0 { return }
            usleep(10_000)
        }
        master.sendToGroup(SIGKILL)
    }
}
