import Gateway
import Media
import Model
import Operations
import Service
import Settings

/// Uploads, and what became of them. One instance per thread. No picture is decoded here.
struct ImageResponder: Responder {
    static let routes: Routes<ImageResponder> = [
        Route(.post, "/api/images/upload", upload),
        Route(.get, "/api/images", list),
        Route(.get, "/api/images/status", statuses),
        Route(.get, "/api/images/:id", detail),
        Route(.get, "/api/images/:id/status", status),
        Route(.patch, "/api/images/:id", change),
        Route(.post, "/api/images/:id/retry", retry),
        Route(.delete, "/api/images/:id", delete),
        Route(.get, "/api/limits", limits),
        Route(.get, "/api/health", health),
        Route(.get, "/metrics", metrics),
        Route(.get, "/media/:id/:file", picture),
    ]

    let program: Program
    let operations: Operations
    let uploads: UploadReservations
    let authenticator: Authenticator
    let addresses: Addresses
    let linkCheck: LinkCheck

    var configuration: Configuration { program.configuration }
    var catalog: any Catalog { operations.catalog }
    var media: DiskMedia { operations.media }

    init(_ program: Program) throws {
        self.program = program
        operations = try program.operations()
        uploads = try UploadReservations(program.configuration)
        authenticator = Authenticator(tokens: program.tokens, accounts: operations.catalog.accounts)
        addresses = Addresses(program)
        linkCheck = LinkCheck(keys: program.secrets.link)
    }

    func respond(to request: Request) throws -> Response {
        do {
            return try Self.routes.respond(to: request, with: self)
        } catch {
            throw try Problem(of: error)
        }
    }

    /// The id in the path; one that is no id names nothing.
    func imageID(_ parameters: Parameters) throws -> Identifier<Image> {
        guard let id = Identifier<Image>(parameters["id"]) else { throw Problem.notFound }
        return id
    }
}

extension Problem {
    /// What a client is told of a refusal; throws what is no refusal but a fault.
    init(of error: any Error) throws {
        switch error {
        case let problem as Problem: self = problem
        case let refusal as CatalogError: self.init(refusal)
        case _ where Ballast.isFull(error): self = .noSpace
        case MediaError.roomTaken: self = .uploadRoomTaken
        case MediaError.shareUsed: self = .uploadShareUsed
        default: throw error
        }
    }
}
