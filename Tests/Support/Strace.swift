/// strace's arguments, before those of the program that it starts.
public enum Strace {
    /// - Parameters:
    ///   - calls: the system calls that are traced, as in `trace=`.
    ///   - fault: as in `inject=`, such as `fdatasync:error=EIO`; nil for none.
    ///   - output: the file with a line for each of the calls.
    public static func arguments(
        _ calls: String, inject fault: String? = nil, output: String = "/dev/null"
    ) -> [String] {
        // With --seccomp-bpf the kernel stops the program at these calls alone.
        ["-f", "--seccomp-bpf", "-qq", "-o", output, "-e", "trace=\(calls)"]
            + (fault.map { ["-e", "inject=\($0)"] } ?? [])
    }
}
