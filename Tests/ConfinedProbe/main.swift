import Foundation
import Processes

// Confines itself to the folder it is given and tries what it should not be able to do any more. Each
// line says what was tried and what came of it.
let folder = CommandLine.arguments[1]
let lacking = try Confinement(
    memory: 256 << 20, fileSize: 1 << 20, readable: [folder + "/in"], writable: [folder + "/out"]
).apply()
for sentence in lacking { print("lacking: \(sentence)") }

func attempt(_ what: String, _ body: () -> Bool) {
    print("\(what): \(body() ? "possible" : "denied")")
}

attempt("read in") { open(folder + "/in/file", O_RDONLY) >= 0 }
attempt("write in") { creat(folder + "/in/new", 0o600) >= 0 }
attempt("write the file in") { open(folder + "/in/file", O_WRONLY) >= 0 }
attempt("write out") { creat(folder + "/out/new", 0o600) >= 0 }
attempt("read beside") { open(folder + "/secret", O_RDONLY) >= 0 }
attempt("list beside") { opendir(folder) != nil }
attempt("read /etc/passwd") { open("/etc/passwd", O_RDONLY) >= 0 }
attempt("link beside into out") { link(folder + "/secret", folder + "/out/link") == 0 }
// EPERM is seccomp's word, where Landlock's would be EACCES: one of them is enough on any kernel.
attempt("a symbolic link") {
    symlink("/etc/passwd", folder + "/out/symbolic") == 0 || errno != EPERM
}
attempt("a pipe with a name") { mkfifo(folder + "/out/pipe", 0o600) == 0 || errno != EPERM }
attempt("a second name") {
    link(folder + "/out/new", folder + "/out/second") == 0 || errno != EPERM
}
attempt("socket") { socket(AF_INET, Int32(SOCK_STREAM.rawValue), 0) >= 0 }
attempt("UNIX socket") { socket(AF_UNIX, Int32(SOCK_STREAM.rawValue), 0) >= 0 }
attempt("start a program") { (try? ChildProcess("/bin/true", environment: [:])) != nil }
attempt("signal the parent") { kill(getppid(), 0) == 0 }
attempt("mount") { mount("none", folder, "tmpfs", 0, nil) == 0 }
attempt("a gigabyte") { malloc(1 << 30) != nil }
attempt("a megabyte") { malloc(1 << 20) != nil }
attempt("a thread") {
    let done = DispatchSemaphore(value: 0)
    Thread.detachNewThread { done.signal() }
    return done.wait(timeout: .now() + 30) == .success
}
