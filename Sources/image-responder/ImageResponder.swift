import API
import Gateway
import Media
import Model
import Operations
import Service
import Settings

/// Uploads and their results. One instance per thread. Images are decoded only in resizers, never here.
struct ImageResponder: ServiceResponder {
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
        Route(.get, "/media/:id/:file", serveMedia),
    ]

    let context: ResponderContext
    let addresses: Addresses
    let linkCheck: LinkCheck

    var media: any MediaStore { operations.media }

    init(_ program: Program) throws {
        context = try ResponderContext(program)
        addresses = Addresses(program)
        linkCheck = LinkCheck(keys: program.secrets.link)
    }

    /// The id in the path. Text that is not an id is answered like an unknown id: 404.
    func imageID(_ parameters: Parameters) throws -> Identifier<Image> {
        guard let id = Identifier<Image>(parameters["id"]) else { throw Problem.notFound }
        return id
    }
}
