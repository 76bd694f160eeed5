import Foundation
import Support
import Testing

/// `multires doctor --fix`: changes the journal mode of an existing database.
@Suite struct JournalFixTests {
    private func drain(_ environment: [String: String]) throws -> Shell.Output {
        try Shell.run(Programs.path("resize-worker"), ["--drain"], environment: environment)
    }

    @Test("With everything stopped, doctor --fix sets the journal mode and loses no data")
    func switching() throws {
        let folder = TemporaryFolder()
        let stack = try Stack(in: folder)
        let client = try stack.account()
        let photo = try Photos.jpeg(width: 320, height: 240, in: folder)
        let image = try #require(try client.upload(photo)["imageId"].string)
        stack.stop()

        var environment = stack.environment
        for mode in ["truncate", "wal"] {
            environment["MULTIRES_JOURNAL"] = mode
            let refused = try drain(environment)
            #expect(refused.status == 1)
            #expect(refused.errors.contains("multires doctor --fix"), "\(refused.errors)")

            let fixed = try Shell.run(
                Programs.path("multires"), ["doctor", "--fix"], environment: environment)
            #expect(
                fixed.lines.contains { $0.hasPrefix("ok       database: intact, in \(mode) mode") },
                "\(fixed.text)\(fixed.errors)")
            let drained = try drain(environment)
            #expect(drained.status == 0, "\(drained.errors)")
        }
        let again = try Stack(in: folder)
        let detail = try Client(base: again.client.base, token: client.token).finished(image)
        #expect(detail["status"].string == "complete")
    }

    @Test("While a program has the database open, doctor --fix changes nothing and names it")
    func running() throws {
        let stack = try Stacks.shared(.fastcgi)
        var environment = stack.environment
        environment["MULTIRES_JOURNAL"] = "truncate"
        let refused = try Shell.run(
            Programs.path("multires"), ["doctor", "--fix"], environment: environment)
        #expect(refused.status != 0)
        #expect(refused.errors.contains("The database is in use by "))
        #expect(refused.errors.contains("responder"))
        #expect(try stack.client.get("/api/health").status == 200)
    }
}
