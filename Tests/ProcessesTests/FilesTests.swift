import Foundation
import Processes
import Support
import Testing

@Suite struct FilesTests {
    @Test("A tree goes with all names in it, those that are not UTF-8 too")
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
