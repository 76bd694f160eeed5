import Foundation
import Model
import Processes
import Settings

/// Asks the service as its users would.
package enum Health {
    /// Gateway and both responders answer. 503 is an answer too: a full disk is told to who asks.
    package static func isUp(_ configuration: Configuration) -> Bool {
        ["/health", "/api/auth/health", "/api/health"].allSatisfy {
            let status = LocalPort.status(of: $0, configuration.listen, configuration.port)
            return status == 200 || status == 503
        }
    }
}
