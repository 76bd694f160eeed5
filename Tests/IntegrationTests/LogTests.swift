import Foundation
import Support
import Testing

/// The log of all programs: one JSON object per line, and the same request id for one request.
@Suite struct LogTests {
    private let folder = TemporaryFolder()

    @Test(
        "nginx, the responder, the worker and the resizer log the request id of an upload",
        arguments: Stack.Gateway.allCases)
    func requestID(gateway: Stack.Gateway) throws {
        let stack = try Stack(gateway)
        let client = try stack.account()
        let damaged = folder.file("damaged.jpg")
        let photo = try Photos.jpeg(width: 800, height: 600, in: folder)
        let whole = try Data(contentsOf: URL(fileURLWithPath: photo))
        try whole.prefix(2000).write(to: URL(fileURLWithPath: damaged))
        let upload = try client.upload(damaged)
        let image = try #require(upload["imageId"].string)
        let id = try #require(upload.headers["x-request-id"])
        #expect(try client.finished(image)["status"].string == "failed")

        #expect(try eventually { try stack.accessLog().contains { $0["requestId"]?.string == id } })
        func line(_ program: String) -> JSON? {
            stack.logLines.first {
                $0["program"]?.string == program && $0["requestId"]?.string == id
            }
        }
        let programs =
            ["resize-worker", "resizer"] + (gateway == .fastcgi ? ["image-responder"] : [])
        #expect(eventually { programs.allSatisfy { line($0) != nil } })
        let worker = line("resize-worker")
        #expect(worker?["image"]?.string == image)
        #expect(worker?["job"]?.string == upload["jobId"].string)
        #expect(worker?["result"]?.string == "failed" && worker?["attempt"]?.int == 1)
        #expect(line("resizer")?["message"]?.string?.isEmpty == false)
        // The lines of a CGI program are in nginx's error log, because fcgiwrap passes them on.
        if gateway == .fastcgi {
            #expect(line("image-responder")?["path"]?.string == "/api/images/upload")
            #expect(line("image-responder")?["status"]?.int == 202)
        }
    }

    @Test("A retry has its own request id, which the worker then logs")
    func retried() throws {
        let stack = try Stack()
        let client = try stack.account()
        let damaged = folder.file("damaged.png")
        try Data([0x89, 0x50, 0x4E, 0x47, 0x0D, 0x0A, 0x1A, 0x0A] + Array(repeating: 0, count: 99))
            .write(to: URL(fileURLWithPath: damaged))
        let upload = try client.upload(damaged)
        let image = try #require(upload["imageId"].string)
        _ = try client.finished(image)
        let retry = try client.post("/api/images/\(image)/retry")
        #expect(retry.status == 202)
        let id = retry.headers["x-request-id"]
        #expect(
            eventually {
                stack.logLines.contains {
                    $0["requestId"]?.string == id && $0["program"]?.string == "resize-worker"
                }
            })
    }

    @Test("Every line of every program is an object with time, level, program and message")
    func form() throws {
        let stack = try Stack()
        let client = try stack.account()
        _ = try client.completed(Photos.jpeg(width: 400, height: 300, in: folder))
        for program in ["image-responder", "resize-worker"] {
            for pid in stack.pids(program) { kill(pid, SIGKILL) }
        }
        #expect(eventually { stack.logText.contains("restarting it") })
        #expect(eventually { (try? client.get("/api/images").status) == 200 })
        stack.stop()
        let lines = stack.logText.split(separator: "\n")
        #expect(stack.logLines.count == lines.count, "\(stack.logText)")
        let programs = Set(stack.logLines.compactMap { $0["program"]?.string })
        #expect(
            programs == ["multires", "auth-responder", "image-responder", "resize-worker"])
        for line in stack.logLines {
            #expect(line.names.isSuperset(of: ["time", "level", "program", "message"]))
        }
    }

    @Test(
        "No password, token, key, signature or bound value is in any log",
        arguments: ["json", "text"])
    func secrets(form: String) throws {
        let stack = try Stack(settings: ["MULTIRES_LOG": form])
        let password = "sesame-\(UUID().uuidString)"
        let email = "\(UUID().uuidString.lowercased())@example.org"
        let credentials = #"{"email": "\#(email)", "password": "\#(password)"}"#
        let signedIn = try stack.client.post("/api/auth/register", json: credentials)
        let client = Client(base: stack.client.base, token: signedIn["accessToken"].string)
        let key = try client.post(
            "/api/auth/keys", json: #"{"name": "n", "scopes": ["read"], "expiresAt": null}"#)
        let detail = try client.completed(Photos.jpeg(width: 400, height: 300, in: folder))
        let url = try #require(detail.json["sizes"]?["thumbnail"]?["url"]?.string)
        #expect(try Client(base: "").get(url).status == 200)
        _ = try stack.client.post(
            "/api/auth/login", json: #"{"email": "\#(email)", "password": "\#(password)x"}"#)
        _ = try stack.client.post("/api/auth/refresh", json: "{\"refreshToken\": \"\(password)\"}")

        // Makes a statement fail, which is logged with its SQL.
        try Shell.check(
            "python3",
            [
                "-c",
                "import sqlite3, sys; "
                    + "sqlite3.connect(sys.argv[1]).execute('ALTER TABLE image RENAME alt TO gone')",
                stack.data + "/catalog.sqlite3",
            ])
        let bound = "bound-\(UUID().uuidString)"
        let image = try #require(detail["id"].string)
        let failed = try client.patch(
            "/api/images/\(image)", json: #"{"alt": "\#(bound)", "originalName": "\#(bound)"}"#)
        #expect(failed.status == 500)
        #expect(
            eventually { stack.logText.contains("no such column") }, "the cause is not in the log")

        // nginx writes its log once a second, in the order of the requests.
        var access = ""
        let isWritten = try eventually {
            access = try String(contentsOfFile: stack.data + "/nginx/access.log", encoding: .utf8)
            return access.contains(#""method":"PATCH""#)
        }
        #expect(isWritten, "\(access)")
        let signature = try #require(url.firstMatch(of: /signature=([^&]*)/)?.1)
        let secrets = try [
            password, String(signature), bound, #require(key["key"].string),
            #require(signedIn["accessToken"].string), #require(signedIn["refreshToken"].string),
        ]
        for secret in secrets {
            #expect(!stack.logText.contains(secret) && !access.contains(secret), "\(secret)")
        }
    }
}

extension Stack {
    /// Every line so far that is a JSON object, including those of a draining worker.
    fileprivate var logLines: [JSON] {
        let drained = (try? String(contentsOfFile: data + "/drain.log", encoding: .utf8)) ?? ""
        return (logText + drained).split(separator: "\n").compactMap {
            try? JSONDecoder().decode(JSON.self, from: Data($0.utf8))
        }.filter { !$0.names.isEmpty }
    }
}
