import Cryptography
import Foundation
import Model
import Processes
import Support
import Testing
import Text

@testable import Credentials

@Suite struct ScryptTests {
    @Test(
        "scrypt gives the vectors of RFC 7914, section 12",
        arguments: [
            (
                "", "", 16, 1, 1,
                "77d6576238657b203b19ca42c18a0497f16b4844e3074ae8dfdffa3fede21442"
                    + "fcd0069ded0948f8326a753a0fc81f17e8d3e0fb2e0d3628cf35e20c38d18906"
            ),
            (
                "password", "NaCl", 1024, 8, 16,
                "fdbabe1c9d3472007856e7190d01e9fe7c6ad7cbc8237830e77376634b373162"
                    + "2eaf30d92e22a3886ff109279d9830dac727afb94a83ee6d8360cbdfa2cc0640"
            ),
            (
                "pleaseletmein", "SodiumChloride", 16384, 8, 1,
                "7023bdcb3afd7348461c06cd81fd38ebfda8fbba904f8e3ea9b543f6545da1f2"
                    + "d5432955613f0fcf62d49705242a9af9e61e85dc0d651e40dfcf017b45575887"
            ),
        ])
    func vectors(
        password: String, salt: String, n: Int, r: Int, p: Int, expected: String
    ) throws {
        let derived = try Scrypt.derive(
            bytes(password), salt: bytes(salt), n: n, r: r, p: p, length: 64)
        #expect(derived.hex == expected)
    }

    @Test("The default setting works, although it exceeds OpenSSL's default memory limit")
    func standardCost() throws {
        let scrypt = try Scrypt(setting: "ln=17,r=8,p=1")
        #expect(try scrypt.derive(bytes("x"), salt: bytes("y"), length: 32).count == 32)
    }

    @Test("A parsed setting prints the same text", arguments: ["ln=17,r=8,p=1", "ln=10,r=1,p=16"])
    func setting(text: String) throws {
        #expect(try Scrypt(setting: text).description == text)
    }

    @Test(
        "A setting that is out of range or malformed is refused",
        arguments: [
            "", "ln=17", "ln=17,r=8", "ln=17,r=8,p=1,x=1", "ln=9,r=8,p=1", "ln=21,r=8,p=1",
            "ln=17,r=0,p=1", "ln=17,r=8,p=0", "ln=17,r=8,p=17", "ln=20,r=16,p=1", "ln=17, r=8, p=1",
            "r=8,ln=17,p=1", "n=17,r=8,p=1", "ln=017,r=8,p=1", "ln=+17,r=8,p=1", "ln=17,r=8,p=-1",
            "ln=99999999999999999999,r=8,p=1",
        ])
    func refused(text: String) {
        #expect(throws: ConfigurationError.self) { try Scrypt(setting: text) }
    }
}

@Suite struct PasswordTests {
    private let folder = TemporaryFolder()

    private func passwords(_ setting: String = "ln=10,r=8,p=1") throws -> Passwords {
        Passwords(
            scrypt: try Scrypt(setting: setting),
            slots: HashSlots(folder: folder.path, count: 2, timeout: .seconds(30)))
    }

    @Test(
        "Only the right password verifies against its hash",
        arguments: [
            "correct horse battery staple", "ünïcödé 🦊", "with\0nul", " ",
            String(repeating: "x", count: 256),
        ])
    func verify(password: String) throws {
        let passwords = try passwords()
        let hash = try passwords.hash(password)
        #expect(try passwords.verify(password, against: hash) == .right)
        #expect(try passwords.verify(password + "x", against: hash) == .wrong)
        #expect(try passwords.verify("", against: hash) == .wrong)
    }

    @Test("Bytes after a NUL are part of the password")
    func nul() throws {
        let passwords = try passwords()
        #expect(try passwords.verify("same\0b", against: passwords.hash("same\0a")) == .wrong)
    }

    @Test("A hash is a PHC string, and differs each time")
    func form() throws {
        let hash = try passwords().hash("password")
        let pattern = /\$scrypt\$ln=10,r=8,p=1\$[A-Za-z0-9+\/]{22}\$[A-Za-z0-9+\/]{43}/
        #expect(hash.wholeMatch(of: pattern) != nil)
        #expect(try passwords().hash("password") != hash)
    }

    @Test("A hash is checked with its own parameters, and is outdated when the setting changed")
    func rehash() throws {
        let old = try passwords("ln=10,r=4,p=2").hash("password")
        let now = try passwords("ln=11,r=8,p=1")
        #expect(try now.verify("password", against: old) == .outdated)
        #expect(try now.verify("passwort", against: old) == .wrong)
        #expect(try now.verify("password", against: now.hash("password")) == .right)
    }

    @Test(
        "Text that is not a hash verifies no password",
        arguments: [
            "", "$", "password", "$scrypt$", "$argon2id$v=19$m=1,t=1,p=1$AAAA$AAAA",
            "$scrypt$ln=10,r=8,p=1$AAAAAAAAAAAAAAAAAAAAAA$", "$scrypt$ln=10,r=8,p=1$$",
            "$scrypt$ln=31,r=8,p=1$AAAAAAAAAAAAAAAAAAAAAA$" + String(repeating: "A", count: 43),
        ])
    func broken(hash: String) throws {
        #expect(try passwords().verify("password", against: hash) == .wrong)
    }

