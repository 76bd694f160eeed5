import Cryptography
import Glibc
import Model
import Processes
import Settings

/// The keys that sign tokens and private links. There is no default: without secrets no program starts.
public struct Secrets: Sendable {
    /// `JWT_SECRET`: access tokens.
    public let access: SigningKeys
    /// `JWT_REFRESH_SECRET`: refresh tokens.
    public let refresh: SigningKeys
    /// `MULTIRES_LINK_SECRET`: private links. nginx checks them, so its secrets are base64url.
    public let link: SigningKeys

    public static let names = ["JWT_SECRET", "JWT_REFRESH_SECRET", "MULTIRES_LINK_SECRET"]

    /// Reads each secret from the environment, or else from `file`, which only its owner may be able to
    /// read. Throws `ConfigurationError`.
    public init(environment: [String: String], file: String) throws {
        let given = Self.given(in: environment)
        let values =
            Self.areGiven(in: environment)
            ? given : try Self.read(file).merging(given) { _, given in given }

        let sets = try Self.names.map { name in
            guard let text = values[name], !text.isEmpty else {
                throw ConfigurationError(Self.missing(name, file))
            }
            return try SigningKeys(text, name: name)
        }
        (access, refresh, link) = (sets[0], sets[1], sets[2])

        for (first, second) in [(0, 1), (0, 2), (1, 2)] {
            let secrets = Set(sets[first].accepted.map(\.secret))
            guard secrets.isDisjoint(with: sets[second].accepted.map(\.secret)) else {
                throw ConfigurationError(
                    "\(Self.names[first]) and \(Self.names[second]) share a secret, so what one "
                        + "signs would be accepted for the other. Give each its own secret.")
            }
        }
        guard link.accepted.allSatisfy({ Base64.url.isAlphabet($0.secret) }) else {
            throw ConfigurationError(
                "MULTIRES_LINK_SECRET may have only letters, digits, - and _, because it is "
                    + "written into nginx's configuration.")
        }
    }

    /// Whether the environment has all of them, so that no file is needed.
    public static func areGiven(in environment: [String: String]) -> Bool {
        given(in: environment).count == names.count
    }

    private static func given(in environment: [String: String]) -> [String: String] {
        environment.filter { names.contains($0.key) && !$0.value.isEmpty }
    }

    /// `multires init` writes the file only if there is none.
    private static func missing(_ name: String, _ file: String) -> String {
        Glibc.access(file, F_OK) == 0
            ? "\(file) has no line \(name)=…. Restore an intact copy of the file. If there is "
                + "none, move the file away and run \"multires init --new-secrets\": then all "
                + "users must sign in again, and existing private links stop working."
            : "\(name) is missing. Set it, or run \"multires init\" to write \(file)."
    }

    /// Writes a new file with three secrets of 256 bits. Never overwrites a file: throws `SystemError`
    /// with `EEXIST` if there is one.
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
            throw ConfigurationError("The secrets cannot be read: \(error).")
        }
        var status = stat()
        guard fstat(file.number, &status) == 0, status.st_mode & 0o077 == 0 else {
            throw ConfigurationError(
                "\(path) can be read by other users. Run chmod 600 \(path), and replace the "
                    + "secrets if another user may have read them.")
        }
        do {
            return EnvironmentFile.parse(
                String(decoding: try file.read(upTo: 65536), as: UTF8.self))
        } catch {
            throw ConfigurationError("The secrets cannot be read: \(error).")
        }
    }
}
