import Catalog
import Foundation
import Processes

/// Asks the service as its users would.
enum Health {
    /// Gateway and both responders answer.
    static func isUp(_ configuration: Configuration) -> Bool {
        ["/health", "/api/auth/health", "/api/health"].allSatisfy {
            LocalPort.status(of: $0, configuration.listen, configuration.port) == 200
        }
    }
}
