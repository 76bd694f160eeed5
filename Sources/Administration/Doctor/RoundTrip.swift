import Credentials
import Foundation
import Media
import Model
import Operations
import Processes
import Settings

/// A picture from upload to a served size: through the service when it runs, by the resizer alone when
/// it does not.
package struct RoundTrip {
    /// A queue may be long, but every account has its turn.
    private static let patience = Duration.seconds(30)
    private static let email = "round-trip@doctor.invalid"

    private let settings: Settings
    private var configuration: Configuration { settings.configuration }

    package init(_ settings: Settings) {
        self.settings = settings
    }

    package func findings() -> [Finding] {
        guard FileManager.default.fileExists(atPath: configuration.folders.catalog) else {
            return []
        }
        return Administration.findings("round trip") {
            // On shared hosting that port is anybody's.
            let isUp =
                !WebSpace.isDeployed(configuration.folders)
                && LocalPort.status(of: "/health", configuration.listen, configuration.port) != nil
            return [
                Finding(.ok, "round trip", isUp ? try throughService() : try throughResizer())
            ]
        }
    }

    // MARK: The service

    private func throughService() throws -> String {
        let started = ContinuousClock.now
        let operations = try settings.operations()
        let session = try openSession(operations)
        defer { remove(session.account.id, operations) }
        let token = try token(for: session)

        let upload = try answer(
            "POST /api/images/upload?filename=doctor.jpg", token, body: SamplePhoto.bytes)
        guard let image = upload["imageId"] as? String else {
            throw Unusable("the upload was refused: \(upload["error"] ?? upload)")
        }
        let size = try madeSize(of: image, token)
        guard let address = size["url"] as? String, let bytes = size["bytes"] as? Int,
            let path = URLComponents(string: address).map({
                "\($0.path)?\($0.percentEncodedQuery ?? "")"
            })
        else { throw Unusable("the image has no thumbnail, though it is complete") }
        let served = head("GET \(path)", nil)
        guard served.hasPrefix("HTTP/1.1 200"), served.contains("Content-Length: \(bytes)\r\n")
        else {
            throw Unusable(
                "nginx does not give the size out: \(served.prefix { $0 != "\r\n" }); see its log "
                    + "and the owner of media/")
        }
        let took = (ContinuousClock.now - started).wholeMilliseconds
        return "through the service: uploaded, resized, served and deleted in \(took) ms"
    }

    private func madeSize(of image: String, _ token: String) throws -> [String: Any] {
        let end = ContinuousClock.now + Self.patience
        while ContinuousClock.now < end {
            let detail = try answer("GET /api/images/\(image)", token)
            switch detail["status"] as? String {
            case "complete":
                let sizes = detail["sizes"] as? [String: Any]
                return sizes?["thumbnail"] as? [String: Any] ?? [:]
            case "failed":
                throw Unusable(
                    "its sizes could not be made: \(detail["errorMessage"] ?? ""); see the log of "
                        + "resize-worker")
            default: Thread.sleep(forTimeInterval: 0.05)
            }
        }
        throw Unusable(
            "its sizes were not made within \(Self.patience.wholeSeconds) s: see the log of "
                + "resize-worker")
    }

    /// Nobody can sign in to it: it has no password. One that a killed doctor left goes first.
    private func openSession(_ operations: Operations) throws -> Session {
        let accounts = operations.catalog.accounts
        if let (left, passwordHash) = try accounts.credentials(email: Self.email) {
            guard passwordHash.isEmpty else {
                throw Unusable(
                    "\(Self.email) is somebody's account, with a password: delete it with "
                        + "\"multires users delete\" to have the service tried")
            }
            guard left.createdAt < .now() - .seconds(300) else {
                throw Unusable("another doctor is at it; try again when it is done")
            }
            remove(left.id, operations)
        }
        return try accounts.register(
            email: Self.email, passwordHash: "", userAgent: "multires doctor", at: .now())
    }

    private func remove(_ account: Identifier<Account>, _ operations: Operations) {
        do { _ = try operations.deleteAccount(account) } catch {
            // The sweeper ends what has begun.
            DataFolder.warn("the account of the round trip: \(error)")
        }
    }

    private func token(for session: Session) throws -> String {
        let secrets = try Secrets(
            environment: settings.environment, file: configuration.folders.secrets)
        let tokens = Tokens(
            access: secrets.access, refresh: secrets.refresh,
            accessLifetime: configuration.accessLifetime,
            refreshLifetime: configuration.refreshLifetime)
        return tokens.accessToken(
            account: session.account.id.text, email: session.account.email,
            session: session.id.text, at: Timestamp.now().seconds)
    }

    private func answer(
        _ request: String, _ token: String, body: [UInt8] = []
    ) throws -> [String: Any] {
        let text = head(request, token, body: body)
        guard let start = text.range(of: "\r\n\r\n")?.upperBound,
            let json = try? JSONSerialization.jsonObject(with: Data(text[start...].utf8)),
            let members = json as? [String: Any]
        else {
            throw Unusable(
                "\(request.split(separator: "?")[0]) was answered with \"\(text.prefix(60))\"")
        }
        return members
    }

    /// HTTP/1.0: the answer ends with the connection, and comes in one piece.
    private func head(_ request: String, _ token: String?, body: [UInt8] = []) -> String {
        var lines = ["\(request) HTTP/1.0", "Host: localhost", "Content-Type: image/jpeg"]
        if let token { lines.append("Authorization: Bearer \(token)") }
        if !body.isEmpty { lines.append("Content-Length: \(body.count)") }
        return LocalPort.answer(
            to: lines.joined(separator: "\r\n") + "\r\n\r\n", body: body, configuration.listen,
            configuration.port) ?? ""
    }

    // MARK: The resizer

    private func throughResizer() throws -> String {
        let operations = try settings.operations()
        let original = "\(configuration.folders.incoming)/doctor-\(getpid()).jpg"
        defer { unlink(original) }
        try FileDescriptor(opening: original, O_WRONLY | O_CREAT).write(SamplePhoto.bytes)
        guard
            let rendering = try operations.tryResizing(
                original, format: .jpeg, fit: .cover, configuration.preset)
        else {
            throw Unusable(
                "resizer makes no sizes of a picture: run \"make build\" anew, and see that "
                    + "libvips42 is installed")
        }
        return "by the resizer alone, since no service answers: \(rendering.variants.count) sizes"
    }
}
