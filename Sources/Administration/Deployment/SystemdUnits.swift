import Foundation
import Model
import Text

/// The templates in `deploy/systemd/` with each `@NAME@` replaced.
package struct SystemdUnits {
    private let templates: String
    private let values: [String: String]

    package init(templates: String, values: [String: String]) {
        self.templates = templates
        self.values = values
    }

    private static let safe =
        "ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789/._@-"

    /// The units and their contents, by name. Throws `ConfigurationError` for a value that a unit cannot
    /// contain.
    package func texts() throws -> [String: String] {
        for (name, value) in values {
            // systemd takes % for a specifier, and a space for the end of the value.
            guard !value.isEmpty, value.isMade(of: Self.safe) else {
                throw ConfigurationError(
                    "\(name): \"\(value)\" cannot be written to a unit. Use only letters, digits "
                        + "and /._@-.")
            }
        }
        let data = values["DATA"] ?? ""
        guard !["/home/", "/root/", "/run/user/"].contains(where: { data.starts(withBytes: $0) })
        else {
            throw ConfigurationError(
                "MULTIRES_DATA: \"\(data)\" is in a home folder, which units cannot access. Use "
                    + "/var/lib/multires, or a folder in /srv.")
        }
        let hardening = try Template.filled(templates + "/hardening.conf", with: values)
        let values = values.merging(["HARDENING": hardening]) { $1 }
        var texts: [String: String] = [:]
        for name in try FileManager.default.contentsOfDirectory(atPath: templates)
        where name != "hardening.conf" {
            texts[name] = try Template.filled("\(templates)/\(name)", with: values)
        }
        return texts
    }
}
