import Text

/// What every command prints with, in place of Swift's own: names, addresses, user agents and error
/// texts come from strangers and go to a terminal, so controls are written as escapes. Line ends and
/// tabs stay, as several lines and columns are printed too; where they come from a stranger, the caller
/// says `printable`.
package func print(_ items: Any..., separator: String = " ") {
    let line = items.map { "\($0)" }.joined(separator: separator)
    Swift.print(line.printable(keeping: "\n\t"))
}
