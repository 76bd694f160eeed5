import Administration
import Foundation
import Model

/// A password from a person at a terminal, or from a pipe; never from the arguments, which every user
/// of the machine can read.
enum PasswordInput {
    static let discussion =
        "The password is asked for twice without showing it, or read as the first line of standard "
        + "input when that is no terminal."

    static func read() throws -> String {
        guard isatty(STDIN_FILENO) == 1 else {
            guard let line = readLine() else {
                throw Unusable("No password came on standard input.")
            }
            return line
        }
        let first = try prompt("Password: ")
        guard try prompt("Again: ") == first else { throw Unusable("The two are not the same.") }
        return first
    }

    private static func prompt(_ words: String) throws -> String {
        FileHandle.standardError.write(Data(words.utf8))
        // A Ctrl-C takes effect when the terminal shows what is typed again.
        var interrupts = sigset_t()
        sigemptyset(&interrupts)
        for signal in [SIGINT, SIGTSTP, SIGQUIT] { sigaddset(&interrupts, signal) }
        pthread_sigmask(SIG_BLOCK, &interrupts, nil)
        var shown = termios()
        tcgetattr(STDIN_FILENO, &shown)
        var hidden = shown
        hidden.c_lflag &= ~tcflag_t(ECHO)
        tcsetattr(STDIN_FILENO, TCSAFLUSH, &hidden)
        defer {
            tcsetattr(STDIN_FILENO, TCSAFLUSH, &shown)
            pthread_sigmask(SIG_UNBLOCK, &interrupts, nil)
            FileHandle.standardError.write(Data("\n".utf8))
        }
        guard let line = readLine() else { throw Unusable("No password was typed.") }
        return line
    }
}
