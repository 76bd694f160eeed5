import Cryptography
import Glibc
import Model
import Processes
import Settings

/// What tokens and private links are signed with. There is no default: without secrets no program
/// starts.
public struct Secrets: Sendable {
    /// `JWT_SECRET`: access tokens.
    public let access: SigningKeys
    /// `JWT_REFRESH_SECRET`: refresh tokens.
    public let refresh: SigningKeys
    /// `MULTIRES_LINK_SECRET`: private links. nginx checks them, so its secrets are base64url.
    public let link: SigningKeys

    public static let names = ["JWT_SECRET", "JWT_REFRESH_SECRET", "MULTIRES_LINK_SECRET"]

    /// Each from the environment, or else from `file`, which only its owner may read. Throws
    /// `Unusable`.
    public init(environment: [String: String], file: String) throws {
        let given = Self.given(in: environment)
        let values =
            Self.areGiven(in: environment)
            ? given : try Self.read(file).merging(given) { _, given in given }

        let sets = try Self.names.map { name in
            guard let text = values[name], !text.isEmpty else {
                throw Unusable(Self.missing(name, file))
            }
            return try SigningKeys(text, name: name)
        }
        (access, refresh, link) = (sets[0], sets[1], sets[2])

        for (first, second) in [(0, 1), (0, 2), (1, 2)] {
            let secrets = Set(sets[first].accepted.map(\.secret))
            guard secrets.isDisjoint(with: sets[second].accepted.map(\.secret)) else {
                throw Unusable(
                    "\(Self.names[first]) and \(Self.names[second]) share a secret: what one signs "
                        + "would pass for the other's.")
            }
        }
        guard link.accepted.allSatisfy({ Base64.url.isAlphabet($0.secret) }) else {
            throw Unusable(
                "MULTIRES_LINK_SECRET may have letters, digits, - and _ alone: it stands in "
                    + "nginx's configuration.")
        }
    }

    /// Whether the environment has all of them, so that there need be no file.
    public static func areGiven(in environment: [String: String]) -> Bool {
        given(in: environment).count == names.count
    }

    private static func given(in environment: [String: String]) -> [String: String] {
        environment.filter { names.contains($0.key) && !$0.value.isEmpty }
    }

    /// `multires init` writes the file only when there is none.
    private static func missing(_ name: String, _ file: String) -> String {
        Glibc.access(file, F_OK) == 0
            ? "\(file) has no line \(name)=…: put back a sound copy of the file. Without one, move "
                + "the file away and run `multires init --new-secrets`: everyone must then sign in "
                + "again, and links that were given out stop working."
            : "\(name) is missing: set it, or let `multires init` write \(file)."
    }

    /// Writes a new file with three secrets of 256 bits. Never overwrites: throws `SystemError`
    /// with `EEXIST` when there is one.
    public static func create(at path: String) throws {
        let file = try FileDescriptor(opening: path, O_WRONLY | O_CREAT | O_EXCL, mode: 0o600)
        do {
            let lines = names.map { "\($0)=\(SecureRandom.text(bytes: 32))\n" }
            try file.write(Array(lines.joined().utf8))
            try file.sync()
            try Files.syncFolder(of: path)
        } catch {
            unlink(path)
            throw error
        }
    }

    private static func read(_ path: String) throws -> [String: String] {
        let file: FileDescriptor
        do {
            file = try FileDescriptor(opening: path, O_RDONLY)
        } catch let error as SystemError {
            if error.code == ENOENT { return [:] }
            throw Unusable("The secrets cannot be read: \(error).")
        }
        var status = stat()
        guard fstat(file.number, &status) == 0, status.st_mode & 0o077 == 0 else {
            throw Unusable(
                "\(path) may be read by others: run `chmod 600 \(path)`, and make new secrets if "
                    + "others have been here.")
        }
        do {
            return EnvironmentFile.parse(
                String(decoding: try file.read(upTo: 65536), as: UTF8.self))
        } catch {
            throw Unusable("The secrets cannot be read: \(error).")
        }
    }
}
