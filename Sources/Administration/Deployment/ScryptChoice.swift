import Foundation
import Text

/// OWASP's choices of parameters for scrypt (Password Storage Cheat Sheet). All cost an attacker the same:
/// those that take less memory take more time.
package enum ScryptChoice: String, CaseIterable {
    case mib128 = "ln=17,r=8,p=1"
    case mib64 = "ln=16,r=8,p=2"
    case mib32 = "ln=15,r=8,p=3"
    case mib16 = "ln=14,r=8,p=5"

    var setting: String { rawValue }

    /// Bytes for one password: 128 · r · N.
    var memory: Int64 {
        switch self {
        case .mib128: 128 << 20
        case .mib64: 64 << 20
        case .mib32: 32 << 20
        case .mib16: 16 << 20
        }
    }

    /// The first choice that takes at most a quarter of the available memory, because the program itself and
    /// a resizer need memory too.
    package static func fitting(_ available: Int64) -> ScryptChoice {
        allCases.first { $0.memory <= available / 4 } ?? .mib16
    }
}

package enum Memory {
    /// Bytes that the programs of this user may use: the machine's memory, or the lowest limit of the control
    /// group and the shell.
    package static func available() -> Int64 {
        var limits = [Int64(sysconf(Int32(_SC_PHYS_PAGES)) * sysconf(Int32(_SC_PAGESIZE)))]
        for resource in [RLIMIT_AS, RLIMIT_DATA] {
            var limit = rlimit()
            if getrlimit(__rlimit_resource_t(resource.rawValue), &limit) == 0,
                let bytes = Int64(exactly: limit.rlim_cur)
            {
                limits.append(bytes)
            }
        }
        // Without a limit, cgroup version 2 has "max", and version 1 a number larger than any memory.
        for file in ["memory.max", "memory/memory.limit_in_bytes"] {
            let text = try? String(contentsOfFile: "/sys/fs/cgroup/\(file)", encoding: .utf8)
            if let bytes = text.flatMap({
                Int64($0.trimmed)
            }) {
                limits.append(bytes)
            }
        }
        return limits.min() ?? .max
    }
}
