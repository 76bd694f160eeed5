"""`multires serve` in a given folder, and all processes that belong to it."""

import contextlib
import ctypes
import http.client
import json
import os
import pathlib
import shutil
import signal
import sqlite3
import subprocess
import sys
import time

sys.path.append(str(pathlib.Path(__file__).resolve().parents[1] / "BrowserTests"))
from stack import PROGRAMS, PROJECT, eventually, free_port

__all__ = ["PROGRAMS", "PROJECT", "Service", "eventually"]

# Seconds for a start on a loaded machine. The promise is 30 s.
START = 60
PR_SET_CHILD_SUBREAPER = 36


class Process:
    """A process. Its kind is serve, nginx master, nginx worker, or the name of its program."""

    def __init__(self, pid):
        self.pid = pid
        root = pathlib.Path(f"/proc/{pid}")
        stat = (root / "stat").read_text()
        fields = stat[stat.rindex(")") + 2 :].split()
        self.state, self.parent, self.session = fields[0], int(fields[1]), int(fields[3])
        self.name = stat[stat.index("(") + 1 : stat.rindex(")")]
        # The process id and start time identify a process; an exec changes only the name.
        self.identity = (pid, fields[19], self.name)

    def read(self, file):
        with contextlib.suppress(OSError):
            return pathlib.Path(f"/proc/{self.pid}/{file}").read_bytes()
        return b""

    @property
    def command(self):
        return self.read("cmdline").replace(b"\0", b" ").decode(errors="replace")

    @property
    def kind(self):
        if self.name == "nginx":
            return "nginx master" if "master process" in self.command else "nginx worker"
        return "serve" if self.name == "multires" else self.name


