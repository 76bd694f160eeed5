import Administration
import ArgumentParser
import Foundation

struct DeployNginx: ParsableCommand {
    static let configuration = CommandConfiguration(
        commandName: "nginx",
        abstract: "Write the site for the distribution's nginx, and print how to enable it.",
        discussion: """
            The files are made from the same templates as those of "multires serve". Run this \
            again after each change of the settings or secrets, then reload nginx.
            """)

    @Option(help: "The folder to write to; default: nginx/site in the data folder.")
    var to: String?

    @Option(help: "The access log. Debian's logrotate rotates the files in the default folder.")
    var accessLog = "/var/log/nginx/multires.log"

    func run() throws {
        let settings = try Settings()
        let data = settings.configuration.folders
        // Absolute, because nginx looks for relative paths in its own folder.
        let target = to.map { URL(fileURLWithPath: $0).standardizedFileURL.path }
        let folder = target ?? data.nginx + "/site"
        // Debian's nginx.conf has `worker_processes auto`: one worker per processor core.
        let workers = ProcessInfo.processInfo.processorCount
        try settings.nginxFiles(workers: workers, accessLog: accessLog)
            .writeSite(to: folder)
        // nginx's workers must be able to enter the data folder, which is closed to other users.
        let owner = try FileManager.default.attributesOfItem(atPath: data.root)[.ownerAccountName]
        print(
            """
            The site is in \(folder). Run as root:

                ln -sf \(folder)/multires.conf /etc/nginx/sites-enabled/multires.conf
                nginx -t && systemctl reload nginx

            In /etc/nginx/nginx.conf, "user" must be the owner of \(data.root):

                user \(owner as? String ?? "multires");
            """)
    }
}
