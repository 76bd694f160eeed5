import Foundation
import Support
import Testing

@testable import Processes

@Suite struct SharedCountersTests {
    private let folder = TemporaryFolder()
    private var path: String { folder.file("counters") }

    @Test("No count is lost when threads with separate mappings create and add to the same rows")
    func together() throws {
        let path = path
        let group = DispatchGroup()
        for _ in 0..<8 {
            group.enter()
            Thread {
                defer { group.leave() }
                guard let counters = try? SharedCounters(path: path, rows: 64) else { return }
                for turn in 0..<20_000 {
                    guard let row = try? counters.row(named: "row \(turn % 50)") else { return }
                    counters.add(1, to: turn % 16, ofRow: row)
                }
            }.start()
        }
        group.wait()
        let contents = try SharedCounters(path: path, rows: 64).contents
        #expect(Set(contents.map(\.name)).count == 50 && contents.count == 50)
        #expect(contents.flatMap(\.numbers).reduce(0, +) == 160_000)
    }

    @Test("Counts are kept for the next process")
    func kept() throws {
        var counters: SharedCounters? = try SharedCounters(path: path, rows: 4)
        let row = try #require(try counters?.row(named: "a"))
        counters?.add(7, to: 3, ofRow: row)
        counters = nil
        let again = try SharedCounters(path: path, rows: 4)
        #expect(again.contents.map(\.name) == ["a"])
        #expect(again.contents[0].numbers == [0, 0, 0, 7] + Array(repeating: 0, count: 12))
        #expect(try again.row(named: "a") == row)
    }

    @Test(
        "A prefix of a name is another name; a name without space, or too long, gets no row")
    func names() throws {
        let counters = try SharedCounters(path: path, rows: 2)
        #expect(try counters.row(named: "ab") == 0)
        #expect(try counters.row(named: "a") == 1)
        #expect(try counters.row(named: "ab") == 0)
        #expect(try counters.row(named: "abc") == nil)
        #expect(try counters.row(named: String(repeating: "x", count: 128)) == nil)
    }

    @Test("A row that a killed process left incomplete is created again by the next one")
    func halfMade() throws {
        let counters = try SharedCounters(path: path, rows: 2)
        let file = try FileDescriptor(opening: path, O_WRONLY)
        lseek(file.number, 256, SEEK_SET)
        try file.write(Array(repeating: UInt8(ascii: "x"), count: 200))
        #expect(counters.contents.isEmpty)
        #expect(try counters.row(named: "a") == 0)
        #expect(
            counters.contents[0].name == "a" && counters.contents[0].numbers.allSatisfy { $0 == 0 })
    }

    @Test(
        "A counter file of another size or version, or a truncated one, is replaced",
        arguments: [0, 10, 4096])
    func replaced(length: Int) throws {
        try Data(repeating: 1, count: length).write(to: URL(fileURLWithPath: path))
        let counters = try SharedCounters(path: path, rows: 2)
        #expect(counters.contents.isEmpty)
        #expect(try counters.row(named: "a") == 0)
    }

    @Test("The whole disk space of a counter file is allocated when it is created")
    func room() throws {
        _ = try SharedCounters(path: path, rows: 1000)
        var facts = stat()
        #expect(stat(path, &facts) == 0 && facts.st_blocks * 512 >= 1001 * 256)
    }
}
