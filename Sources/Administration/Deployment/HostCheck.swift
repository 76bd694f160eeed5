import Foundation
import Media
import Model
import Operations
import Processes
import Settings
import Text

/// What a rented host can and cannot do, in words; what it has no memory for is set lower.
package struct HostCheck {
    private let site: WebSpace
    private let configuration: Configuration

    package init(_ site: WebSpace) throws {
        self.site = site
        configuration = try site.configuration()
    }

    package func findings() -> [Finding] {
        var findings = [writing(), place(), disk(), clock()]
        findings += Administration.findings("resizer") { [try confinement()] }
        findings += Administration.findings("memory") { [try memory()] }
        if site.isDeployed {
            findings += Administration.findings("program") { [try program()] }
            findings += [cron()] + WebCheck(site, configuration.url).findings()
        } else {
            findings.append(
                Finding(
                    .warning, "site",
                    "not there yet: deploy it, then check again to have the web server tried."))
        }
        return findings
    }

    private func writing() -> Finding {
        let closed = [site.root, site.data].filter {
            FileManager.default.fileExists(atPath: $0) && access($0, R_OK | W_OK | X_OK) != 0
        }
        return Finding(
            "write access", closed.isEmpty, ok: "\(site.root) and \(site.data) are ours",
            "user \(geteuid()) may not write \(closed.joined(separator: " and ")).")
    }

    private func place() -> Finding {
        let above = site.documentRootAboveData
        return Finding(
            "data folder", above == nil, ok: "\(site.data) lies in no document root",
            else: .warning,
            "\(site.data) lies in \(above ?? ""), which looks like a document root: wherever a web "
                + "server there minds no .htaccess, it shows secrets and private pictures. Take the "
                + "site away (--remove), move that folder, and deploy with --data saying where to.")
    }

    private func disk() -> Finding {
        let place =
            FileManager.default.fileExists(atPath: site.data)
            ? site.data : URL(fileURLWithPath: site.data).deletingLastPathComponent().path
        if let kind = NetworkFilesystem.kind(at: place) {
            return Finding(
                .problem, "disk",
                "\(place) lies on a network filesystem (\(kind)), where a database is not safe: "
                    + "give --data a folder on a disk of the machine.")
        }
        let free = (try? MediaEngine.open(DataFolders(root: place)).freeBytes()) ?? 0
        return Finding(
            "disk", free > configuration.diskReserve, ok: "local, \(free) bytes free",
            "\(free) bytes are free, and \(configuration.diskReserve) are the reserve "
                + "(MULTIRES_DISK_RESERVE).")
    }

    /// Tokens and links end by the clock. No release was made after now.
    private func clock() -> Finding {
        let home = ProgramFiles.home(ProcessInfo.processInfo.environment) ?? ""
        let attributes = try? FileManager.default.attributesOfItem(
            atPath: home + "/nginx/multires.conf")
        let made = attributes?[.modificationDate] as? Date ?? .distantPast
        return Finding(
            "clock", made < Date(), ok: "it is \(Timestamp.now().rfc3339)",
            "it says \(Timestamp.now().rfc3339), which is before this release was made.")
    }

    /// The resizer logs what it misses when it starts, and ends when there is no order.
    private func confinement() throws -> Finding {
        let folder = NSTemporaryDirectory() + "/multires-check-\(UUID().uuidString)"
        let said = try ProgramOutput(
            of: ProgramFiles.path(of: "resizer"), environment: ["RESIZER_FOLDER": folder])
        guard said.hasSucceeded else {
            return Finding(.problem, "resizer", "it does not start: \(said.messages)")
        }
        return Finding(
            "confinement", said.messages.isEmpty,
            ok: "what decodes pictures is shut in by the kernel (Landlock, seccomp)",
            else: .warning,
            "what decodes pictures is shut in less than it could be: "
                + said.messages)
    }

    /// Passwords take the most memory of all that a request does.
    private func memory() throws -> Finding {
        let available = Memory.available()
        let choice = ScryptChoice.fitting(available)
        let current = ScryptChoice(rawValue: configuration.scrypt)
        if site.isDeployed, let current, current.memory > choice.memory {
            try SharedHostingSettings(site).set([("MULTIRES_SCRYPT", choice.setting)])
            return Finding(
                .warning, "memory",
                "\(available) bytes: passwords now take \(choice.memory) bytes each and as much "
                    + "work as before (MULTIRES_SCRYPT=\(choice.setting)).")
        }
        return Finding(
            .ok, "memory", "\(available) bytes, enough for passwords at \(configuration.scrypt)")
    }

    /// As Apache starts it.
    private func program() throws -> Finding {
        let said = try ProgramOutput(
            of: site.root + "/cgi-bin/image.cgi",
            environment: [
                "GATEWAY_INTERFACE": "CGI/1.1", "REQUEST_METHOD": "GET",
                "REQUEST_URI": "/api/health",
            ])
        return Finding(
            "program", said.text.starts(withBytes: "Status: 200"),
            ok: "starts, and finds its database",
            "cgi-bin/image.cgi does not answer: see the end of \(site.data)/requests.log. "
                + "\(said.messages) \(said.text.prefix(bytes: 200))")
    }

    /// Each tick says a line.
    private func cron() -> Finding {
        let log = configuration.folders.drainLog
        let attributes = try? FileManager.default.attributesOfItem(atPath: log)
        let last = attributes?[.modificationDate] as? Date ?? .distantPast
        return Finding(
            "cron", last > Date(timeIntervalSinceNow: -150), ok: "works every minute",
            else: .warning,
            "has done nothing in the last two minutes: give it the line * * * * * \(site.data)/tick"
        )
    }
}
