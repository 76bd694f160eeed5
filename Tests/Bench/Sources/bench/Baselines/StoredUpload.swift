import Foundation
import Processes
import Support

/// `stored-upload` behind a plain nginx, with a kept connection for each of its 64 threads.
final class StoredUpload {
    var base: String { nginx.base }
    private let nginx: PlainNginx
    private let program: ChildProcess

    init() throws {
        let folder = TemporaryFolder()
        let socket = try ListeningSocket.opened(at: folder.file("socket"))
        program = try ChildProcess(
            Baseline.path("stored-upload"), [folder.path], environment: [:],
            descriptors: [0: socket.descriptor.number])
        nginx = try PlainNginx(
            server: """
                client_max_body_size 200m;
                client_body_buffer_size 64k;
                location / {
                    fastcgi_pass stored;
                    fastcgi_keep_conn on;
                    fastcgi_param REQUEST_METHOD $request_method;
                    fastcgi_param CONTENT_LENGTH $content_length;
                }
                """,
            http: "upstream stored { server unix:\(folder.file("socket")); keepalive 64; }",
            in: folder)
    }

    func stop() {
        nginx.stop()
        program.send(SIGKILL)
        program.wait()
    }

    deinit { stop() }
}
