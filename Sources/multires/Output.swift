import ArgumentParser
import Foundation
import Text

/// What every command prints with, in place of Swift's own: names, addresses, user agents and error
/// texts come from strangers and go to a terminal, so controls are written as escapes. Line ends and
/// tabs stay, as several lines and columns are printed too; where they come from a stranger, the caller
/// says `printable`.
func print(_ items: Any..., separator: String = " ") {
    let line = items.map { "\($0)" }.joined(separator: separator)
    Swift.print(line.printable(keeping: "\n\t"))
}

extension Multires {
    /// As ArgumentParser does it, but for what an error prints.
    static func main() {
        do {
            var command = try parseAsRoot()
            try command.run()
        } catch {
            let text = fullMessage(for: error)
            let code = exitCode(for: error)
            if code.isSuccess {
                print(text)
            } else if !text.isEmpty {
                let line = text.printable(keeping: "\n\t") + "\n"
                FileHandle.standardError.write(Data(line.utf8))
            }
            Foundation.exit(code.rawValue)
        }
    }
}
