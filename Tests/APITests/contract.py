"""Reads www/openapi.json and finds everything in a response that it does not document."""

import dataclasses
import fnmatch
import json
import pathlib
import posixpath
import re
import urllib.parse

from jsonschema import Draft202012Validator, FormatChecker

PROJECT = pathlib.Path(__file__).resolve().parents[2]
DOCUMENT = json.loads((PROJECT / "www/openapi.json").read_text())
METHODS = ("get", "post", "put", "patch", "delete")

# Paths of programs; every other path is a page. ANYWHERE has the statuses that nginx may send for any path:
# an invalid request, a method that is not allowed, an exceeded limit, a responder that is down.
API = re.compile(r"/(api|media/|metrics$|health$)")
ANYWHERE = {400, 405, 413, 414, 429, 431, 500, 501, 502, 503, 504, 505}


@dataclasses.dataclass
class Answer:
    method: str
    target: str
    status: int
    headers: list  # of (name in lower case, value)
    bytes: int
    body: str | None = None  # None: neither JSON nor plain text

    def values(self, name):
        return [value for key, value in self.headers if key == name.lower()]


def resolved(part):
    while "$ref" in part:
        *path, name = part["$ref"].removeprefix("#/").split("/")
        found = DOCUMENT
        for step in [*path, name]:
            found = found[step]
        part = found
    return part


def strict(schema, whole=True):
    """The same schema without unlisted members. A schema that other schemas extend is not `whole`."""
    if not isinstance(schema, dict):
        return schema
    made = dict(schema)
    for name in ("properties", "patternProperties"):
        if name in made:
            made[name] = {key: strict(value) for key, value in made[name].items()}
    for name in ("items", "additionalProperties"):
        if name in made:
            made[name] = strict(made[name])
    if "oneOf" in made:
        made["oneOf"] = [strict(one) for one in made["oneOf"]]
    if whole and ("properties" in made or "$ref" in made):
        made["unevaluatedProperties"] = False
    return made


COMPONENTS = {"schemas": {name: strict(schema, False) for name, schema in DOCUMENT["components"]["schemas"].items()}}


def misfits(schema, value, name):
    """One line for each violation of the schema by the value."""
    validator = Draft202012Validator({**strict(schema), "components": COMPONENTS}, format_checker=FormatChecker())
    return [f"{name}{error.json_path[1:]}: {error.message[:300]}" for error in validator.iter_errors(value)]


def _pattern(path):
    parts = [re.escape(part) if part[0] != "{" else "[^/]+?" for part in re.findall(r"{\w+}|[^{]+", path)]
    return re.compile("".join(parts))


# A literal segment matches before a parameter.
PATHS = [
    (_pattern(path), path)
    for path in sorted(
        DOCUMENT["paths"], key=lambda path: ([part[0] == "{" for part in path.split("/")[1:] if part], path.count("{"))
    )
]


def path_of(target):
    """The documented path that a request's target matches, or None; and its path as nginx reads it."""
    address = urllib.parse.unquote(urllib.parse.urlsplit(target).path)
    if address.startswith("/") and address != "/":
        slash = "/" if address.endswith("/") else ""
        address = "/" + posixpath.normpath(address).lstrip("/") + slash
    return next((path for pattern, path in PATHS if pattern.fullmatch(address)), None), address


def operation_of(method, path):
    """The documented operation, or None. HEAD is answered like GET."""
    return DOCUMENT["paths"][path].get("get" if method == "HEAD" else method.lower())


def documented(operation, status):
    """The documented response for this status or for its range, such as 5XX; None if neither is listed."""
    found = operation["responses"].get(str(status)) or operation["responses"].get(f"{status // 100}XX")
    return found and resolved(found)


def faults(answer):
    """Everything in the response that is not documented, one line each."""
    found = []
    if len(answer.values("x-request-id")) != 1:
        found.append("X-Request-Id")
    path, address = path_of(answer.target)
    if answer.method == "OPTIONS" and answer.status == 204:
        return found
    if path is None or operation_of(answer.method, path) is None:
        return found + _elsewhere(answer, path, address)
    response = documented(operation_of(answer.method, path), answer.status)
    if response is None:
        return [*found, f"the status {answer.status}"]
    return found + _headers(answer, response) + _body(answer, response)


def _elsewhere(answer, path, address):
    if not API.match(address):
        return []
    # Before an upload, nginx checks the token, regardless of the method.
    allowed = ANYWHERE | ({404} if path is None else {401, 403})
    if answer.status not in allowed:
        return [f"the status {answer.status}, where nothing is listed"]
    if answer.status == 405 and len(answer.values("allow")) != 1:
        return ["405 without Allow"]
    if answer.method == "HEAD":
        return []
    return misfits(
        {
            "$ref": "#/components/schemas/Problem",
            "properties": {"retryAfter": {"type": "integer"}, "limitBytes": {"type": "integer"}},
        },
        json.loads(answer.body or "null"),
        "body",
    )


def _headers(answer, response):
    found = []
    for name, header in response.get("headers", {}).items():
        header = resolved(header)
        values = answer.values(name)
        if not values and header.get("required"):
            found.append(f"the header {name} is missing")
        if header["schema"].get("type") == "integer":
            values = [int(value) if value.isdecimal() else value for value in values]
        # If there are two (a 416 also has the file's Cache-Control), one must match.
        if values and all(misfits(header["schema"], value, name) for value in values):
            found += misfits(header["schema"], values[0], name)
    return found


def _body(answer, response):
    content = response.get("content", {})
    if not content or answer.method == "HEAD":
        return [f"a body of {answer.bytes} bytes"] if answer.bytes else []
    kind = (answer.values("content-type") or [""])[-1]
    listed = next(
        (
            entry
            for name, entry in content.items()
            if fnmatch.fnmatch(kind, name) or fnmatch.fnmatch(kind.split(";")[0], name)
        ),
        None,
    )
    if listed is None:
        return [f"the type {kind!r}"]
    if kind.split(";")[0] != "application/json":
        return []
    try:
        body = json.loads(answer.body)
    except ValueError:
        return ["a body that is not JSON"]
    found = misfits(listed["schema"], body, "body")
    if answer.status >= 400 and [body.get("requestId")] != answer.values("x-request-id"):
        found.append("requestId differs from X-Request-Id")
    if answer.status >= 400 and "retryAfter" in body and [str(body["retryAfter"])] != answer.values("retry-after"):
        found.append("retryAfter differs from Retry-After")
    return found
