import Administration
import ArgumentParser
import Foundation

struct DeployNginx: ParsableCommand {
    static let configuration = CommandConfiguration(
        commandName: "nginx",
        abstract: "Writes the server block for a distribution's nginx, and says where it goes.",
        discussion: """
            From the same templates as "multires serve". Again after a change of the settings or the \
            secrets; then reload nginx.
            """)

    @Option(help: "The folder to write to; default: nginx/site in the data folder.")
    var to: String?

    @Option(help: "Debian's logrotate turns over what is in that folder.")
    var accessLog = "/var/log/nginx/multires.log"

    func run() throws {
        let settings = try Settings()
        let data = settings.configuration.folders
        let target = to.map { URL(fileURLWithPath: $0).standardizedFileURL.path }
        let folder = target ?? data.nginx + "/site"
        // Debian's nginx.conf says `worker_processes auto`: one for each core.
        let workers = ProcessInfo.processInfo.processorCount
        try settings.nginxFiles(workers: workers, accessLog: accessLog)
            .writeSite(to: folder)
        let owner = try FileManager.default.attributesOfItem(atPath: data.root)[.ownerAccountName]
        print(
            """
            Written to \(folder). As root:

                ln -sf \(folder)/multires.conf /etc/nginx/sites-enabled/multires.conf
                nginx -t && systemctl reload nginx

            In /etc/nginx/nginx.conf, "user" must be the owner of \(data.root):

                user \(owner as? String ?? "multires");
            """)
    }
}
