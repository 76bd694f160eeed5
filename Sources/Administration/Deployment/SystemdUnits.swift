import Foundation
import Model
import Text

/// The templates in `deploy/systemd/`, filled in.
package struct SystemdUnits {
    private let templates: String
    private let values: [String: String]

    package init(templates: String, values: [String: String]) {
        self.templates = templates
        self.values = values
    }

    private static let safe =
        "ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789/._@-"

    /// Names and what belongs in there. Throws a sentence for a value that a unit cannot have.
    package func texts() throws -> [String: String] {
        for (name, value) in values {
            // systemd would take a % for a specifier and a blank for the end.
            guard !value.isEmpty, value.isMade(of: Self.safe) else {
                throw Unusable(
                    "\(name) is \"\(value)\": a unit takes letters, digits and /._@- only.")
            }
        }
        let data = values["DATA"] ?? ""
        guard !["/home/", "/root/", "/run/user/"].contains(where: { data.starts(withBytes: $0) })
        else {
            throw Unusable(
                "MULTIRES_DATA is \(data): units see nobody's home; take /var/lib/multires or /srv."
            )
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
