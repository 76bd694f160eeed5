"""A site on shared hosting, and its clients."""

import http.client
import json
import uuid

from host import Apache
from stack import PASSWORD, eventually

ORIGIN = "https://www.example.org"


class Answer:
    def __init__(self, status, fields, body):
        self.status, self.body = status, body
        self.fields = [(name.lower(), value) for name, value in fields]

    def values(self, name):
        return [value for given, value in self.fields if given == name]

    @property
    def json(self):
        return json.loads(self.body)


def ask(port, method, target, headers=(), body=None):
    connection = http.client.HTTPConnection("127.0.0.1", port, timeout=60)
    try:
        connection.request(method, target, body, dict(headers))
        answer = connection.getresponse()
        return Answer(answer.status, answer.getheaders(), answer.read())
    finally:
        connection.close()


class Site:
    """`inside` is a folder that contains both the document root and the data folder."""

    def __init__(self, host, archive, *options, settings=(), flags="", inside=None, **apache):
        self.host, self.archive = host, archive
        self.name = f"{inside}/photos" if inside else f"site-{uuid.uuid4().hex[:8]}"
        self.data_name = f"{inside}/multires-data" if inside else f"{self.name}-data"
        self.apache = Apache(host, self.name, **apache)
        self.url = f"http://127.0.0.1:{self.apache.port}"
        # These tests do not need expensive password hashes.
        host.put(
            f"{self.data_name}/.env",
            "".join(f"{line}\n" for line in ["MULTIRES_SCRYPT=ln=10,r=8,p=1", *settings]).encode(),
        )
        host.run(f"chmod 750 {self.data_name}")
        self.output = self.deploy(f"--url {self.url} {flags}")

    @property
    def data(self):
        return self.host.home / self.data_name

    @property
    def root(self):
        return self.host.home / self.name

    def command(self, options="", archive=None):
        return (
            f"{archive or self.archive}/bin/multires deploy shared-hosting {self.name} "
            f"--data {self.data_name} {options}"
        )

    def deploy(self, options="", archive=None):
        return self.host.run(self.command(options, archive))

    def check(self, before=""):
        """Runs `--check` and returns {subject: (grade, sentence)}."""
        done = self.host.inside(before + self.command("--check"))
        findings = {}
        for line in done.stdout.splitlines():
            grade, rest = line.split(None, 1)
            subject, sentence = rest.split(": ", 1)
            findings[subject] = (grade, sentence)
        assert findings, done.stderr
        assert (done.returncode != 0) == any(grade == "problem" for grade, _ in findings.values())
        return findings

    def log(self):
        """All logs so far: of the programs and of Apache."""
        files = [self.data / "requests.log", self.data / "drain.log"]
        return "".join(file.read_text() for file in files if file.exists()) + self.apache.log()

    def tick(self):
        self.host.run(f"{self.data_name}/tick")

    def ask(self, method, target, headers=(), body=None):
        return ask(self.apache.port, method, target, headers, body)

    def register(self):
        return Client(
            self,
            self.ask(
                "POST",
                "/api/auth/register",
                body=json.dumps({"email": f"{uuid.uuid4().hex[:12]}@example.org", "password": PASSWORD}),
            ).json,
        )

    def close(self):
        self.apache.stop()


class Client:
    def __init__(self, site, account):
        self.site, self.account = site, account

    def ask(self, method, target, body=None, **headers):
        return self.site.ask(
            method, target, {"Authorization": f"Bearer {self.account['accessToken']}", **headers}, body
        )

    def send(self, photo, **query):
        words = "&".join(f"{key}={value}" for key, value in {"filename": photo.name, **query}.items())
        answer = self.ask("POST", f"/api/images/upload?{words}", photo.read_bytes(), **{"Content-Type": "image/jpeg"})
        assert answer.status == 202, (answer.body, self.site.log())
        return answer.json["imageId"]

    def status(self, image):
        return self.ask("GET", f"/api/images/{image}/status").json["status"]

    def picture(self, photo, **query):
        """Uploads a photo, waits until its image is complete, and returns the detail."""
        image = self.send(photo, **query)
        eventually(
            lambda: self.ask("GET", f"/api/images/{image}/status?wait=20").json["status"] in ("complete", "failed"), 60
        )
        detail = self.ask("GET", f"/api/images/{image}").json
        assert detail["status"] == "complete", (detail, self.site.log())
        if detail["visibility"] == "public":
            # The public link is created after the row in the database.
            eventually(lambda: self.site.ask("GET", self.path(detail, "thumbnail")).status == 200)
        return detail

    def path(self, detail, size):
        """The path of a size's URL, with the query that signs it."""
        url = detail["sizes"][size]["url"]
        assert url.startswith(self.site.url + "/")
        return url[len(self.site.url) :]
