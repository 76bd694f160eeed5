"""Texts in requests: no text that www/openapi.json allows is refused as malformed, and no text that it
forbids is accepted."""

import pytest
from jsonschema import Draft202012Validator, FormatChecker

from contract import COMPONENTS, DOCUMENT, METHODS, faults, resolved
from generated import SCHEMA, ask
from owner import Account
from supply import IDS, REST, members

# Unicode's White_Space, and characters that are often mistaken for it.
BLANKS = [*"\t\n\v\f\r \x85\u00a0\u1680\u2000\u200a\u2028\u2029\u202f\u205f\u3000"]
NO_BLANKS = [*"\x1c\x1d\x1e\x1f\u180e\u200b\u200d\u2060\u3164\ufeff"]
TEXTS = [
    "",
    "\0",
    "a\0b",
    "\x01",
    "\x7f",
    "\u0301",
    "\u202e",
    "\ufffd",
    "\uffff",
    "\U0010ffff",
    "e\u0301",
    '"',
    "\\",
    "/",
    "..",
    "%00",
    "%",
    "null",
    "\r\n",
    *BLANKS,
    *NO_BLANKS,
    "a" * 100,
    "a" * 101,
    " " + "a" * 100,
    "a" * 256,
    "\u20ac" * 256,
    "a" * 1000,
    "\U0001f415" * 1000,
    "a" * 1001,
]

# Documented only in descriptions: these depend on other members or on the catalog.
BY_WORDS = {"weak_password", "invalid_email"}


def is_text(schema):
    kind = schema.get("type")
    return (
        kind == "string" or (isinstance(kind, list) and "string" in kind) or ("enum" in schema and "type" not in schema)
    )


def fields():
    """Yields the operation, the place of the text, its name and its schema."""
    for path, item in DOCUMENT["paths"].items():
        for operation in (item[method] for method in METHODS if method in item):
            name = operation["operationId"]
            for parameter in map(resolved, operation.get("parameters", [])):
                schema = resolved(parameter["schema"])
                if parameter["in"] == "query" and is_text(schema) and not path.startswith("/media"):
                    yield name, "query", parameter["name"], parameter["schema"]
            for kind, content in operation.get("requestBody", {}).get("content", {}).items():
                for member, schema in content["schema"].get("properties", {}).items():
                    if is_text(resolved(schema)) or "oneOf" in schema:
                        yield name, kind, member, schema


def request(owner, name, place, field, text):
    """A request that is valid apart from this text."""
    operation = SCHEMA.find_operation_by_id(name)
    case = (
        operation.Case(path_parameters={}, query={}, body={}, media_type="application/json")
        if operation.body
        else operation.Case(path_parameters={}, query={})
    )
    if name in IDS:
        case.path_parameters["id"] = IDS[name](owner)
    if name == "upload":
        case.media_type = "image/jpeg" if place == "query" else place
        case.body = owner.picture() if place == "query" else {"image": [owner.picture()]}
    elif name == "makeKey":
        members(case, name="camera", scopes=["read"], expiresAt=None)
    elif name in REST:
        REST[name](owner, case)
    if place == "query":
        case.query[field] = text
    else:
        case.body[field] = text
    return case


@pytest.mark.parametrize(
    "name, place, field, schema", list(fields()), ids=lambda value: None if isinstance(value, dict) else value
)
def test_text_is_refused_where_the_document_forbids_it(name, place, field, schema, stack, owner):
    validator = Draft202012Validator({**schema, "components": COMPONENTS}, format_checker=FormatChecker())
    found = []
    for text in TEXTS:
        # Wrong passwords for one account are rate limited, so each request has its own account.
        case = request(Account(stack) if name == "login" else owner, name, place, field, text)
        response, answer, _story = ask(case, owner, stack, owner.own_token(case))
        allowed = validator.is_valid(text)
        refused = response.status_code == 400 and response.json()["code"] not in BY_WORDS
        if faults(answer) or response.status_code >= 500 or (refused if allowed else response.status_code < 300):
            found.append((text[:20], "allowed" if allowed else "forbidden", answer.body[:200]))
    assert found == []
