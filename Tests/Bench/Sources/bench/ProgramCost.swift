import Foundation
import Processes
import Support

/// What one run of a program takes, whatever it says and however it ends.
struct ProgramCost {
    let seconds: Double
    /// The most that was resident (proc(5), VmHWM) at the last look, a hundredth of a second before its
    /// end at the most. wait4(2) would tell of what the bench held when it forked, if that was more.
    let megabytes: Double

    init(_ program: String, _ arguments: [String], environment: [String: String]) throws {
        let nothing = try FileDescriptor(opening: "/dev/null", O_RDWR)
        let begun = Date()
        let child = try ChildProcess(
            program, arguments, environment: environment,
            descriptors: [0: nothing.number, 1: nothing.number, 2: nothing.number])
        var most = 0.0
        while !child.hasEnded {
            most = max(most, bench.megabytes("status", "VmHWM", of: child.pid))
            usleep(5000)
        }
        seconds = Date().timeIntervalSince(begun)
        megabytes = most
    }
}
