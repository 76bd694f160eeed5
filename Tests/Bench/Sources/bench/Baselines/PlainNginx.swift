import Foundation
import Processes
import Support

/// Debian's nginx configured for speed: two workers, as in Multires' own configuration, sendfile, kept
/// connections, no log.
final class PlainNginx {
    let base: String
    /// nginx's prefix: paths in `server` that are not absolute begin here.
    let folder: TemporaryFolder
    private let nginx: ChildProcess

    /// - Parameters:
    ///   - server: lines of the server block, besides `listen`.
    ///   - http: lines before that block.
    init(server: String, http: String = "", in folder: TemporaryFolder = TemporaryFolder()) throws {
        self.folder = folder
        let port = try FreePort.next()
        base = "http://127.0.0.1:\(port)"
        let temporary = ["client_body", "fastcgi", "proxy", "scgi", "uwsgi"].map {
            "\($0)_temp_path tmp;"
        }
        let configuration = """
            \(geteuid() == 0 ? "user root;" : "")
            daemon off;
            pid pid;
            error_log error.log;
            worker_processes 2;
            events { worker_connections 3000; }
            http {
                \(temporary.joined(separator: "\n    "))
                access_log off;
                sendfile on;
                tcp_nopush on;
                \(http)
                server {
                    listen 127.0.0.1:\(port);
                    \(server)
                }
            }

            """
        try Data(configuration.utf8).write(to: URL(fileURLWithPath: folder.file("nginx.conf")))
        let nginx = try ChildProcess(
            "/usr/sbin/nginx", ["-p", folder.path, "-c", "nginx.conf", "-e", "error.log"],
            environment: [:])
        self.nginx = nginx
        let isUp = eventually { nginx.hasEnded || (try? RawConnection(port: port)) != nil }
        guard isUp, !nginx.hasEnded else {
            let errors = try? String(contentsOfFile: folder.file("error.log"), encoding: .utf8)
            throw NotRunning(description: "nginx: \(errors ?? "")")
        }
    }

    func stop() {
        nginx.send(SIGTERM)
        nginx.wait()
    }

    deinit { stop() }
}
