"""Requests, each on a new connection, and what a response promises."""

import dataclasses
import http.client
import json
import time
import uuid

DONE, REFUSED, OPEN = "done", "refused", "open"
# Seconds for which a request to a busy service is repeated, on a loaded machine.
PATIENCE = 60


@dataclasses.dataclass
class Answer:
    """`status` is None when no response came, or only after the power cut."""

    request: str
    status: int | None
    body: bytes = b""
    at: float = 0

    @property
    def json(self):
        return json.loads(self.body)

    @property
    def code(self):
        try:
            return json.loads(self.body).get("code", "")
        except (ValueError, AttributeError):
            return ""

    @property
    def outcome(self):
        """DONE: the change is promised. REFUSED: nothing changed. OPEN: the change may be stored or not."""
        if self.status is None or self.status in (502, 504) or self.code == "unknown_outcome":
            return OPEN
        return DONE if self.status < 300 else REFUSED

    def __str__(self):
        return f"{self.request} → {self.status} {self.code}".strip()


class NoAnswer(Exception):
    """No response came, although no fault was being injected."""


class Api:
    def __init__(self, port):
        self.port = port
        # True while facts are checked: a request without a response raises NoAnswer.
        self.must_answer = False
        # Responses after this time (time.monotonic) do not count; None for no limit.
        self.ends_at = None
        # Called with each response to a request other than GET.
        self.heard = lambda answer: None

    def request(self, *words, **more):
        """Sends a request. While facts are checked, repeats it when the response is "busy"."""
        end = time.monotonic() + PATIENCE
        while True:
            answer = self._request(*words, **more)
            if not self.must_answer or answer.code != "busy" or time.monotonic() > end:
                return answer
            time.sleep(0.5)

    def _request(self, method, path, body=None, token=None, headers=(), timeout=60):
        headers = dict(headers)
        if isinstance(body, dict):
            body = json.dumps(body).encode()
            headers["Content-Type"] = "application/json"
        if token:
            headers["Authorization"] = f"Bearer {token}"
        name = f"{method} {path}"
        connection = http.client.HTTPConnection("127.0.0.1", self.port, timeout=timeout)
        try:
            connection.request(method, path, body, headers)
            answer = connection.getresponse()
            answer = Answer(name, answer.status, answer.read(), time.monotonic())
        except (OSError, http.client.HTTPException) as error:
            if self.must_answer:
                raise NoAnswer(f"{name}: {type(error).__name__} {error}") from None
            return Answer(name, None)
        finally:
            connection.close()
        if self.ends_at is not None and answer.at >= self.ends_at:
            return Answer(name, None)
        if method != "GET":
            self.heard(answer)
        return answer

    def get(self, path, token=None):
        return self.request("GET", path, token=token)

    def fetch(self, url):
        """Gets a URL from a response."""
        return self.request("GET", url[url.index("/", len("http://")) :])


def multipart(photo, name, kind, **fields):
    """The body and the content type of a form as browsers send it."""
    boundary = uuid.uuid4().hex
    begin = f"--{boundary}\r\nContent-Disposition: form-data; name="
    parts = [f'{begin}"{key}"\r\n\r\n{value}\r\n' for key, value in fields.items()]
    parts.append(f'{begin}"image"; filename="{name}"\r\nContent-Type: {kind}\r\n\r\n')
    body = "".join(parts).encode() + photo + f"\r\n--{boundary}--\r\n".encode()
    return body, f"multipart/form-data; boundary={boundary}"
