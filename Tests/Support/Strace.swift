/// strace's arguments, before those of the program that it starts.
public enum Strace {
    /// - Parameters:
    ///   - calls: the system calls to trace, as in `trace=`.
    ///   - fault: as in `inject=`, such as `fdatasync:error=EIO`; nil for none.
    ///   - output: the file that gets a line for each call.
    public static func arguments(
        _ calls: String, inject fault: String? = nil, output: String = "/dev/null"
    ) -> [String] {
        // Without --seccomp-bpf, with which strace 6.1 misses some of the calls.
        ["-f", "-qq", "-o", output, "-e", "trace=\(calls)"]
            + (fault.map { ["-e", "inject=\($0)"] } ?? [])
    }
}
