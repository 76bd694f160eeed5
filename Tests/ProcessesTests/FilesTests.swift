import Foundation
import Processes
import Support
import Testing

@Suite struct FilesTests {
    @Test("Folders are made with all folders above them, and a file in the way is an error")
    func makeFolders() throws {
        let folder = TemporaryFolder()
        let path = folder.file("a/b/c")
        for _ in 1...2 { try Files.makeFolders(path, mode: 0o710) }
        for made in [folder.file("a"), path] {
            let status = try #require(try Files.status(made))
            #expect(status.st_mode & 0o777 == 0o710)
        }
        try Files.write([1], to: path + "/file", mode: 0o600)
        for taken in [path + "/file", path + "/file/below"] {
            let error = #expect(throws: SystemError.self) { try Files.makeFolders(taken) }
            #expect(error?.code == ENOTDIR)
        }
    }

    @Test("A folder tree is removed with all files, even if a name is not UTF-8")
    func removeTree() throws {
        let folder = TemporaryFolder()
        let tree = try folder.folder("tree/inner")
        try Shell.check("bash", ["-c", #"touch "$0"/$'\xff\xfe' "$0"/plain"#, tree])
        #expect(symlink("/etc", tree + "/link") == 0)
        let root = folder.file("tree")
        #expect(try Files.extent(of: root).files == 3)
        #expect(try Files.removeTree(root).files == 3)
        #expect(try Files.status(root) == nil && Files.removeTree(root).files == 0)
        #expect(FileManager.default.fileExists(atPath: "/etc/passwd"))
    }
}
