import Credentials
import Foundation
import Media
import Model
import Operations
import Processes
import Settings

/// Tests every step from the upload of an image to a served variant: with the service if it runs, otherwise
/// with the resizer alone.
package struct RoundTrip {
    /// Enough even if the queue is long, because accounts take turns.
    private static let timeout = Duration.seconds(30)
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
            // On shared hosting, another user may have that port.
            let isUp =
                !SharedHostingSite.isDeployed(configuration.folders)
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
            throw ConfigurationError("the upload was refused: \(upload["error"] ?? upload)")
        }
        let size = try completedThumbnail(of: image, token)
        guard let address = size["url"] as? String, let bytes = size["bytes"] as? Int,
            let path = URLComponents(string: address).map({
                "\($0.path)?\($0.percentEncodedQuery ?? "")"
            })
        else { throw ConfigurationError("the image is complete, but has no thumbnail") }
        let served = response("GET \(path)", nil)
        guard served.hasPrefix("HTTP/1.1 200"), served.contains("Content-Length: \(bytes)\r\n")
        else {
            throw ConfigurationError(
                "nginx does not serve the thumbnail (\(served.prefix { $0 != "\r\n" })). See its "
                    + "log, and check the owner of media/.")
        }
        let took = (ContinuousClock.now - started).wholeMilliseconds
        return "uploaded, rendered, served and deleted through the service in \(took) ms"
    }

    /// Waits until the image is complete. Returns the thumbnail's members in the API, empty if it has none.
    private func completedThumbnail(of image: String, _ token: String) throws -> [String: Any] {
        let end = ContinuousClock.now + Self.timeout
        while ContinuousClock.now < end {
            let detail = try answer("GET /api/images/\(image)", token)
            switch detail["status"] as? String {
            case "complete":
                let sizes = detail["sizes"] as? [String: Any]
                return sizes?["thumbnail"] as? [String: Any] ?? [:]
            case "failed":
                throw ConfigurationError(
                    "the test image could not be rendered: \(detail["errorMessage"] ?? "") See the "
                        + "log of resize-worker.")
            default: Thread.sleep(forTimeInterval: 0.05)
            }
        }
        throw ConfigurationError(
            "the test image was not rendered within \(Self.timeout.wholeSeconds) s. See the log "
                + "of resize-worker.")
    }

    /// Opens a session of a temporary account. Nobody can sign in to it, because it has no password. If a
    /// killed doctor left that account, it is deleted first.
    private func openSession(_ operations: Operations) throws -> Session {
        let accounts = operations.catalog.accounts
        if let (left, passwordHash) = try accounts.credentials(email: Self.email) {
            guard passwordHash.isEmpty else {
                throw ConfigurationError(
                    "\(Self.email) is an account with a password, which doctor does not use. "
                        + "Delete it with \"multires users delete\" to test the service.")
            }
            guard left.createdAt < .now() - .seconds(300) else {
                throw ConfigurationError("another doctor is running. Try again later.")
            }
            remove(left.id, operations)
        }
        return try accounts.register(
            email: Self.email, passwordHash: "", userAgent: "multires doctor", at: .now())
    }

    private func remove(_ account: Identifier<Account>, _ operations: Operations) {
        do { _ = try operations.deleteAccount(account) } catch {
            // The sweeper completes a deletion that has begun.
            DataFolder.warn("the temporary account was not deleted: \(error)")
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
        let text = response(request, token, body: body)
        guard let start = text.range(of: "\r\n\r\n")?.upperBound,
            let json = try? JSONSerialization.jsonObject(with: Data(text[start...].utf8)),
            let members = json as? [String: Any]
        else {
            throw ConfigurationError(
                "\(request.split(separator: "?")[0]) was answered with \"\(text.prefix(60))\"")
        }
        return members
    }

    /// The whole response; empty if there is none. HTTP/1.0: the response ends with the connection, and is
    /// not chunked.
    private func response(_ request: String, _ token: String?, body: [UInt8] = []) -> String {
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
            throw ConfigurationError(
                "the resizer does not render the test image. Run \"make build\" again, and check "
                    + "that libvips42 is installed.")
        }
        return "rendered \(HumanReadable.count(rendering.variants.count, "size")) by the resizer "
            + "alone, because no service answers"
    }
}
