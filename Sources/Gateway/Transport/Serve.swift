import Metrics
import Processes

/// Answers requests until SIGTERM, SIGINT or SIGUSR1; then lets those under way finish, for at most
/// 10 seconds, and returns. Call it once, from the main thread, before any other thread is started.
///
/// It speaks FastCGI on the UNIX socket at `socket`, which it opens, or else on standard input where
/// that is a listening socket. Started as a CGI program it answers the one request and returns.
///
/// - Parameters:
///   - name: the program's, for its log lines.
///   - threads: how many requests are answered at once; they are started when they are needed. nginx's kept
///     connections (`fastcgi_keep_conn`) hold one each while they idle, so there must be more threads than
///     those.
///   - sendTimeout: how long the web server may take no byte of an answer. A longer answer than its
///     buffers hold waits for the client, which must not hold a thread by not reading.
///   - metrics: counts requests; nil where nobody asks for that.
///   - makeResponder: called once on each thread, whose own that responder then is. What it throws on the
///     first ends `serve`; a CGI request is answered 500.
/// - Throws: when there is nothing to serve on, a socket fails, or a responder cannot be made.
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
        There is nothing to serve on. Say --socket PATH, or start this program with a listening \
        socket as standard input (FastCGI), or from a web server as a CGI program.
        """
}
