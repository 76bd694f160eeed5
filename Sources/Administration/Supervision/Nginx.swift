import Foundation
import Model
import Processes
import Settings

/// The gateway's process; its files are `NginxFiles`.
package enum Nginx {
    /// MULTIRES_NGINX, or the one that is installed.
    package static func program(_ environment: [String: String]) throws -> String {
        if let named = environment["MULTIRES_NGINX"], !named.isEmpty {
            if FileManager.default.isExecutableFile(atPath: named) { return named }
            throw Unusable(
                "MULTIRES_NGINX is \"\(named)\", which is no program: nginx is not installed there."
            )
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
        throw Unusable("nginx is not installed: run \"make deps\", or install Debian's nginx.")
    }

    /// For the files in this folder.
    package static func arguments(_ folder: String) -> [String] {
        ["-p", folder, "-c", folder + "/serve.conf", "-e", "stderr"]
    }

    /// `nginx -t`. Throws what nginx says against the files in this folder.
    package static func test(_ program: String, _ folder: String) throws {
        let said = try ProgramOutput(of: program, ["-t", "-q"] + arguments(folder))
        guard said.hasSucceeded else {
            if said.errors.contains("(\(ENOSPC): ") {
                throw SystemError("write", folder, code: ENOSPC)
            }
            throw Unusable("nginx refuses its files: \(said.errors)")
        }
    }

    /// Returns when no worker from before takes requests any more, so that what follows may rely on
    /// the new files; after 5 s it returns anyway, since nginx then keeps the old ones and says why.
    package static func reload(_ master: ChildProcess) {
        let old = children(of: master.pid)
        master.send(SIGHUP)
        for _ in 0..<500 where old.contains(where: takesRequests) { usleep(10_000) }
    }

    private static func children(of pid: pid_t) -> [pid_t] {
        let text = try? String(contentsOfFile: "/proc/\(pid)/task/\(pid)/children", encoding: .utf8)
        return text?.split(separator: " ").compactMap { pid_t($0) } ?? []
    }

    /// A worker that only finishes what it has says so in its title.
    private static func takesRequests(_ worker: pid_t) -> Bool {
        let title = try? String(contentsOfFile: "/proc/\(worker)/cmdline", encoding: .utf8)
        return title.map { !$0.isEmpty && !$0.contains("shutting down") } ?? false
    }

    /// Called when the master has ended by itself, as by SIGKILL: its workers would hold the port for
    /// as long as they live. They are asked to close it and finish what they have; who does not is
    /// killed.
    package static func endWorkers(of master: ChildProcess, _ configuration: Configuration) {
        master.sendToGroup(SIGQUIT)
        for _ in 0..<200 {
            if !master.hasGroup { return }
            if LocalPort.obstacle(configuration.listen, configuration.port) == 0 { return }
            usleep(10_000)
        }
        master.sendToGroup(SIGKILL)
    }
}
