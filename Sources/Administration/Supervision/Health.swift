import Foundation
import Model
import Processes
import Settings

/// Sends requests to the service as a client would.
package enum Health {
    /// Whether nginx and both responders answer. 503 counts too: it reports a full disk, for example.
    package static func isUp(_ configuration: Configuration) -> Bool {
        ["/health", "/api/auth/health", "/api/health"].allSatisfy {
            let status = LocalPort.status(of: $0, configuration.listen, configuration.port)
            return status == 200 || status == 503
        }
    }
}
