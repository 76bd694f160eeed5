import Foundation
import Processes
import Support

/// The time and memory of one run of a program, regardless of its output and exit status.
struct ProgramCost {
    let seconds: Double
    /// The peak resident memory (proc(5), VmHWM) when last read, at most a hundredth of a second before the
    /// exit. wait4(2) would report the memory of the bench when it forked, if that was more.
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
