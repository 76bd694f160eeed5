"""The links of www/openapi.json: each leads to a success, and random walks along them get only documented
responses."""

import itertools

import hypothesis
import pytest
from schemathesis.generation.stateful.state_machine import StepOutput
from schemathesis.specs.openapi.checks import ensure_resource_availability, use_after_free
from schemathesis.specs.openapi.stateful import collect_transitions

from contract import faults
from generated import COUNT, SCHEMA, SETTINGS, Seen, ask, is_positive, judge
from owner import Owner, operation_id
from supply import REST, members, supply

LINKS = [
    link
    for of in collect_transitions([result.ok() for result in SCHEMA.get_all_operations()]).operations.values()
    for link in of.outgoing
]
SEEN = Seen()


def name_of(link):
    return link.source.definition.raw["operationId"], link.status_code, link.name


def plain(operation, parameters, body=None):
    """A request with only these parameters and this body."""
    case = operation.Case(path_parameters=parameters.get("path_parameters", {}), query=parameters.get("query", {}))
    if operation.body:
        members(case, **(body or {}))
    return case


def start(link, owner, stack):
    """Sends the request that a link starts from. Returns both. A retry needs a failed image."""
    name, status, _ = name_of(link)
    case, whole = plain(link.source, {}), operation_id(link.target) != "retry" and name != "retry"
    if "{id}" in case.path:
        case.path_parameters["id"] = owner.upload(whole)
    if name == "upload":
        case.body, case.media_type = owner.picture(whole), "image/jpeg"
    elif name == "list":
        case.query["limit"] = 1
    elif name == "keys":
        owner.spare_key()
    elif name == "sessions":
        owner.session()
    elif name in REST:
        case.body = {"name": "camera", "scopes": ["read"]} if name == "makeKey" else {}
        REST[name](owner, case)
    token = owner.own_token(case)
    response, _answer, story = ask(case, owner, stack, token)
    if (name, status) == ("upload", "200"):
        response, _answer, story = ask(case, owner, stack, token)
    assert str(response.status_code) == status, story
    if name == "upload":
        owner.final(response.json()["imageId"])
    return case, response


@pytest.mark.parametrize("link", LINKS, ids=lambda link: " ".join(name_of(link)))
def test_every_link_leads_to_a_success(link, stack, owner):
    case, response = start(link, owner, stack)
    step = link.extract(StepOutput(response, case))
    parameters = {
        container: {name: one.value.ok() for name, one in found.items()} for container, found in step.parameters.items()
    }
    body = step.request_body and step.request_body.value.ok()
    response, answer, story = ask(plain(link.target, parameters, body), owner, stack, owner.token)
    assert response.status_code < 300 and faults(answer) == [], story


class Walk(SCHEMA.as_state_machine()):
    """One scenario with its own account. The values of each request come from an earlier response, from
    `supply`, or from the generator. The next request depends only on the responses."""

    CHECKS = (use_after_free, ensure_resource_availability)
    # Otherwise a second scenario with the same generated email would get another response.
    ALWAYS = ("register",)
    scenarios, followed, fault = 0, set(), None

    def setup(self):
        Walk.scenarios += 1
        self.owner, self.stories = Owner(self.stack, self.jpeg), []

    def step(self, input):
        case, positive = input.case, is_positive(input.case)
        if operation_id(case) == "retry":
            self.owner.settled(case.path_parameters["id"])
        if not input.applied_parameters:
            supply(self.owner, case, positive, self.ALWAYS)
        response, answer, story = ask(case, self.owner, self.stack, self.owner.bearer(case))
        self.stories.append(story)
        SEEN.add(case, response)
        if input.applied_parameters and response.status_code < 300:
            self.followed.add(input.transition.id)
        self.recorder.record_response(case_id=case.id, response=response)
        try:
            judge(case, positive, response, answer, story, self.stack, self.CHECKS, recorder=self.recorder)
        except BaseException as fault:
            # Printed here, because Hypothesis reports only one line of a walk.
            print("\n\n".join(self.stories))
            Walk.fault = fault
            raise
        return StepOutput(response, case)


def test_walks_along_links_see_documented_answers(stack, jpeg):
    Walk.stack, Walk.jpeg = stack, jpeg
    for seed in itertools.count(SCHEMA.config.seed):
        hypothesis.seed(seed)(Walk)
        try:
            Walk.run(
                settings=hypothesis.settings(
                    SETTINGS,
                    max_examples=COUNT - Walk.scenarios,
                    stateful_step_count=15,
                    phases=[hypothesis.Phase.generate],
                )
            )
        except hypothesis.errors.Flaky:
            # The same requests got other responses: an image was pending at first and later was not.
            if Walk.fault:
                raise Walk.fault from None
        if Walk.scenarios >= COUNT:
            break
    print(f"{len(Walk.followed)} of {len(LINKS)} links\n{SEEN.table()}")
    # The seed decides which links are followed.
    assert len(Walk.followed) > len(LINKS) / 4, SEEN.table()
