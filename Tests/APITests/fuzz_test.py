"""Generated requests to every operation, valid and not: each answer is one of www/openapi.json, none
is a fault of the server's, and what the file forbids is refused."""

import itertools
import os
import re

import hypothesis
import pytest
import requests
import schemathesis
from prometheus_client.parser import text_string_to_metric_families
from schemathesis.specs.openapi.checks import negative_data_rejection

import photos
from contract import Answer, DOCUMENT, faults
from stack import PASSWORD, Stack

# The same requests every time, a minute of them. MULTIRES_EXAMPLES=1000 tries others, and longer.
MORE = os.environ.get("MULTIRES_EXAMPLES")
EXAMPLES = hypothesis.settings(
    max_examples=int(MORE or 40), derandomize=not MORE, deadline=None, database=None,
    suppress_health_check=list(hypothesis.HealthCheck))

# After these a token is good no more: each request has an account of its own.
LAST = {"deleteAccount", "changePassword", "logoutAll", "endSession"}
ID = re.compile(DOCUMENT["components"]["schemas"]["Id"]["pattern"])
SCHEMA = schemathesis.openapi.from_dict(DOCUMENT)
# Each request gets a good token: none is generated, and none is left out as a mistake.
SCHEMA.config.generation.update(with_security_parameters=False)


class Owner:
    """An account with what there is to ask for: an image, one that failed, a key, a session."""

    def __init__(self, stack, folder):
        self.stack, account = stack, stack.register()
        self.token, self.refresh = account["accessToken"], account["refreshToken"]
        photo, = photos.numbered(folder, 1)
        self.images = [stack.upload(file, self.token) for file in (photo, photos.truncated(folder))]
        key = stack.request(
            "POST", "/api/auth/keys", {"name": "k", "scopes": ["read"], "expiresAt": None}, self.token)
        self.keys = [key["id"]]
        self.turns = itertools.count()

    def id(self, operation, generated):
        """Every other time a thing that there is, in the place of one that might be."""
        if not ID.fullmatch(generated):
            return generated
        known = self.keys if "keys" in operation else self.images if "images" in operation else []
        turn = next(self.turns)
        return known[turn // 2 % len(known)] if known and turn % 2 else generated


@pytest.fixture(scope="module")
def stack(request):
    stack = Stack()
    yield stack
    stack.close(keep=request.session.testsfailed > 0)


@pytest.fixture(scope="module")
def owner(stack, tmp_path_factory):
    return Owner(stack, tmp_path_factory.mktemp("photos"))


def asked(case, token, stack):
    response = case.call(
        base_url=stack.url, headers={"Authorization": f"Bearer {token}"} if token else None)
    raw = response.content
    return response, Answer(
        response.request.method, response.request.path_url, response.status_code,
        [(name.lower(), value) for name, values in response.headers.items() for value in values],
        len(raw), raw.decode(errors="replace"))


@SCHEMA.parametrize()
@EXAMPLES
def test_every_answer_is_documented(case, stack, owner):
    name = case.operation.definition.raw["operationId"]
    token = stack.register()["accessToken"] if name in LAST else owner.token
    if "id" in (case.path_parameters or {}):
        case.path_parameters["id"] = owner.id(case.path, case.path_parameters["id"])
    response, answer = asked(case, token, stack)
    assert response.status_code < 500, f"{case.as_curl_command()}\n{response.text}\n{stack.log()[-2000:]}"
    assert faults(answer) == [], f"{case.as_curl_command()}\n{response.text}"
    # What the file allows is not refused as malformed, but by rules that it gives in words.
    if response.status_code == 400 and case.meta.generation.mode.is_positive:
        refusal = response.json()
        assert refusal["code"] in ("weak_password", "invalid_email") or "expiresAt" in refusal["error"], (
            f"{case.as_curl_command()}\n{response.text}")
    # Which knows no refusals for length.
    if response.status_code not in (413, 414, 431):
        case.validate_response(response, checks=[negative_data_rejection])


def test_what_was_asked_is_counted_by_route_and_never_by_path(stack):
    """The last test of this file: by now there is something to count."""
    text = requests.get(stack.url + "/metrics").text
    families = {family.name: family for family in text_string_to_metric_families(text)}
    routes = {re.sub(r"{(\w+)}", r":\1", path) for path in DOCUMENT["paths"]}
    counted = {}
    for sample in families["multires_http_requests"].samples:
        assert sample.labels["method"] in {"GET", "HEAD", "POST", "PATCH", "DELETE", "other"}
        route = sample.labels["program"], sample.labels["route"]
        counted[route] = counted.get(route, 0) + sample.value
    assert {route for _, route in counted} <= routes | {"/api/auth/check", "none"}
    assert len(counted) > 20
    # The histogram tells of the same requests; this one is counted when it has been answered.
    assert counted == {
        (sample.labels["program"], sample.labels["route"]): sample.value
        for sample in families["multires_http_request_seconds"].samples
        if sample.name.endswith("_count")}
    for name in ("jobs", "oldest_waiting_job_seconds", "wal_bytes", "disk_free_bytes",
                 "disk_reserve_bytes", "job_attempts", "job_seconds", "resizer_restarts"):
        assert f"multires_{name}" in families
