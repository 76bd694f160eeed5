import Foundation
import Media
import Model
import Operations
import Processes
import Settings
import Text

/// Checks what shared hosting can and cannot do. Lowers MULTIRES_SCRYPT if there is too little memory for it.
package struct HostCheck {
    private let site: SharedHostingSite
    private let configuration: Configuration

    package init(_ site: SharedHostingSite) throws {
        self.site = site
        configuration = try site.configuration()
    }

    package func findings() -> [Finding] {
        var findings = [writing(), place(), disk(), clock()]
        findings += Administration.findings("resizer") { [try sandbox()] }
        findings += Administration.findings("memory") { [try memory()] }
        if site.isDeployed {
            findings += Administration.findings("program") { [try program()] }
            findings += [cron()] + WebCheck(site, configuration.url).findings()
        } else {
            findings.append(
                Finding(
                    .warning, "site",
                    "not deployed yet. Deploy it, then check again to test the web server."))
        }
        return findings
    }

    private func writing() -> Finding {
        let closed = [site.root, site.data].filter {
            FileManager.default.fileExists(atPath: $0) && access($0, R_OK | W_OK | X_OK) != 0
        }
        return Finding(
            "write access", closed.isEmpty, ok: "\(site.root) and \(site.data) are writable",
            "user \(geteuid()) cannot write to \(closed.joined(separator: " and ")). Make the user "
                + "the owner.")
    }

    private func place() -> Finding {
        let above = site.documentRootAboveData
        return Finding(
            "data folder", above == nil, ok: "\(site.data) is not in a document root",
            else: .warning,
            "\(site.data) is in \(above ?? ""), which looks like a document root: a web server "
                + "that ignores .htaccess would serve secrets and private images. Remove the site "
                + "(--remove), move the folder, and deploy with --data and the new path.")
    }

    private func disk() -> Finding {
        let place =
            FileManager.default.fileExists(atPath: site.data)
            ? site.data : URL(fileURLWithPath: site.data).deletingLastPathComponent().path
        if let kind = NetworkFilesystem.kind(at: place) {
            return Finding(
                .problem, "disk",
                "\(place) is on a network filesystem (\(kind)), where a database is not safe. Use "
                    + "--data with a folder on a local disk.")
        }
        let free = (try? MediaEngine.open(DataFolders(root: place)).freeBytes()) ?? 0
        return Finding(
            "disk", free > configuration.diskReserve,
            ok: "local, \(HumanReadable.bytes(free)) free",
            "\(HumanReadable.bytes(free)) are free, but MULTIRES_DISK_RESERVE is "
                + "\(HumanReadable.bytes(configuration.diskReserve)). Free some space.")
    }

    /// Tokens and links expire by the clock. A clock that is behind the date of this release is wrong.
    private func clock() -> Finding {
        let home = ProgramFiles.home(ProcessInfo.processInfo.environment) ?? ""
        let attributes = try? FileManager.default.attributesOfItem(
            atPath: home + "/nginx/multires.conf")
        let made = attributes?[.modificationDate] as? Date ?? .distantPast
        return Finding(
            "clock", made < Date(), ok: "it is \(Timestamp.now().rfc3339)",
            "the clock shows \(Timestamp.now().rfc3339), which is before this release was made. "
                + "Set the clock.")
    }

    /// The resizer logs which parts of the sandbox are missing when it starts. It exits, because there is no
    /// request.
    private func sandbox() throws -> Finding {
        let folder = NSTemporaryDirectory() + "/multires-check-\(UUID().uuidString)"
        let output = try ProgramOutput(
            of: ProgramFiles.path(of: "resizer"), environment: ["RESIZER_FOLDER": folder])
        guard output.hasSucceeded else {
            return Finding(.problem, "resizer", "it does not start: \(output.messages)")
        }
        return Finding(
            "sandbox", output.messages.isEmpty,
            ok: "the program that decodes images is sandboxed by the kernel (Landlock, seccomp)",
            else: .warning,
            "the sandbox of the program that decodes images is not complete: " + output.messages)
    }

    /// Of all that a request does, hashing a password takes the most memory.
    private func memory() throws -> Finding {
        let available = Memory.available()
        let choice = ScryptChoice.fitting(available)
        let current = ScryptChoice(rawValue: configuration.scrypt)
        if site.isDeployed, let current, current.memory > choice.memory {
            try SharedHostingSettings(site).set([("MULTIRES_SCRYPT", choice.setting)])
            return Finding(
                .warning, "memory",
                "\(HumanReadable.bytes(available)) are available, so MULTIRES_SCRYPT is now "
                    + "\(choice.setting): a password takes \(HumanReadable.bytes(choice.memory)) "
                    + "and as much work as before.")
        }
        return Finding(
            .ok, "memory",
            "\(HumanReadable.bytes(available)), enough for "
                + "MULTIRES_SCRYPT=\(configuration.scrypt)")
    }

    /// Starts the program as Apache does.
    private func program() throws -> Finding {
        let output = try ProgramOutput(
            of: site.root + "/cgi-bin/image.cgi",
            environment: [
                "GATEWAY_INTERFACE": "CGI/1.1", "REQUEST_METHOD": "GET",
                "REQUEST_URI": "/api/health",
            ])
        return Finding(
            "program", output.text.starts(withBytes: "Status: 200"),
            ok: "starts and can use the database",
            "cgi-bin/image.cgi does not answer. See the end of \(site.data)/requests.log. "
                + "\(output.messages) \(output.text.prefix(bytes: 200))")
    }

    /// Each run of `tick` writes a line to the log.
    private func cron() -> Finding {
        let log = configuration.folders.drainLog
        let attributes = try? FileManager.default.attributesOfItem(atPath: log)
        let last = attributes?[.modificationDate] as? Date ?? .distantPast
        return Finding(
            "cron", last > Date(timeIntervalSinceNow: -150), ok: "runs every minute",
            else: .warning,
            "has not run in the last two minutes. Add this line to cron: * * * * * "
                + "\(site.data)/tick")
    }
}
