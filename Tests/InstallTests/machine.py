"""A machine with a real systemd: this machine's Debian in its own namespaces (see boot). Needs root."""

import contextlib
import os
import pathlib
import re
import subprocess
import tempfile

from stack import PROGRAMS, PROJECT, eventually

HERE = pathlib.Path(__file__).parent


class NoMachine(Exception):
    """Namespaces, an overlay or a cgroup are not available here."""


def libraries():
    """Folders of linked libraries that are not Debian's, such as Swift's libraries for a debug build. They
    may be on another file system."""
    linked = subprocess.run(["ldd", PROGRAMS / "multires"], stdout=subprocess.PIPE, text=True, check=True).stdout
    paths = [path for path in re.findall(r"=> (/\S+)", linked) if not path.startswith(("/lib", "/usr/lib"))]
    return {str(pathlib.Path(path).parent) for path in paths}


class Machine:
    def __init__(self):
        self.scratch = tempfile.TemporaryDirectory()
        self.log = tempfile.TemporaryFile("w+")
        seen = {str(PROJECT), str(PROGRAMS.resolve())} | libraries()
        self.process = subprocess.Popen(
            [
                "unshare",
                "--mount",
                "--pid",
                "--fork",
                "--kill-child",
                "--cgroup",
                "--uts",
                "--ipc",
                "--net",
                HERE / "boot",
                self.scratch.name,
                *seen,
            ],
            stdin=subprocess.DEVNULL,
            stdout=self.log,
            stderr=self.log,
        )
        with contextlib.suppress(AssertionError):
            eventually(lambda: self.process.poll() is not None or self._is_up(), 180)
        if self.process.poll() is not None or not self._is_up():
            self.close()
            self.log.seek(0)
            raise NoMachine(self.log.read()[-500:] or "systemd does not start")
        try:
            # PrivateUsers=yes needs this, and the kernel refuses it to a process in a chroot.
            self.run("unshare", "--user", "true")
        except AssertionError as refusal:
            self.close()
            raise NoMachine(f"no user namespaces: {refusal}") from None

    def _inside(self, words):
        children = pathlib.Path(f"/proc/{self.process.pid}/task/{self.process.pid}/children")
        init = children.read_text().split()[0]
        return ["nsenter", "-t", init, "-m", "-p", "-u", "-i", "-n", "-C", "-r", "-w", *words]

    def start(self, *words):
        return subprocess.Popen(
            self._inside(words), stdin=subprocess.DEVNULL, stdout=subprocess.PIPE, stderr=subprocess.PIPE, text=True
        )

    def run(self, *words, check=True):
        """Runs a command inside and returns what it printed."""
        process = self.start(*words)
        output, errors = process.communicate(timeout=120)
        assert process.returncode == 0 or not check, f"{words}: {output}{errors}"
        return output.strip()

    def make(self, target):
        return self.run(
            "env", f"PATH={os.environ['PATH']}", "make", "-s", "-C", str(PROJECT), target, f"PROGRAMS={PROGRAMS}"
        )

    def states(self, *units):
        return self.run("systemctl", "is-active", *units, check=False).split()

    def _is_up(self):
        try:
            return self.run("systemctl", "is-system-running", check=False) in ("running", "degraded")
        except (IndexError, OSError):
            return False

    def close(self):
        self.process.kill()
        self.process.wait()
        self.scratch.cleanup()
