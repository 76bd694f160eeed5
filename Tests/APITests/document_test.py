"""www/openapi.json is valid and complete, and its examples match its schemas."""

import json
import re
from collections import Counter

from openapi_spec_validator import validate

from contract import DOCUMENT, METHODS, PROJECT, misfits, resolved

SOURCES = PROJECT / "Sources"
NGINX = {
    ("get", path)
    for path in (
        "/health",
        "/openapi.json",
        "/media/{id}/{size}.{revision}.{extension}",
        "/media/{id}/original.{extension}",
    )
}
# nginx's check before an upload; and the media files above, for a gateway other than nginx.
INTERNAL = {("get", "/api/auth/check"), ("get", "/media/{id}/{file}")}


def operations():
    return [
        (method, path, item[method]) for path, item in DOCUMENT["paths"].items() for method in METHODS if method in item
    ]


def test_it_is_valid():
    validate(DOCUMENT)


def test_it_has_the_version_of_the_programs_and_of_the_changelog():
    version = re.search(r'"(.+)"', (SOURCES / "Model/Version.swift").read_text())[1]
    released = re.search(r"^## (\S+) - \d{4}-\d\d-\d\d$", (PROJECT / "CHANGELOG.md").read_text(), re.MULTILINE)
    assert [DOCUMENT["info"]["version"], released[1]] == [version, version]


def test_it_has_no_member_twice():
    """A parser takes the last one and reports nothing."""

    def members(pairs):
        twice.extend(name for name, count in Counter(name for name, _ in pairs).items() if count > 1)
        return dict(pairs)

    twice = []
    json.loads((PROJECT / "www/openapi.json").read_text(), object_pairs_hook=members)
    assert twice == []


def test_it_lists_every_route_and_no_other():
    routes = set()
    for file in SOURCES.glob("*-responder/*Responder.swift"):
        for method, path in re.findall(r'Route\(\.(\w+), "([^"]+)"', file.read_text()):
            routes.add((method, re.sub(r":(\w+)", r"{\1}", path)))
    assert len(routes) > 20
    assert {(method, path) for method, path, _ in operations()} == routes - INTERNAL | NGINX


def test_it_lists_every_error_code():
    text = "".join((SOURCES / file).read_text() for file in ("API/Problem.swift", "API/ServiceProblems.swift"))
    codes = set(re.findall(r'\d{3}, (?:code: )?"([a-z_]+)"', text))
    assert len(codes) > 15
    listed = set()
    for response in DOCUMENT["components"]["responses"].values():
        schema = response["content"]["application/json"]["schema"]
        listed |= set(schema["properties"]["code"]["enum"])
    # The description of the document explains 405 in general; no operation lists it.
    assert codes - {"method_not_allowed"} == listed


def test_it_lists_every_reason_for_a_failed_image():
    text = "".join(
        file.read_text()
        for folder in ("Model", "Resizing", "resize-worker", "SQLiteCatalog")
        for file in (SOURCES / folder).rglob("*.swift")
    )
    codes = set(re.findall(r'(?:imageFailed|failed)\(\s*"([a-z_]+)"', text))
    codes |= set(re.findall(r'RenderFailure\(\s*code: "([a-z_]+)"', text))
    codes |= set(re.findall(r"failure_code, '([a-z_]+)'", text))
    assert len(codes) > 15
    assert codes == set(DOCUMENT["components"]["schemas"]["ErrorCode"]["enum"]) - {None}


def test_it_has_the_pixels_of_a_gallery_preview():
    """The page takes the number from the document, and the image responder from its source."""
    text = (SOURCES / "image-responder/GalleryThumbnail.swift").read_text()
    page = re.search(r'"x-shorter-side": (\d+)', (PROJECT / "www/openapi.json").read_text())
    assert re.findall(r">= (\d+)", text) == [page[1]]


def test_examples_match_their_schemas():
    found, count = [], 0
    for _, _, operation in operations():
        bodies = [operation.get("requestBody", {}), *map(resolved, operation["responses"].values())]
        for content in (entry for body in bodies for entry in body.get("content", {}).values()):
            examples = [one["value"] for one in content.get("examples", {}).values()]
            for example in examples + [content[key] for key in ("example",) if key in content]:
                count += 1
                found += misfits(content["schema"], example, operation["operationId"])
    for name, schema in DOCUMENT["components"]["schemas"].items():
        for example in schema.get("examples", []):
            found += misfits(schema, example, name)
    assert found == [] and count > 25


def test_every_answer_with_json_has_an_example_or_only_tokens():
    without = [
        operation["operationId"]
        for _, _, operation in operations()
        for status, response in operation["responses"].items()
        if status[0] == "2"
        for kind, content in response.get("content", {}).items()
        if kind == "application/json" and not {"example", "examples"} & content.keys()
    ]
    assert set(without) <= {"register", "login", "refresh", "changePassword", "description"}
