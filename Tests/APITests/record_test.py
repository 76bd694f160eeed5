"""Every response that the integration tests received is documented in www/openapi.json. They write the
responses to the file in MULTIRES_ANSWERS; `make test` then runs this test."""

import collections
import json
import os

import pytest

from contract import Answer, documented, faults, operation_of, path_of
from document_test import operations


@pytest.fixture(scope="module")
def answers():
    with open(os.environ["MULTIRES_ANSWERS"]) as file:
        return [Answer(**json.loads(line)) for line in file]


def test_every_answer_is_documented(answers):
    found = collections.Counter(
        f"{answer.method} {path_of(answer.target)[0] or answer.target[:60]} {answer.status}: {fault}"
        for answer in answers
        for fault in faults(answer)
    )
    assert not found, "\n".join(f"{count} x {line}" for line, count in found.most_common(40))


def test_every_operation_was_seen_to_succeed(answers):
    seen = set()
    for answer in answers:
        path, _ = path_of(answer.target)
        if path and operation_of(answer.method, path) and answer.status < 300:
            seen.add(operation_of(answer.method, path)["operationId"])
    assert {operation["operationId"] for _, _, operation in operations()} - seen == set()


@pytest.mark.parametrize(
    "spoil, fault",
    [
        (lambda answer: setattr(answer, "status", 418), "the status 418"),
        (lambda answer: setattr(answer, "body", answer.body[:-1] + ', "more": 1}'), "'more' was unexpected"),
        (lambda answer: setattr(answer, "body", "{}"), "'formats' is a required property"),
        (lambda answer: setattr(answer, "body", "{"), "not JSON"),
        (lambda answer: answer.headers.remove(("content-type", "application/json")), "the type ''"),
        (lambda answer: answer.headers.remove(("cache-control", "no-store")), "Cache-Control is missing"),
    ],
    ids=["status", "member", "missing", "broken", "type", "header"],
)
def test_an_undocumented_answer_is_found(spoil, fault):
    body = (
        '{"sizes": [], "formats": [], "fits": ["cover"], "imageBytes": 1, "requestBytes": 1, '
        '"pixels": 1, "side": 1, "animatedPixels": 1, "interlacedPixels": 1, '
        '"frames": 1, "scans": 1, "renderSeconds": 1, "quota": {"images": 1, "bytes": 1}, '
        '"registration": "open", "empty": false}'
    )
    answer = Answer(
        "GET",
        "/api/limits?x",
        200,
        [("x-request-id", "0" * 32), ("content-type", "application/json"), ("cache-control", "no-store")],
        len(body),
        body,
    )
    assert documented(operation_of("GET", "/api/limits"), 200) and faults(answer) == []
    spoil(answer)
    assert fault in " ".join(faults(answer))
