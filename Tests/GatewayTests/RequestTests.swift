import API
import Testing

@testable import Gateway

@Suite("Request")
struct RequestTests {
    private func request(_ variables: [String: String]) -> Request {
        Request(MemoryExchange(variables: variables))
    }

    @Test("The path that nginx normalised is used before any other")
    func documentURI() {
        let request = request(["DOCUMENT_URI": "/a b", "REQUEST_URI": "/x/../a%20b?c"])
        #expect(request.path == "/a b")
    }

    @Test("Without nginx, the path is that of the request line, decoded and without the query")
    func requestURI() {
        #expect(request(["REQUEST_URI": "/caf%C3%A9/1+2?a=/b"]).path == "/café/1+2")
    }

    @Test("Without nginx and REQUEST_URI, the path is SCRIPT_NAME followed by PATH_INFO")
    func pathInfo() {
        #expect(request(["SCRIPT_NAME": "/app", "PATH_INFO": "/a b"]).path == "/app/a b")
    }

    @Test(
        "A path that is not valid text becomes empty, which no route matches",
        arguments: ["/%00", "/a%0", "/a%", "/%zz", "/%C3%28", "/%FF"])
    func badPath(target: String) {
        #expect(request(["REQUEST_URI": target]).path == "")
    }

    @Test("A valid request id from the web server is kept")
    func givenID() {
        let id = "0123456789abcdef-0123456789abcdef"
        #expect(request(["REQUEST_ID": id]).id == id)
    }

    @Test(
        "An invalid request id is replaced by 32 random hexadecimal digits",
        arguments: [
            "", "short", "0123456789ABCDEF", "0123456789abcdef\n", "<script>alert(1)</script>",
        ])
    func replacedID(given: String) {
        let id = request(["REQUEST_ID": given]).id
        #expect(id.utf8.count == 32)
        #expect(id.allSatisfy { "0123456789abcdef".contains($0) })
        #expect(id != request(["REQUEST_ID": given]).id)
    }

    @Test("The Bearer scheme is recognized in any letter case, from nginx and from Apache")
    func bearer() {
        #expect(request(["HTTP_AUTHORIZATION": "bEARER  abc.def "]).bearerToken == "abc.def")
        #expect(request(["REDIRECT_HTTP_AUTHORIZATION": "Bearer abc"]).bearerToken == "abc")
    }

    @Test(
        "Credentials of another scheme give no bearer token",
        arguments: ["Basic YTpi", "Bearer", "Bearer ", "Bearerabc", ""])
    func noBearer(value: String) {
        #expect(request(["HTTP_AUTHORIZATION": value]).bearerToken == nil)
    }

    @Test("Headers are found by their HTTP names, also Content-Type and Content-Length")
    func headers() {
        let request = request([
            "HTTP_USER_AGENT": "curl", "CONTENT_TYPE": "image/png", "CONTENT_LENGTH": "3",
            "HTTP_CONTENT_TYPE": "forged", "HTTP_EMPTY": "",
        ])
        #expect(request.header("User-Agent") == "curl")
        #expect(request.header("content-type") == "image/png")
        #expect(request.header("Content-Length") == "3")
        #expect(request.header("Empty") == nil)
        #expect(request.header("Missing") == nil)
    }

    @Test("Query arguments are decoded, and the first one with a name is used")
    func query() throws {
        let request = request(["QUERY_STRING": "a=1+2%2B%C3%A9&a=second&%62=x=y&empty=&bare&&"])
        #expect(try request.query("a") == "1 2+é")
        #expect(try request.query("b") == "x=y")
        #expect(try request.query("empty") == "")
        #expect(try request.query("bare") == "")
        #expect(try request.query("missing") == nil)
    }

    @Test(
        "An argument that is not valid text is refused, not ignored",
        arguments: ["a=%FF", "a=%00", "a=%4", "a=%GG", "a=%C3%28"])
    func badArgument(query: String) {
        let request = request(["QUERY_STRING": query + "&a=fine"])
        let problem = #expect(throws: Problem.self) { try request.query("a") }
        #expect(problem?.code == "invalid_request" && problem?.sentence.contains("'a'") == true)
    }

    @Test("A query may have ten thousand arguments")
    func manyArguments() throws {
        let query = (0..<10_000).map { "n\($0)=\($0)" }.joined(separator: "&")
        #expect(try request(["QUERY_STRING": query]).query("n9999") == "9999")
    }

    @Test("A request that a test makes has the same values as a real one")
    func withoutServer() throws {
        let request = Request(
            "POST", "/a%20b?c=d", headers: ["User-Agent": "test", "Content-Type": "text/plain"],
            body: Array("body".utf8))
        #expect(request.method == "POST")
        #expect(request.path == "/a b")
        #expect(try request.query("c") == "d")
        #expect(request.header("User-Agent") == "test")
        #expect(request.header("Content-Type") == "text/plain")
        #expect(request.remoteAddress == "127.0.0.1")
        #expect(try request.body.readAll(limit: 4) == Array("body".utf8))
    }
}
