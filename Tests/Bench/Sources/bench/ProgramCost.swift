import Foundation
import Processes
import Support

/// What one run of a program takes, whatever it says and however it ends.
struct ProgramCost {
    let seconds: Double
    /// The most that was resident, as wait4(2) tells.
    let megabytes: Double

    init(_ program: String, _ arguments: [String], environment: [String: String]) throws {
        let nothing = try FileDescriptor(opening: "/dev/null", O_RDWR)
        let begun = Date()
        let child = try ChildProcess(
            program, arguments, environment: environment,
            descriptors: [0: nothing.number, 1: nothing.number, 2: nothing.number])
        var usage = rusage()
        guard wait4(child.pid, nil, 0, &usage) == child.pid else {
            throw SystemError("wait4", program)
        }
        seconds = Date().timeIntervalSince(begun)
        megabytes = Double(usage.ru_maxrss) * 1024 / 1_000_000
    }
}
