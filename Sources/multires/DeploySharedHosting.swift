import Administration
import ArgumentParser
import Foundation
import Model
import Processes
import Settings

struct DeploySharedHosting: ParsableCommand {
    static let configuration = CommandConfiguration(
        commandName: "shared-hosting",
        abstract: "Sets this up on rented web space: Apache with CGI, no root, no daemon.",
        discussion: """
            Writes the document root and a data folder beside it, and prints the one line for cron. \
            Again to upgrade, from the new archive: nothing is lost. Settings are in .env in the data \
            folder; again after a change of them.
            """)

    @Argument(help: "The folder that the web server shows, such as ~/public_html.")
    var documentRoot: String

    @Option(help: "What people call the site, such as https://photos.example.org.")
    var url: String?

    @Option(help: "Everything that is kept; default: multires-data beside the document root.")
    var data: String?

    @Flag(
        inversion: .prefixedNo,
        help: """
            For mod_fcgid, which keeps the programs, instead of mod_cgi; default: as it is. Its \
            FcgidMaxRequestLen, 128 KiB unless the host says more, is the most that an upload may have.
            """)
    var fcgid: Bool?

    @OptionGroup var consent: Consent

    @Flag(help: "Says what this host can and cannot do, and lowers what it has no memory for.")
    var check = false

    @Flag(help: "Takes the site away again; the data folder stays.")
    var remove = false

    func validate() throws {
        if check && remove { throw ValidationError("--check or --remove, not both.") }
    }

    func run() throws {
        let site = try WebSpace(documentRoot, data: data)
        if remove { return try takeAway(site) }
        if check {
            let findings = try HostCheck(site).findings()
            for finding in findings { print(finding) }
            if findings.contains(where: { $0.grade == .problem }) { throw ExitCode.failure }
            return
        }
        try SharedHostingSettings(site).write(url: url)
        let configuration = try site.configuration()
        try FileManager.default.createDirectory(
            atPath: configuration.folders.run, withIntermediateDirectories: true,
            attributes: [.posixPermissions: 0o750])
        // No worker of the version before goes on over this one's schema.
        let lock = try FileLock(path: configuration.folders.drainLock)
        try lock.lock(.exclusive)
        try DataFolder.prepare(
            configuration, EnvironmentFile.read(site.data + "/.env"), consent.answers)
        DataFolder.tryFormats(configuration)
        try site.write(SharedHostingFiles(site, configuration, isKept: fcgid ?? site.isKept).all())
        lock.unlock()
        print(
            """
            Multires \(multiresVersion) is in \(site.root), its data in \(site.data).
            Links begin with \(configuration.url); --url says another address.

            One line for cron (crontab -e, or the host's panel):

                * * * * * \(site.data)/tick

            Then: \(ProgramFiles.folder)/multires deploy shared-hosting \(site.root) --check
            """)
    }

    private func takeAway(_ site: WebSpace) throws {
        try site.write([])
        print(
            """
            The site is gone from \(site.root). Take its line out of cron. All that was kept still \
            lies in \(site.data); to delete that too: rm -r \(site.data)
            """)
    }
}
