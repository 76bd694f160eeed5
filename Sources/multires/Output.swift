import Administration
import ArgumentParser
import Foundation
import Text

extension Multires {
    /// Like ArgumentParser's own `main`, except that control characters in an error are printed as escapes:
    /// an error may contain a file name or another text of a client, and goes to a terminal.
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
