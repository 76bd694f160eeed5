import Administration
import Foundation
import Model

/// Reads a password from standard input, a terminal or a pipe. A password is never an argument, because every
/// user of the machine can read the arguments of a running program, and shells store them in their history.
enum PasswordInput {
    static let discussion =
        "The command prompts twice for the password without showing it. If standard input is not a "
        + "terminal, its first line is the password."

    static func read() throws -> String {
        guard isatty(STDIN_FILENO) == 1 else {
            guard let line = readLine() else {
                throw ConfigurationError("There is no password on standard input.")
            }
            return line
        }
        // Twice, because the terminal does not show what is typed.
        let first = try prompt("Password: ")
        guard try prompt("Repeat the password: ") == first else {
            throw ConfigurationError("The two passwords differ.")
        }
        return first
    }

    private static func prompt(_ text: String) throws -> String {
        // On standard error: `users add` prints an id on standard output, for scripts.
        FileHandle.standardError.write(Data(text.utf8))
        // Signals are blocked until the terminal echoes again: else Ctrl-C would leave it without echo.
        var interrupts = sigset_t()
        sigemptyset(&interrupts)
        for signal in [SIGINT, SIGTSTP, SIGQUIT] { sigaddset(&interrupts, signal) }
        pthread_sigmask(SIG_BLOCK, &interrupts, nil)
        var shown = termios()
        tcgetattr(STDIN_FILENO, &shown)
        var hidden = shown
        hidden.c_lflag &= ~tcflag_t(ECHO)
        // TCSAFLUSH discards what was typed before the prompt.
        tcsetattr(STDIN_FILENO, TCSAFLUSH, &hidden)
        defer {
            tcsetattr(STDIN_FILENO, TCSAFLUSH, &shown)
            pthread_sigmask(SIG_UNBLOCK, &interrupts, nil)
            FileHandle.standardError.write(Data("\n".utf8))
        }
        guard let line = readLine() else { throw ConfigurationError("No password was entered.") }
        return line
    }
}
