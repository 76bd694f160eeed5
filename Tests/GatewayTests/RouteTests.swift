import API
import Testing

@testable import Gateway

@Suite("Routes")
struct RouteTests {
    private struct Named: Responder {
        static let routes: Routes<Named> = [
            Route(.get, "/things/:id", thing),
            Route(.delete, "/things/:key", gone),
            Route(.get, "/things/all", all),
            Route(.get, "/things/:id/:part", part),
            Route(.post, "/things", make),
            Route(.get, "/", root),
        ]

        func thing(_: Request, _ parameters: Parameters) -> Response {
            response("thing " + parameters["id"])
        }
        func gone(_: Request, _ parameters: Parameters) -> Response {
            response("gone " + parameters["key"])
        }
        func all(_: Request, _: Parameters) -> Response { response("all") }
        func part(_: Request, _ parameters: Parameters) -> Response {
            response(parameters["part"] + " of " + parameters["id"])
        }
        func make(_: Request, _: Parameters) -> Response { response("made") }
        func root(_: Request, _: Parameters) -> Response { response("root") }

        func response(_ text: String) -> Response {
            Response(status: 200, body: .bytes(Array(text.utf8)))
        }

        func respond(to request: Request) throws -> Response {
            try Self.routes.respond(to: request, with: self)
        }
    }

    private func answer(_ method: String, _ target: String) throws -> String {
        let response = try Named().respond(to: Request(method, target))
        guard case .bytes(let bytes) = response.body else { return "" }
        return String(decoding: bytes, as: UTF8.self)
    }

    @Test(
        "A request goes to its route: literals before parameters, and HEAD like GET",
        arguments: [
            ("GET", "/things/7", "thing 7"), ("DELETE", "/things/7", "gone 7"),
            ("GET", "/things/all", "all"), ("GET", "/things/all/b", "b of all"),
            ("GET", "/things/a%20b?id=c", "thing a b"), ("POST", "/things", "made"),
            ("HEAD", "/things/7", "thing 7"), ("GET", "/", "root"),
        ])
    func found(method: String, target: String, text: String) throws {
        #expect(try answer(method, target) == text)
    }

    @Test(
        "An unknown path gives 404 with any method",
        arguments: [
            "/thing", "/things/", "/things//b", "/things/1/2/3", "//things", "things", "", "*",
            "/Things", "/things/%00", "/things/%ff", "/things/7/",
        ])
    func unknown(target: String) {
        for method in ["GET", "DELETE", "BREW"] {
            let problem = #expect(throws: Problem.self) { try answer(method, target) }
            #expect(problem?.status == 404)
        }
    }

    @Test(
        "A known path with another method gives 405 and lists the allowed methods",
        arguments: [
            ("POST", "/things/7", "GET, HEAD, DELETE"), ("GET", "/things", "POST"),
            ("DELETE", "/things/all", "GET, HEAD"), ("get", "/things/7", "GET, HEAD, DELETE"),
        ])
    func methods(method: String, target: String, allow: String) {
        let problem = #expect(throws: Problem.self) { try answer(method, target) }
        #expect(problem?.status == 405)
        #expect(problem?.headers["Allow"] == allow)
    }
}
