import Text

/// Replaces Swift's `print` in every command. Names, addresses, user agents and error texts come from clients
/// and go to a terminal, so control characters are printed as escapes. Line ends and tabs are kept, because
/// commands print lines and columns; for a text of a client, the caller uses `printable`, which escapes them.
package func print(_ items: Any..., separator: String = " ") {
    let line = items.map { "\($0)" }.joined(separator: separator)
    Swift.print(line.printable(keeping: "\n\t"))
}
