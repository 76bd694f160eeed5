"""Generated requests to every operation, valid and invalid: each response is documented in www/openapi.json,
none is a server error, requests that the document forbids are refused, and every operation succeeds at least
once."""

import re

import pytest
import requests
from prometheus_client.parser import text_string_to_metric_families

from contract import DOCUMENT
from generated import OPERATIONS, SCHEMA, SETTINGS, Seen, ask, is_positive, judge
from supply import supply

SEEN = Seen()


@SCHEMA.parametrize()
@SETTINGS
def test_every_answer_is_documented(case, stack, owner):
    positive = is_positive(case)
    supply(owner, case, positive)
    response, answer, story = ask(case, owner, stack, owner.bearer(case))
    SEEN.add(case, response)
    judge(case, positive, response, answer, story, stack)


def test_every_operation_succeeded(request):
    chosen = [item for item in request.session.items if "test_every_answer_is_documented" in item.name]
    if len(chosen) < len(OPERATIONS):
        pytest.skip("not all operations were chosen")
    assert SEEN.without_success(OPERATIONS) == [], SEEN.table()


def test_an_operation_that_never_succeeded_is_found():
    seen = Seen({("limits", 200): 1, ("me", 401): 2, ("me", 404): 1})
    assert seen.without_success(["limits", "me", "list"]) == ["list", "me"]
    assert "GET /api/auth/me" in seen.table() and "401 x 2  404 x 1" in seen.table()


def test_requests_are_counted_by_route_and_never_by_path(stack):
    """The last test of this file, so that there are requests to count."""
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
    # The histogram counts the same requests. The request for the metrics is counted after its response.
    assert counted == {
        (sample.labels["program"], sample.labels["route"]): sample.value
        for sample in families["multires_http_request_seconds"].samples
        if sample.name.endswith("_count")
    }
    for name in (
        "jobs",
        "oldest_waiting_job_seconds",
        "wal_bytes",
        "disk_free_bytes",
        "disk_reserve_bytes",
        "job_attempts",
        "job_seconds",
        "resizer_restarts",
    ):
        assert f"multires_{name}" in families