    @Test("NFC and NFD forms of a password are the same, and old hashes of raw bytes still work")
    func composition() throws {
        let (composed, decomposed) = ("caf\u{E9} au lait", "cafe\u{301} au lait")
        let passwords = try passwords()
        for hash in [try passwords.hash(composed), try passwords.hash(decomposed)] {
            #expect(try passwords.verify(composed, against: hash) == .right)
            #expect(try passwords.verify(decomposed, against: hash) == .right)
        }
        // Older versions hashed the bytes as they were sent, without normalizing them.
        let scrypt = try Scrypt(setting: "ln=10,r=8,p=1")
        let salt = [UInt8](repeating: 7, count: 16)
        let raw = try scrypt.derive(bytes(decomposed), salt: salt, length: 32)
        let old =
            "$scrypt$\(scrypt)$\(Base64.standard.encode(salt))$\(Base64.standard.encode(raw))"
        #expect(try passwords.verify(decomposed, against: old) == .outdated)
        #expect(try passwords.verify(composed, against: old) == .wrong)
    }

    @Test("An unknown email takes as much processor time as a known one")
    func nobody() throws {
        let passwords = try passwords("ln=14,r=8,p=1")
        let hash = try passwords.hash("password")
        func seconds(_ body: () throws -> Void) rethrows -> Duration {
            let begun = Thread.processorTime
            for _ in 0..<5 { try body() }
            return Thread.processorTime - begun
        }
        let known = try seconds { _ = try passwords.verify("wrong", against: hash) }
        let unknown = try seconds { try passwords.verifyAgainstDummyHash("wrong") }
        // Without `verifyAgainstDummyHash` the ratio is in the thousands.
        #expect(unknown * 3 > known && known * 3 > unknown)
    }
}

@Suite struct HashSlotsTests {
    private let folder = TemporaryFolder()

    @Test(
        "When all hashing slots are taken, a call waits, then fails as busy without its body")
    func busy() throws {
        let slots = HashSlots(folder: folder.path, count: 2, timeout: .milliseconds(100))
        try slots.withSlot(nil) {
            try slots.withSlot(nil) {
                let begun = ContinuousClock.now
                #expect(throws: HashingBusy.self) {
                    try slots.withSlot(nil) { Issue.record("three callers in two slots") }
                }
                #expect(ContinuousClock.now - begun >= .milliseconds(100))
            }
            // The second slot is free again.
            #expect(try slots.withSlot(nil) { true })
        }
    }

    @Test("Registrations take at most half of the hashing slots")
    func registrations() throws {
        let slots = HashSlots(folder: folder.path, count: 4, timeout: .zero)
        let registration = HashClaim(address: [1], isRegistration: true)
        try slots.withSlot(registration) {
            try slots.withSlot(registration) {
                #expect(throws: HashingBusy.self) { try slots.withSlot(registration) {} }
                let others = try slots.withSlot(nil) { try slots.withSlot(nil) { true } }
                #expect(others)
            }
        }
        // Sign-ins take slots of the other half first.
        let both = try slots.withSlot(nil) { try slots.withSlot(registration) { true } }
        #expect(both)
    }

    @Test("With one process per request, each address has one turn at a time")
    func turns() throws {
        let slots = HashSlots(folder: folder.path, count: 3, timeout: .zero)
        try slots.withTurn(HashClaim(address: [1])) {
            #expect(throws: HashingBusy.self) { try slots.withTurn(HashClaim(address: [1])) {} }
            let other = try slots.withTurn(HashClaim(address: [2])) { true }
            #expect(other)
        }
    }

    @Test("A request waits for its turn and for its hashing slot within one deadline")
    func timeout() throws {
        let slots = HashSlots(folder: folder.path, count: 1, timeout: .seconds(600))
        let claim = HashClaim(address: [1], begun: .now - .seconds(600))
        _ = try slots.withTurn(claim) {
            try slots.withSlot(nil) {
                #expect(throws: HashingBusy.self) { try slots.withSlot(claim) {} }
            }
        }
        #expect(ContinuousClock.now - claim.begun < .seconds(900))
    }

    @Test("A hashing slot is freed when its body throws")
    func errors() throws {
        struct Failure: Error {}
        let slots = HashSlots(folder: folder.path, count: 1, timeout: .zero)
        #expect(throws: Failure.self) { try slots.withSlot(nil) { throw Failure() } }
        #expect(try slots.withSlot(nil) { true })
    }

    @Test("A hashing slot of another process is waited for, and is free when that process exits")
    func otherProcess() throws {
        let slots = HashSlots(folder: folder.path, count: 1, timeout: .milliseconds(50))
        try slots.withSlot(nil) {}
        let ready = try PipeEnds()
        let holder = try ChildProcess(
            "sh",
            ["-c", "exec 9<>\"$0\"; flock 9; echo; exec sleep 600", folder.path + "/hash.0.lock"],
            environment: ["PATH": "/usr/bin:/bin"], descriptors: [1: ready.writing.number])
        #expect(try ready.reading.read(upTo: 1) == bytes("\n"))
        #expect(throws: HashingBusy.self) { try slots.withSlot(nil) {} }
        holder.send(SIGKILL)
        holder.wait()
        let patient = HashSlots(folder: folder.path, count: 1, timeout: .seconds(30))
        #expect(try patient.withSlot(nil) { true })
    }
}
