"""`make install` into a folder of the test, and the first steps of a new user."""

import configparser
import json
import os
import pathlib
import pwd
import subprocess
import urllib.request

from stack import PROGRAMS, PROJECT, eventually, free_port

OWNER = pwd.getpwuid(os.getuid()).pw_name
PHOTO = sorted(pathlib.Path("/usr/share/backgrounds/mate/nature").glob("*.jpg"))[0]
SERVICES = ["multires-init.service", "multires-auth.service", "multires-image.service", "multires-worker@.service"]


def make(target, **variables):
    """Runs a target of the Makefile, without starting services unless START is set."""
    words = [f"{name}={value}" for name, value in {"START": "no", "PROGRAMS": PROGRAMS, **variables}.items()]
    return subprocess.run(["make", "-s", "-C", PROJECT, target, *words], capture_output=True, text=True)


class Installation:
    """Belongs to the user who runs the tests and is in absolute folders, so that its programs can run."""

    def __init__(self, folder):
        self.folder, self.port = folder, free_port()
        self.data, self.units = folder / "data", folder / "usr/lib/systemd/system"
        self.settings = folder / "etc/multires/multires.env"
        self.command = folder / "usr/bin/multires"
        self.variables = {"PREFIX": folder / "usr", "SYSCONFDIR": folder / "etc", "DATA": self.data, "OWNER": OWNER}
        self.install()

    def install(self):
        run = make("install", **self.variables)
        assert run.returncode == 0, run.stderr
        return run.stdout

    def environment(self):
        pairs = (line.split("=", 1) for line in self.settings.read_text().splitlines() if line and line[0] != "#")
        return dict(pairs)

    def unit(self, name):
        parser = configparser.RawConfigParser(strict=False)
        parser.optionxform = str
        parser.read(self.units / name)
        return parser


def upload(url):
    """Creates an account, uploads a photo, waits for its variants, downloads one, and deletes the image."""

    def ask(method, path, body=None, token=None, kind="application/json"):
        request = urllib.request.Request(path if "://" in path else url + path, body, method=method)
        request.add_header("Content-Type", kind)
        if token:
            request.add_header("Authorization", f"Bearer {token}")
        with urllib.request.urlopen(request) as answer:
            return answer.read()

    account = json.loads(
        ask(
            "POST",
            "/api/auth/register",
            json.dumps({"email": f"{os.urandom(6).hex()}@example.org", "password": "correct horse battery"}).encode(),
        )
    )
    token = account["accessToken"]
    image = json.loads(ask("POST", "/api/images/upload", PHOTO.read_bytes(), token, "image/jpeg"))["imageId"]
    eventually(
        lambda: (
            json.loads(ask("GET", f"/api/images/{image}/status?wait=20", token=token))["status"]
            in ("complete", "failed")
        ),
        60,
    )
    detail = json.loads(ask("GET", f"/api/images/{image}", token=token))
    assert detail["status"] == "complete", detail
    assert detail["attempts"] == 1, "the first attempt failed: the sandbox may forbid what the resizer needs"
    assert len(ask("GET", detail["sizes"]["large"]["url"])) == detail["sizes"]["large"]["bytes"]
    assert json.loads(ask("DELETE", f"/api/images/{image}", token=token))["deletedFiles"] == 5
