import Text

/// The id of a request, in its answer, its error and every log line about it: nginx's (`$request_id`), or
/// one made here where no web server gives one.
enum RequestID {
    /// 16 to 64 hexadecimal digits and hyphens.
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
