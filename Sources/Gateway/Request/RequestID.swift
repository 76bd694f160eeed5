import Text

/// The id of a request, which is in its response, its error and every log line about it. It is nginx's
/// `$request_id`, or is made here when the web server sends none.
enum RequestID {
    /// 16 to 64 lower-case hexadecimal digits and hyphens. Any other id from the web server is replaced.
    static func of(_ exchange: any Exchange) -> String {
        if let given = exchange.variable("REQUEST_ID"), (16...64).contains(given.utf8.count),
            given.isMade(of: "0123456789abcdef-")
        {
            return given
        }
        var generator = SystemRandomNumberGenerator()
        return (0..<2).map { _ in (generator.next() as UInt64).hex(digits: 16) }.joined()
    }
}
