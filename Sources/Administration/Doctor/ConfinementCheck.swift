import Processes

/// What stands between a hostile picture and this machine, beside the process of its own.
package enum ConfinementCheck {
    package static func findings() -> [Finding] {
        let available = Confinement.available
        return [
            Finding(
                "confinement of files", available.landlock, ok: "resizers are confined by Landlock",
                else: .warning,
                "resizers are not confined by Landlock: this kernel lacks it, or its lsm= leaves "
                    + "it out; permissions alone guard files."),
            Finding(
                "confinement of calls", available.seccomp, ok: "resizers are confined by seccomp",
                else: .warning,
                "resizers are not confined by seccomp: this kernel lacks it, so a broken one could "
                    + "reach the network."),
        ]
    }
}
