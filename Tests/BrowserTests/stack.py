"""The whole service as `multires serve` runs it, with its own port and data folder."""

import contextlib
import json
import os
import pathlib
import random
import shutil
import signal
import socket
import subprocess
import tempfile
import time
import urllib.parse
import urllib.request
import uuid

PROJECT = pathlib.Path(__file__).resolve().parents[2]
PROGRAMS = pathlib.Path(os.environ.get("MULTIRES_PROGRAMS", PROJECT / ".build/debug"))
PASSWORD = "correct horse battery"


def eventually(condition, within=120, what=""):
    """Waits until `condition()` is true, for at most `within` seconds, and returns its value."""
    end = time.monotonic() + within
    while time.monotonic() < end:
        if value := condition():
            return value
        time.sleep(0.02)
    raise AssertionError(f"not within {within} s: {what or condition}")


FIRST_PORT, BLOCK, BLOCKS = 12_000, 50, 400
_claims, _ports = [], []


def free_port():
    """A free loopback port, below the ports of outgoing connections. Like FreePort in Tests/Support, this
    process claims a block of ports with the abstract name of a socket (unix(7)), so that no other test run
    gets the same port at the same time."""
    while True:
        if not _ports:
            _claim_block()
        port = _ports.pop(0)
        with socket.socket() as probe, contextlib.suppress(OSError):
            probe.bind(("127.0.0.1", port))
            return port


def _claim_block():
    begin = random.SystemRandom().randrange(BLOCKS)
    for block in [*range(begin, BLOCKS), *range(begin)]:
        claim = socket.socket(socket.AF_UNIX, socket.SOCK_DGRAM)
        try:
            claim.bind(f"\0multires-test-ports-{block}")
        except OSError:
            claim.close()
            continue
        _claims.append(claim)
        first = FIRST_PORT + block * BLOCK
        _ports.extend(range(first, first + BLOCK))
        return
    raise OSError("every block of ports is taken")


class Stack:
    def __init__(self, **settings):
        self.folder = pathlib.Path(tempfile.mkdtemp(prefix="multires-browser-"))
        self.port = free_port()
        self.url = f"http://127.0.0.1:{self.port}"
        self.environment = {
            "PATH": os.environ["PATH"],
            "MULTIRES_HOME": str(PROJECT),
            "MULTIRES_DATA": str(self.folder / "data"),
            "MULTIRES_PORT": str(self.port),
            "MULTIRES_URL": self.url,
            # Tests of limits or of hashing set their own values.
            "MULTIRES_RATE_LIMITS": "off",
            "MULTIRES_SCRYPT": "ln=10,r=8,p=1",
            "MULTIRES_HASH_SLOTS": "8",
            # Other tests use all processors at the same time.
            "MULTIRES_RESIZER_PRIORITY": "normal",
            **settings,
        }
        self.start()

    def start(self):
        begin = len(self.log())
        with open(self.folder / "log", "ab") as log:
            self.process = subprocess.Popen(
                ["setpriv", "--pdeathsig", "TERM", PROGRAMS / "multires", "serve"],
                env=self.environment,
                stdin=subprocess.DEVNULL,
                stdout=log,
                stderr=log,
                start_new_session=True,
            )
        eventually(lambda: "Multires is at" in self.log()[begin:] or self.process.poll() is not None, 60)
        assert self.process.poll() is None, self.log()

    def log(self):
        path = self.folder / "log"
        return path.read_text(errors="replace") if path.exists() else ""

    def kill(self):
        """Kills all processes at once, like a power failure. Each program that `multires serve` starts leads
        its own process group, so all processes of the session are killed one by one."""
        while living := list(self._living()):
            for process in living:
                with contextlib.suppress(ProcessLookupError):
                    os.kill(process, signal.SIGKILL)
            self.process.poll()
        self.process.wait()

    def _living(self):
        """The living processes of the session. State and session are fields 3 and 6 of /proc/PID/stat
        (proc(5))."""
        for name in filter(str.isdecimal, os.listdir("/proc")):
            with contextlib.suppress(OSError):
                stat = pathlib.Path("/proc", name, "stat").read_text()
                state, _, _, session = stat.rpartition(")")[2].split()[:4]
                if int(session) == self.process.pid and state != "Z":
                    yield int(name)

    def close(self, keep=False):
        self.process.terminate()
        self.process.wait()
        if keep or os.environ.get("MULTIRES_KEEP"):
            print(f"kept: {self.folder}")
        else:
            shutil.rmtree(self.folder, ignore_errors=True)

    def request(self, method, path, body=None, token=None, headers=()):
        data = json.dumps(body).encode() if isinstance(body, dict) else body
        request = urllib.request.Request(self.url + path, data, dict(headers), method=method)
        if isinstance(body, dict):
            request.add_header("Content-Type", "application/json")
        if token:
            request.add_header("Authorization", f"Bearer {token}")
        with urllib.request.urlopen(request) as answer:
            text = answer.read()
        return json.loads(text) if text else None

    def register(self):
        """Creates an account and returns the service's response."""
        email = f"{uuid.uuid4().hex[:12]}@example.org"
        return self.request("POST", "/api/auth/register", {"email": email, "password": PASSWORD})

    def upload(self, photo, token, **query):
        """Uploads a photo, waits until its image is complete or has failed, and returns its id."""
        words = urllib.parse.urlencode({"filename": photo.name, **query})
        accepted = self.request(
            "POST", f"/api/images/upload?{words}", photo.read_bytes(), token, {"Content-Type": "image/jpeg"}
        )
        image = accepted["imageId"]
        eventually(
            lambda: (
                self.request("GET", f"/api/images/{image}/status?wait=20", token=token)["status"]
                in ("complete", "failed")
            ),
            60,
        )
        return image