class Service:
    def __init__(self, folder, say, **settings):
        # The orphans of a killed serve become children of the campaign.
        ctypes.CDLL(None).prctl(PR_SET_CHILD_SUBREAPER, 1, 0, 0, 0)
        self.folder, self.data, self.say = folder, pathlib.Path(folder) / "data", say
        self.port = free_port()
        self.log = None
        self.process = None
        self.sessions = set()
        self.unrelated = set()
        self.environment = {
            "PATH": os.environ["PATH"],
            "MULTIRES_HOME": str(PROJECT),
            "MULTIRES_DATA": str(self.data),
            "MULTIRES_PORT": str(self.port),
            "MULTIRES_URL": f"http://127.0.0.1:{self.port}",
            "MULTIRES_RATE_LIMITS": "off",
            "MULTIRES_SCRYPT": "ln=10,r=8,p=1",
            "MULTIRES_HASH_SLOTS": "16",
            # The other tests use all processors, which would starve a resizer of low priority.
            "MULTIRES_RESIZER_PRIORITY": "normal",
            "MULTIRES_LOGIN_PAIR_FAILURES": "1000000",
            "MULTIRES_LOGIN_ACCOUNT_FAILURES": "1000000",
            "MULTIRES_LOGIN_ADDRESS_FAILURES": "1000000",
            "MULTIRES_DISK_RESERVE": "4MB",
            "MULTIRES_RESIZER_IDLE": "600s",
            "MULTIRES_RESIZERS": "2",
            # An image whose resizer or worker is killed often must not fail because of that.
            "MULTIRES_ATTEMPTS": "20",
            "JWT_ACCESS_EXPIRE": "1d",
            "MULTIRES_LINK_SLOT": "1d",
            **settings,
        }

    def start(self, log):
        self.log, self.log_begin = log, log.stat().st_size if log.exists() else 0
        with open(log, "ab") as file:
            self.process = subprocess.Popen(
                ["setpriv", "--pdeathsig", "TERM", PROGRAMS / "multires", "serve"],
                env=self.environment,
                stdin=subprocess.DEVNULL,
                stdout=file,
                stderr=file,
                start_new_session=True,
            )
        self.sessions.add(self.process.pid)
        self.announced = False

    def ended(self):
        """Whether serve has exited. The campaign then restarts it, as systemd would."""
        return self.process is None or self.process.poll() is not None

    def is_up(self):
        """Whether the service answers. Processes of an earlier serve may answer while the new one starts, so
        this waits for the new one's announcement."""
        if not self.has_announced():
            return False
        return all(self.asks(path) for path in ("/health", "/api/auth/health", "/api/health"))

    def has_announced(self):
        if not self.announced:
            with open(self.log, "rb") as file:
                file.seek(self.log_begin)
                self.announced = b"Multires is at" in file.read()
        return self.announced

    def asks(self, path):
        with contextlib.suppress(OSError, http.client.HTTPException):
            connection = http.client.HTTPConnection("127.0.0.1", self.port, timeout=5)
            try:
                connection.request("GET", path)
                return connection.getresponse().status == 200
            finally:
                connection.close()
        return False

    def answers(self, within=START):
        """Waits until all programs answer. False when they do not in time, or serve has exited."""
        end = time.monotonic() + within
        while time.monotonic() < end:
            # serve may wait for an orphan to exit, which must not stay as a zombie.
            self.reap()
            if self.is_up():
                return True
            if self.ended():
                return False
            time.sleep(0.02)
        return False

    def processes(self):
        """The processes of this service, found by the data folder in their environment or command, or by
        their session or parent. Never by name, because other stacks run on the same machine."""
        self.reap()
        found = {}
        for name in os.listdir("/proc"):
            if name.isdigit() and int(name) != os.getpid():
                with contextlib.suppress(OSError, ValueError):
                    found[int(name)] = Process(int(name))
        variable = f"MULTIRES_DATA={self.data}\0".encode()
        ours = set()
        for pid, one in found.items():
            if one.session in self.sessions:
                ours.add(pid)
            elif one.identity not in self.unrelated:
                if variable in one.read("environ") or f"{self.data}/" in one.command:
                    ours.add(pid)
                else:
                    self.unrelated.add(one.identity)
        while True:
            more = {pid for pid, one in found.items() if one.parent in ours} - ours
            if not more:
                break
            ours |= more
        # Ended sessions are dropped, because the kernel reuses their numbers for other processes.
        self.sessions = {found[pid].session for pid in ours} - {os.getsid(0)}
        return [found[pid] for pid in ours if found[pid].state not in "ZX"]

    def reap(self):
        """Reaps orphans that have exited, but not serve, for which subprocess waits."""
        own = pathlib.Path(f"/proc/{os.getpid()}/task/{os.getpid()}/children").read_text().split()
        for pid in map(int, own):
            if self.process is None or pid != self.process.pid:
                with contextlib.suppress(OSError):
                    if Process(pid).session in self.sessions:
                        os.waitpid(pid, os.WNOHANG)

    def kill_all(self):
        """Kills all programs with SIGKILL, as a power cut does. Returns whether none is left."""
        for _ in range(500):
            left = self.processes()
            if not left:
                break
            for one in left:
                with contextlib.suppress(ProcessLookupError):
                    os.kill(one.pid, signal.SIGKILL)
            time.sleep(0.01)
        if self.process:
            self.process.wait()
        return not left

    def stop(self):
        """Stops serve with SIGTERM. Returns whether no process was left."""
        if self.ended():
            return self.kill_all()
        self.process.terminate()
        with contextlib.suppress(subprocess.TimeoutExpired):
            self.process.wait(30)
        left = self.processes()
        self.kill_all()
        return not left

    def command(self, *words):
        return subprocess.run(
            [PROGRAMS / "multires", *words],
            env=self.environment,
            stdin=subprocess.DEVNULL,
            capture_output=True,
            text=True,
            timeout=300,
        )

    def doctor(self):
        """The problems that `multires doctor` finds."""
        said = self.command("doctor", "--json")
        try:
            findings = json.loads(said.stdout)["findings"]
        except (ValueError, KeyError):
            return [f"doctor gave no report: {said.stdout} {said.stderr}"]
        return [f"{one['subject']}: {one['sentence']}" for one in findings if one["grade"] == "problem"]

    def check_copy(self, place):
        """Runs integrity_check and foreign_key_check on a copy of the database. All programs must be stopped,
        so that the copy is what a start would find. Returns SQLite's findings, without "ok"."""
        place = pathlib.Path(place)
        for name in ("catalog.sqlite3", "catalog.sqlite3-wal"):
            (place / name).unlink(missing_ok=True)
            with contextlib.suppress(FileNotFoundError):
                shutil.copy(self.data / name, place / name)
        if not (place / "catalog.sqlite3").exists():
            return []
        copy = sqlite3.connect(place / "catalog.sqlite3")
        try:
            said = [row[0] for row in copy.execute("PRAGMA integrity_check")]
            said += [f"foreign key {row}" for row in copy.execute("PRAGMA foreign_key_check")]
            return [line for line in said if line != "ok"]
        except sqlite3.DatabaseError as error:
            return [str(error)]
        finally:
            copy.close()
