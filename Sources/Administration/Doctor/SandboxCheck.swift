import Processes

/// Checks what protects this machine from a hostile image, in addition to the separate process.
package enum SandboxCheck {
    package static func findings() -> [Finding] {
        let available = Sandbox.available
        return [
            Finding(
                "file sandbox", available.landlock, ok: "resizers are sandboxed by Landlock",
                else: .warning,
                "resizers are not sandboxed by Landlock, so only permissions protect files: the "
                    + "kernel does not have it, or its lsm= parameter does not include it."),
            Finding(
                "system call sandbox", available.seccomp, ok: "resizers are sandboxed by seccomp",
                else: .warning,
                "resizers are not sandboxed by seccomp, so a compromised one could use the "
                    + "network: the kernel does not have it."),
        ]
    }
}
