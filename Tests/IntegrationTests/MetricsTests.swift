import Foundation
import Support
import Testing

/// GET /metrics, across processes, restarts and transports.
@Suite struct MetricsTests {
    private let folder = TemporaryFolder()

    @Test("Concurrent requests are counted exactly, by route, method and status")
    func requests() throws {
        for gateway in Stack.Gateway.allCases {
            let stack = try Stack(gateway)
            let client = try stack.account()
            let before = try stack.metrics()
            _ = try atOnce(8) { number in
                for turn in 0..<10 {
                    let id = UUID().uuidString.lowercased()
                    let path = number % 2 == 0 ? "/api/images/\(id)" : "/api/auth/me"
                    _ = try RawConnection.exchange(
                        stack.port, turn % 2 == 0 ? "GET" : "HEAD", path,
                        ["Authorization: Bearer \(client.token ?? "")"])
                }
            }
            var after = before
            func grown(_ series: String) -> Double {
                (after[series] ?? 0) - (before[series] ?? 0)
            }
            let image = #"program="image-responder",route="/api/images/:id""#
            let me = #"program="auth-responder",route="/api/auth/me""#
            // Responses are counted after they are sent.
            _ = try eventually {
                after = try stack.metrics()
                return [image, me].allSatisfy {
                    grown("multires_http_request_seconds_count{\($0)}") >= 40
                }
            }
            let requests = "multires_http_requests_total"
            for method in ["GET", "HEAD"] {
                #expect(grown(#"\#(requests){\#(image),method="\#(method)",status="404"}"#) == 20)
                #expect(grown(#"\#(requests){\#(me),method="\#(method)",status="200"}"#) == 20)
            }
            for labels in [image, me] {
                #expect(grown("multires_http_request_seconds_count{\(labels)}") == 40)
                #expect(grown(#"multires_http_request_seconds_bucket{\#(labels),le="+Inf"}"#) == 40)
                #expect(grown("multires_http_request_seconds_sum{\(labels)}") > 0)
            }
        }
    }

    @Test("Counters keep their values when programs are killed, and starts are counted")
    func restarts() throws {
        let stack = try Stack()
        let client = try stack.account()
        let photos = try Photos.many(3, width: 400, height: 300, in: folder)
        for (number, photo) in photos.enumerated() {
            #expect(try client.completed(photo)["status"].string == "complete")
            #expect(
                try eventually {
                    try stack.metric(#"multires_job_attempts_total{result="complete"}"#)
                        == Double(number + 1)
                })
            let starts = try stack.metric(
                #"multires_program_starts_total{program="resize-worker"}"#)
            let programs = ["resize-worker", "image-responder", "auth-responder"]
            for program in programs {
                for pid in stack.pids(program) { kill(pid, SIGKILL) }
            }
            // Responses are counted after they are sent.
            #expect(
                eventually {
                    (try? stack.metric(
                        #"multires_program_starts_total{program="resize-worker"}"#)) == starts + 1
                })
            #expect(eventually { (try? client.get("/api/auth/me").status) == 200 })
        }
        let uploads =
            #"multires_http_requests_total{program="image-responder",route="/api/images/upload","#
            + #"method="POST",status="202"}"#
        #expect(try stack.metric(uploads) == 3)
        #expect(try stack.metric(#"multires_job_seconds_count{result="complete"}"#) == 3)
    }

    @Test("The gauges of the queue, the write-ahead log and the disk have the current values")
    func gauges() throws {
        let stack = try Stack(settings: ["MULTIRES_RESIZERS": "1", "MULTIRES_RESIZER_IDLE": "10m"])
        let client = try stack.account()
        let workers = stack.freeze("resize-worker")
        defer { stack.thaw(workers) }
        #expect(try stack.metric("multires_oldest_waiting_job_seconds") == 0)
        for photo in try Photos.many(3, width: 400, height: 300, in: folder) {
            #expect(try client.upload(photo).status == 202)
        }
        #expect(try stack.metric(#"multires_jobs{state="ready"}"#) == 3)
        #expect(try stack.metric(#"multires_jobs{state="running"}"#) == 0)
        let age = try stack.metric("multires_oldest_waiting_job_seconds")
        #expect(
            eventually { ((try? stack.metric("multires_oldest_waiting_job_seconds")) ?? 0) > age })
        #expect(try stack.metric("multires_wal_bytes") > 4096)
        #expect(try stack.metric("multires_disk_free_bytes") > 1e6)
        #expect(try stack.metric("multires_disk_reserve_bytes") == 512_000_000)
    }

    @Test("A resizer that crashes counts as one restart, and its image as one more attempt")
    func crash() throws {
        let stack = try Stack(settings: ["MULTIRES_RESIZERS": "1", "MULTIRES_RESIZER_IDLE": "10m"])
        let client = try stack.account()
        let photo = try Photos.jpeg(width: 640, height: 480, in: folder)
        let resizer = try stack.stopIdleResizer()
        let image = try #require(try client.upload(photo)["imageId"].string)
        stack.killInRequest(resizer)
        #expect(try client.finished(image)["status"].string == "complete")
        // An attempt is counted after its row is written.
        #expect(
            try eventually {
                try stack.metric(#"multires_job_attempts_total{result="complete"}"#) == 1
            })
        #expect(try stack.metric(#"multires_resizer_restarts_total{reason="crashed"}"#) == 1)
        #expect(try stack.metric(#"multires_job_attempts_total{result="retried"}"#) == 1)
    }
}

extension Stack {
    /// Every sample of GET /metrics by name and labels. Throws when a line is not in the text format.
    fileprivate func metrics() throws -> [String: Double] {
        let answer = try client.get("/metrics")
        guard answer.status == 200 else { throw NoAnswer(description: answer.text) }
        var samples: [String: Double] = [:]
        var families: [String] = []
        for line in answer.text.split(separator: "\n", omittingEmptySubsequences: false).dropLast()
        {
            if let match = line.wholeMatch(of: /# HELP ([a-z_]+) \S.*/) {
                families.append(String(match.1))
            } else if let match = line.wholeMatch(of: /# TYPE ([a-z_]+) (counter|gauge|histogram)/)
            {
                #expect(match.1 == families.last ?? "")
            } else {
                let match = try #require(
                    line.wholeMatch(of: /(([a-z_]+)(?:\{.*\})?) ([0-9.e+-]+)/), "\(line)")
                #expect(String(match.2).hasPrefix(families.last ?? "none"), "\(line)")
                #expect(samples[String(match.1)] == nil, "twice: \(line)")
                samples[String(match.1)] = Double(String(match.3))
                #expect(samples[String(match.1)] != nil, "not a number: \(line)")
            }
        }
        #expect(Set(families).count == families.count)
        return samples
    }

    /// The value of a series; 0 when it is missing, as a counter is before its first increment.
    func metric(_ series: String) throws -> Double {
        try metrics()[series] ?? 0
    }
}
