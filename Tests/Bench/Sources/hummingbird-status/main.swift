// What a Swift team would otherwise write for GET /api/images/:id/status: Hummingbird 2, jwt-kit, a
// GRDB pool and Codable, with a log line per request. Its responses are those of Multires.
// Fills its own database in FOLDER, prints `Ready` as JSON, and serves on FOLDER/hummingbird.sock until
// SIGTERM.
//
//     hummingbird-status FOLDER
import Foundation
import Hummingbird
import JWTKit
import Logging

struct Ready: Encodable {
    let token: String
    let image: String
}

LoggingSystem.bootstrap(StreamLogHandler.standardError)
let folder = CommandLine.arguments[1]
let catalog = try Catalog(path: folder + "/catalog.sqlite3")
let sample = try await catalog.fill(images: 50)

let keys = JWTKeyCollection()
await keys.add(
    hmac: HMACKey(from: UUID().uuidString + UUID().uuidString), digestAlgorithm: .sha256)
let token = try await keys.sign(
    AccessToken(
        iss: "multires", sub: .init(value: sample.account), email: "bench@example.org",
        sid: sample.session, jti: .init(value: UUID().uuidString.lowercased()),
        iat: .init(value: .now), exp: .init(value: .now + 3600)),
    header: ["typ": "at+jwt"])

let router = Router(context: StatusContext.self)
router.add(middleware: RequestLog())
router.group("/api/images")
    .add(middleware: BearerAuthentication(keys: keys, catalog: catalog))
    .get("/:id/status") { _, context -> ImageStatus in
        let id = try context.parameters.require("id")
        guard let account = context.account,
            let status = try catalog.status(of: id, owner: account)
        else { throw HTTPError(.notFound, message: "The image does not exist.") }
        return status
    }

var logger = Logger(label: "hummingbird-status")
let application = Application(
    router: router,
    configuration: .init(address: .unixDomainSocket(path: folder + "/hummingbird.sock")),
    logger: logger)
let ready = try JSONEncoder().encode(Ready(token: token, image: sample.image))
try FileHandle.standardOutput.write(contentsOf: ready + Data("\n".utf8))
try await application.runService()
