import Cryptography
import Foundation
import Model
import Processes
import Support
import Testing

@testable import Credentials

@Suite struct SecretsTests {
    private let folder = TemporaryFolder()
    private var file: String { folder.path + "/secrets.env" }
    private let given = [
        "JWT_SECRET": secretA, "JWT_REFRESH_SECRET": secretB,
        "MULTIRES_LINK_SECRET": "a-secret-of-at-least-32-bytes-CCCCCCCC",
    ]

    private func sentence(
        _ environment: [String: String], sourceLocation: SourceLocation = #_sourceLocation
    ) -> String {
        let error = #expect(throws: ConfigurationError.self, sourceLocation: sourceLocation) {
            try Secrets(environment: environment, file: file)
        }
        return error?.description ?? ""
    }

    @Test("New secrets are strong, distinct and readable only by their owner, and can be loaded")
    func create() throws {
        try Secrets.create(at: file)
        let secrets = try Secrets(environment: [:], file: file)
        let all = [secrets.access, secrets.refresh, secrets.link].map(\.current.secret)
        #expect(Set(all).count == 3)
        #expect(all.allSatisfy { Base64URL.decode($0)?.count == 32 })
        let attributes = try FileManager.default.attributesOfItem(atPath: file)
        #expect(attributes[.posixPermissions] as? Int == 0o600)
    }

    @Test("Existing secrets are never overwritten")
    func neverOverwrites() throws {
        try Secrets.create(at: file)
        let before = try String(contentsOfFile: file, encoding: .utf8)
        let error = #expect(throws: SystemError.self) { try Secrets.create(at: file) }
        #expect(error?.code == EEXIST)
        #expect(try String(contentsOfFile: file, encoding: .utf8) == before)
    }

    @Test("Each secret in the environment overrides the file, which is optional if all are set")
    func environment() throws {
        #expect(try Secrets(environment: given, file: file).access.current.secret == secretA)
        try Secrets.create(at: file)
        let mixed = try Secrets(
            environment: ["JWT_SECRET": secretA, "JWT_REFRESH_SECRET": ""], file: file)
        #expect(mixed.access.current.secret == secretA)
        #expect(Base64URL.decode(mixed.refresh.current.secret)?.count == 32)
    }

    @Test("A missing secret is named, with the command that creates it")
    func missing() {
        #expect(sentence([:]).hasPrefix("JWT_SECRET is missing"))
        var two = given
        two["MULTIRES_LINK_SECRET"] = nil
        #expect(sentence(two).hasPrefix("MULTIRES_LINK_SECRET is missing"))
        #expect(sentence(two).contains("multires init"))
    }

    @Test(
        "A file that other users may access is refused",
        arguments: [0o640, 0o604, 0o660, 0o602, 0o610])
    func permissions(mode: Int) throws {
        try Secrets.create(at: file)
        try FileManager.default.setAttributes([.posixPermissions: mode], ofItemAtPath: file)
        #expect(sentence([:]).contains("chmod 600"))
    }

    @Test("A folder in place of the file is refused in one sentence")
    func folderInItsPlace() throws {
        try FileManager.default.createDirectory(
            atPath: file, withIntermediateDirectories: false, attributes: [.posixPermissions: 0o700]
        )
        #expect(sentence([:]).hasPrefix("The secrets cannot be read"))
    }

    @Test("Secrets that are too short, shared or unsafe for nginx are refused and never printed")
    func refused() {
        for (name, value) in [
            ("JWT_SECRET", "short"), ("JWT_REFRESH_SECRET", secretA),
            ("JWT_REFRESH_SECRET", "new:\(secretB)x,old:\(secretA)"),
            ("MULTIRES_LINK_SECRET", secretB),
            ("MULTIRES_LINK_SECRET", "a-secret-of-at-least-32-bytes-$CCCCCCC"),
            ("MULTIRES_LINK_SECRET", "a-secret-of-at-least-32-bytes-\"; return"),
        ] {
            var environment = given
            environment[name] = value
            let sentence = sentence(environment)
            #expect(sentence.contains(name))
            #expect(!sentence.contains("a-secret"))
        }
    }
}
