import Administration
import ArgumentParser
import Foundation
import Model
import Processes
import Settings

struct DeploySharedHosting: ParsableCommand {
    static let configuration = CommandConfiguration(
        commandName: "shared-hosting",
        abstract: "Set up Multires on shared hosting: Apache with CGI, no root, no daemon.",
        discussion: """
            Writes the document root and a data folder beside it, and prints the line for cron. To \
            upgrade, run the same command from the new archive; no data is lost. Settings are in \
            .env in the data folder; run this again after changing them.
            """)

    @Argument(help: "The folder that the web server serves, such as ~/public_html.")
    var documentRoot: String

    @Option(help: "The public address of the site, such as https://photos.example.org.")
    var url: String?

    @Option(help: "The data folder; default: multires-data beside the document root.")
    var data: String?

    @Flag(
        inversion: .prefixedNo,
        help: """
            Use mod_fcgid, which keeps programs running, instead of mod_cgi; default: unchanged, \
            or mod_cgi for a new site. An upload can then have at most FcgidMaxRequestLen, which \
            is 128 KiB unless the host sets more.
            """)
    var fcgid: Bool?

    @OptionGroup var consent: DataLossOptions

    @Flag(help: "Report what this host can do; lower a setting for which it has too little memory.")
    var check = false

    @Flag(help: "Remove the site; the data folder stays.")
    var remove = false

    func validate() throws {
        if check && remove { throw ValidationError("Use --check or --remove, not both.") }
    }

    func run() throws {
        let site = try SharedHostingSite(documentRoot, data: data)
        if remove { return try removeSite(site) }
        if check {
            let findings = try HostCheck(site).findings()
            for finding in findings { print(finding) }
            if findings.contains(where: { $0.grade == .problem }) { throw ExitCode.failure }
            return
        }
        // Before `configuration`, which reads them from the file.
        try SharedHostingSettings(site).write(url: url)
        let configuration = try site.configuration()
        // For the lock; `prepare` creates the other folders.
        try Files.makeFolders(configuration.folders.run, mode: 0o750)
        // Wait until a draining worker of the previous version has exited: it must not use a newer schema.
        let lock = try FileLock(path: configuration.folders.drainLock)
        try lock.lock(.exclusive)
        // Only the settings in .env: the web server and cron do not have the variables of this shell.
        try DataFolder.prepare(
            configuration, EnvironmentFile.read(site.data + "/.env"), consent.answers)
        DataFolder.tryFormats(configuration)
        try site.write(
            SharedHostingFiles(site, configuration, usesFcgid: fcgid ?? site.usesFcgid).all())
        // Not before the files are replaced, so that no worker runs in between.
        lock.unlock()
        print(
            """
            Multires \(multiresVersion) is in \(site.root), its data is in \(site.data).
            Links begin with \(configuration.url); change this with --url.

            Add this line to cron (crontab -e, or the host's panel):

                * * * * * \(site.data)/tick

            Then run: \(ProgramFiles.folder)/multires deploy shared-hosting \(site.root) --check
            """)
    }

    private func removeSite(_ site: SharedHostingSite) throws {
        // Removes exactly the files that `write` has recorded; other files of the document root stay.
        try site.write([])
        print(
            """
            The site was removed from \(site.root). Remove its line from cron. All data is still \
            in \(site.data); to delete it too, run: rm -r \(site.data)
            """)
    }
}
