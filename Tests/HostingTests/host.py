"""A host with shared hosting: an older Debian with only Apache, and an ordinary user.

It runs in its own namespaces. `unshare` kills their first process when the test process ends. The kernel
then kills all processes inside and removes all mounts, regardless of what a test did. This also removes the
shared memory of mod_fcgid: its key is made from an inode number and could keep a later Apache from starting.
"""

import contextlib
import pathlib
import socket
import subprocess

import debian
from stack import eventually, free_port

SUITE = "bullseye"  # glibc 2.31; the archive is built with a newer one
PACKAGES = ["apache2", "apache2-suexec-custom", "libapache2-mod-fcgid", "curl"]
USER, UID = "guest", 1000

MODULES = ["mpm_prefork", "authz_core", "rewrite", "headers", "setenvif", "mime", "dir", "autoindex", "cgi"]


class Host:
    def __init__(self, folder):
        script = """mount -t tmpfs -o mode=755 tmpfs "$1" && cp -a "$2/." "$1" &&
            mount -t proc proc "$1/proc" && exec chroot "$1" sleep infinity"""
        self.process = subprocess.Popen(
            [
                "unshare",
                "--mount",
                "--pid",
                "--ipc",
                "--fork",
                "--kill-child",
                "--propagation",
                "private",
                "sh",
                "-c",
                script,
                "sh",
                folder,
                debian.base(SUITE, PACKAGES, USER, UID),
            ],
            stdin=subprocess.DEVNULL,
        )
        children = pathlib.Path(f"/proc/{self.process.pid}/task/{self.process.pid}/children")
        self.first = eventually(lambda: children.read_text().strip())
        name = pathlib.Path(f"/proc/{self.first}/comm")
        eventually(lambda: name.read_text() == "sleep\n", 120)
        # The host's files as seen from outside.
        self.root = pathlib.Path(f"/proc/{self.first}/root")
        self.home = self.root / "home" / USER

    def inside(self, command, **variables):
        """Runs a shell command as the user in the home folder. Returns its output and exit status."""
        settings = [f"{name}={value}" for name, value in variables.items()]
        return subprocess.run(
            [
                "nsenter",
                "-t",
                self.first,
                "-m",
                "-p",
                "-i",
                "-r",
                "-w",
                "setpriv",
                f"--reuid={UID}",
                f"--regid={UID}",
                "--clear-groups",
                "env",
                "-i",
                f"HOME=/home/{USER}",
                "PATH=/usr/bin:/bin:/usr/sbin",
                *settings,
                "sh",
                "-c",
                f"cd && {command}",
            ],
            stdin=subprocess.DEVNULL,
            capture_output=True,
            text=True,
        )

    def run(self, command):
        done = self.inside(command)
        assert done.returncode == 0, f"{command}: {done.stdout}{done.stderr}"
        return done.stdout

    def put(self, name, content):
        path = self.home / name
        path.parent.mkdir(parents=True, exist_ok=True)
        path.write_bytes(content)
        self.run_as_root("chown", "-R", f"{USER}:{USER}", f"/home/{USER}")

    def run_as_root(self, *command):
        subprocess.run(["nsenter", "-t", self.first, "-m", "-p", "-i", "-r", *command], check=True)

    def close(self):
        self.process.kill()
        self.process.wait()
        eventually(lambda: not pathlib.Path(f"/proc/{self.first}").exists())


class Apache:
    """Apache as hosts run it for a customer, with rules in .htaccess. Everything runs as the user; with
    `suexec`, only the programs do, and the rest runs as www-data."""

    def __init__(self, host, name, modules=(), without=(), override="All", more="", suexec=False):
        self.host, self.name, self.suexec = host, name, suexec
        if suexec:
            modules = [*modules, "suexec"]
            more += f"\nUser www-data\nGroup www-data\nSuexecUserGroup {USER} {USER}\n"
            (host.root / "etc/apache2/suexec/www-data").write_text("/home\npublic_html\n")
        self.port = free_port()
        self.folder = f"/home/{USER}/{name}-apache"
        lines = [
            f"LoadModule {module}_module /usr/lib/apache2/modules/mod_{module}.so"
            for module in [*MODULES, *modules]
            if module not in without
        ]
        host.put(
            f"{name}-apache/httpd.conf",
            "\n".join(
                [
                    "ServerRoot /etc/apache2",
                    "ServerName localhost",
                    f"Listen 127.0.0.1:{self.port}",
                    f"PidFile {self.folder}/pid",
                    f"ErrorLog {self.folder}/error.log",
                    f"Mutex file:{self.folder} default",
                    *lines,
                    "TypesConfig /etc/mime.types",
                    "DirectoryIndex index.html",
                    f"DocumentRoot /home/{USER}/{name}",
                    f"<Directory /home/{USER}/{name}>",
                    f"    AllowOverride {override}",
                    "    Options Indexes SymLinksIfOwnerMatch",
                    "    Require all granted",
                    "</Directory>",
                    more,
                    "",
                ]
            ).encode(),
        )
        host.run(f"mkdir -p {name}")
        self.control("start")
        # The command exits before the server listens.
        eventually(self.listens, what=f"Apache on port {self.port}")

    def listens(self):
        with contextlib.suppress(ConnectionRefusedError), socket.create_connection(("127.0.0.1", self.port)):
            return True

    def log(self):
        return (self.host.root / self.folder[1:] / "error.log").read_text(errors="replace")

    def control(self, word):
        command = f"apache2 -f {self.folder}/httpd.conf -k {word}"
        if self.suexec:
            self.host.run_as_root(*command.split())
        else:
            self.host.run(command)

    def stop(self):
        self.control("stop")
