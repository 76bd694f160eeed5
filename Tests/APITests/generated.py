"""Requests generated from www/openapi.json, the checks of their responses, and a count of the responses."""

import collections
import os
import random

import hypothesis
import schemathesis
from schemathesis.specs.openapi.checks import negative_data_rejection

from contract import DOCUMENT, METHODS, Answer, faults
from owner import operation_id

# 40 requests to each operation, and 40 scenarios, take about a minute. `make api-test EXAMPLES=1000`
# takes longer.
COUNT = int(os.environ.get("MULTIRES_EXAMPLES") or 40)
SETTINGS = hypothesis.settings(
    max_examples=COUNT, deadline=None, database=None, suppress_health_check=list(hypothesis.HealthCheck)
)

SCHEMA = schemathesis.openapi.from_dict(DOCUMENT)
# Each request gets a valid token: tokens are neither generated nor left out as an invalid case.
SCHEMA.config.generation.update(with_security_parameters=False)
# Only the links of the document, no inferred ones.
SCHEMA.config.phases.stateful.inference.algorithms = []
SCHEMA.config.seed = int(os.environ.get("MULTIRES_SEED") or random.SystemRandom().randrange(2**32))

OPERATIONS = {
    item[method]["operationId"]: f"{method.upper()} {path}"
    for path, item in DOCUMENT["paths"].items()
    for method in METHODS
    if method in item
}

# Operations that may answer 401 because of a token or a password in the request itself.
CREDENTIALS = {"login", "refresh", "verify", "logout", "deleteAccount", "changePassword"}


class Seen(collections.Counter):
    """How often each operation was answered with each status code."""

    def add(self, case, response):
        """Does not count requests with a method that the operation does not have, which are tried too."""
        if response.request.method == case.operation.method.upper():
            self[operation_id(case), response.status_code] += 1

    def without_success(self, operations):
        return sorted(name for name in operations if not any(of == name and status < 300 for of, status in self))

    def table(self):
        lines = []
        for name, address in OPERATIONS.items():
            codes = sorted((status, count) for (of, status), count in self.items() if of == name)
            lines.append(f"{address:55}" + "  ".join(f"{status} x {count}" for status, count in codes))
        return "\n".join(lines)


def ask(case, owner, stack, token):
    """Sends the request. Returns the response, the same response as an Answer, and a text with a command that
    repeats the request."""
    headers = {"Authorization": f"Bearer {token}"}
    response = case.call(base_url=stack.url, headers=headers)
    raw = response.content
    answer = Answer(
        response.request.method,
        response.request.path_url,
        response.status_code,
        [(name.lower(), value) for name, values in response.headers.items() for value in values],
        len(raw),
        raw.decode(errors="replace"),
    )
    owner.answered(case, response)
    story = f"{case.as_curl_command(headers)}\n{response.status_code} {answer.body[:2000]}"
    return response, answer, story


def is_positive(case):
    """Whether the document allows the request. To be called before real bytes are inserted, because
    Schemathesis takes them for invalid data."""
    return case.meta.generation.mode.is_positive


def judge(case, positive, response, answer, story, stack, checks=(), **more):
    assert response.status_code < 500, f"{story}\n{stack.log()[-2000:]}"
    assert faults(answer) == [], story
    # A request that the document's schemas allow is refused as malformed only by rules in its descriptions.
    if response.status_code == 400 and positive:
        refusal = response.json()
        assert refusal["code"] in ("weak_password", "invalid_email") or any(
            words in refusal["error"] for words in ("expiresAt", "more than 32 parts")
        ), story
    # The session of the request is valid.
    if response.status_code == 401 and positive:
        assert operation_id(case) in CREDENTIALS, story
    # The check does not know refusals because of the length.
    if not positive and response.status_code not in (413, 414, 431):
        checks = [negative_data_rejection, *checks]
    if checks:
        case.validate_response(response, checks=list(checks), **more)
