import Metrics
import Processes

/// Answers requests until SIGTERM, SIGINT or SIGUSR1. Requests in progress then have up to 10 seconds to
/// finish before it returns. Call it once, from the main thread, before any other thread is started.
///
/// It serves FastCGI on the UNIX socket `socket`, which it opens, or else on standard input if that is a
/// listening socket. Started as a CGI program, it answers one request and returns.
///
/// - Parameters:
///   - name: the program's name, for its log lines.
///   - threads: how many requests are answered at once. Threads are started when they are needed. Each of
///     nginx's kept connections (`fastcgi_keep_conn`) holds one while it is idle, so there must be more
///     threads than such connections.
///   - sendTimeout: how long the web server may accept no byte of a response. If a response does not fit into
///     its buffers, it waits for the client, and a client that does not read must not hold a thread.
///   - metrics: counts requests; nil to count nothing.
///   - makeResponder: called once on each thread, for that thread alone. If it throws on the first thread,
///     `serve` throws; a CGI request is answered 500.
/// - Throws: when there is no socket or request to serve, a socket fails, or a responder cannot be made.
public func serve(
    name: String, threads: Int, socket: String? = nil, sendTimeout: Duration = .seconds(10),
    metrics: Metrics? = nil, makeResponder: @escaping @Sendable () throws -> any Responder
) throws {
    let log = Log(name)
    if let path = socket {
        let listening = try ListeningSocket.opened(at: path)
        try Server(listening, log, metrics, sendTimeout, threads: threads, makeResponder).run()
    } else if let listening = ListeningSocket.inherited() {
        try Server(listening, log, metrics, sendTimeout, threads: threads, makeResponder).run()
    } else if CGIExchange.isServing {
        Signals.ignoreBrokenPipes()
        answer(
            CGIExchange(sendTimeout: sendTimeout), program: name,
            counts: metrics?.requests(of: name)
        ) {
            try makeResponder().respond(to: $0)
        }
    } else {
        throw NothingToServeOn()
    }
}

private struct NothingToServeOn: Error, CustomStringConvertible {
    let description = """
        There is nothing to serve on. Use --socket PATH, or start this program with a listening \
        socket as standard input (FastCGI), or from a web server as a CGI program.
        """
}
