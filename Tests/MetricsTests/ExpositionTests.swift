import Foundation
import Support
import Testing

@testable import Metrics

@Suite struct ExpositionTests {
    private let folder = TemporaryFolder()

    private func metrics() throws -> Metrics {
        try Metrics(path: folder.file("metrics"))
    }

    @Test("Before anything is counted, every family is listed with its type and without samples")
    func empty() throws {
        let text = try metrics().text
        for family in Family.all { #expect(text.contains("# TYPE \(family.name) ")) }
        #expect(text.split(separator: "\n").allSatisfy { $0.hasPrefix("# ") })
    }

    @Test("A request is counted once by route, method and status, and once in a histogram")
    func request() throws {
        let metrics = try metrics()
        for milliseconds in [0.2, 3, 3000, 90_000] {
            metrics.requests(of: "p").count(
                route: "/a/:id", method: "GET", status: 200,
                took: .microseconds(Int64(milliseconds * 1000)))
        }
        let lines = Set(metrics.text.split(separator: "\n").map(String.init))
        let name = "multires_http_request_seconds"
        #expect(
            lines.isSuperset(of: [
                #"multires_http_requests_total{program="p",route="/a/:id",method="GET",status="200"} 4"#,
                #"\#(name)_bucket{program="p",route="/a/:id",le="0.0005"} 1"#,
                #"\#(name)_bucket{program="p",route="/a/:id",le="0.0025"} 1"#,
                #"\#(name)_bucket{program="p",route="/a/:id",le="0.005"} 2"#,
                #"\#(name)_bucket{program="p",route="/a/:id",le="5"} 3"#,
                #"\#(name)_bucket{program="p",route="/a/:id",le="21"} 3"#,
                #"\#(name)_bucket{program="p",route="/a/:id",le="+Inf"} 4"#,
                #"\#(name)_sum{program="p",route="/a/:id"} 93.0032"#,
                #"\#(name)_count{program="p",route="/a/:id"} 4"#,
            ]), "\(metrics.text)")
    }

    @Test("All unknown methods are counted in one series")
    func methods() throws {
        let metrics = try metrics()
        for method in ["BREW", "WHEN", "", "get\"\n"] {
            metrics.requests(of: "p").count(route: nil, method: method, status: 405, took: .zero)
        }
        #expect(
            metrics.text.contains(
                #"multires_http_requests_total{program="p",route="none",method="other",status="405"} 4"#
            ))
    }

    @Test("Label values are escaped as the exposition format requires")
    func quoting() {
        var exposition = Exposition()
        exposition.gauge("g", "help", by: "label", [("a\"\\\nb", 1)])
        #expect(exposition.text.hasSuffix(#"g{label="a\"\\\nb"} 1"# + "\n"))
    }

    @Test("The buckets and the sum of every histogram fit into a row of counters")
    func room() {
        for family in Family.all {
            if case .histogram(let bounds) = family.kind {
                #expect(bounds.count < Family.sumColumn && bounds == bounds.sorted())
            }
        }
    }
}
