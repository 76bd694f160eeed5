"""Every operation on an image, in each state of the image, gets the documented response."""

import contextlib
import os
import pathlib
import signal
import urllib.error

import pytest

from contract import faults
from generated import SCHEMA, ask
from owner import Owner
from stack import eventually

EXPECTED = {
    # state: detail, status, statuses, change, retry, delete
    "pending": (200, 200, 200, 200, 409, 200),
    "processing": (200, 200, 200, 200, 409, 200),
    "complete": (200, 200, 200, 200, 409, 200),
    "failed": (200, 200, 200, 200, 202, 200),
    "deleted": (404, 404, 200, 404, 404, 404),
    "another account's": (404, 404, 200, 404, 404, 404),
}
OPERATIONS = ("detail", "status", "statuses", "change", "retry", "delete")


def children(process, program):
    """All descendants of this process that run the program."""
    parents = {}
    for folder in pathlib.Path("/proc").glob("[0-9]*"):
        with contextlib.suppress(OSError):
            _name, rest = (folder / "stat").read_text().rsplit(")", 1)
            parents[int(folder.name)] = int(rest.split()[1]), os.readlink(folder / "exe")

    def is_below(pid):
        while pid in parents:
            pid = parents[pid][0]
            if pid == process:
                return True
        return False

    return [pid for pid, (_, file) in parents.items() if pathlib.Path(file).name == program and is_below(pid)]


@contextlib.contextmanager
def stopped(stack, program):
    pids = eventually(lambda: children(stack.process.pid, program))

    def send(number):
        for pid in pids:
            # The worker kills a resizer whose image is deleted, and one that has been idle for long.
            with contextlib.suppress(ProcessLookupError):
                os.kill(pid, number)

    send(signal.SIGSTOP)
    try:
        yield
    finally:
        send(signal.SIGCONT)


@contextlib.contextmanager
def image(state, owner, stack, jpeg):
    """The id of an image that stays in this state."""
    if state == "pending":
        # A worker that is stopped while it writes would hold the catalog's lock.
        eventually(lambda: stack.request("GET", "/api/health")["queue"] == {"waiting": 0, "running": 0})
        for _ in range(5):
            with stopped(stack, "resize-worker"):
                try:
                    id = owner.upload(wait=False)
                except urllib.error.HTTPError as busy:
                    assert busy.code == 503
                    continue
                yield id
                return
        raise AssertionError("each worker that was stopped held the lock")
    elif state == "processing":
        owner.upload()  # starts the resizer
        with stopped(stack, "resizer"):
            id = owner.upload(wait=False)
            eventually(lambda: owner.status(id) == "processing")
            yield id
    elif state == "another account's":
        yield Owner(stack, jpeg).upload()
    else:
        id = owner.upload(whole=state != "failed")
        if state == "deleted":
            stack.request("DELETE", f"/api/images/{id}", token=owner.token)
        yield id


@pytest.mark.parametrize("state", EXPECTED)
def test_an_image_in_each_state(state, stack, owner, jpeg):
    """Runs each operation in turn on one image. Only the last two can change its state."""
    known = state in ("pending", "processing", "complete", "failed")
    with image(state, owner, stack, jpeg) as id:
        for operation, expected in zip(OPERATIONS, EXPECTED[state], strict=False):
            response, answer, story = ask(case_of(operation, id), owner, stack, owner.token)
            assert response.status_code == expected and faults(answer) == [], story
            if operation in ("detail", "status", "change") and known:
                assert response.json()["status"] == state
            if operation == "statuses":
                assert [one["status"] for one in response.json()["images"]] == [state] * known


def case_of(operation, id):
    made = SCHEMA.find_operation_by_id(operation)
    case = made.Case(path_parameters={}, query={})
    if operation == "statuses":
        case.query["ids"] = id
    else:
        case.path_parameters["id"] = id
    if made.body:
        case.body, case.media_type = {"alt": "A pier"}, "application/json"
    return case
