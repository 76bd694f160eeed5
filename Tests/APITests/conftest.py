import pytest

import photos
from generated import SCHEMA
from owner import Owner
from stack import Stack


def pytest_sessionstart(session):
    reporter = session.config.pluginmanager.get_plugin("terminalreporter")
    reporter.write_line(f"Generated requests: make api-test SEED={SCHEMA.config.seed} repeats them")


@pytest.fixture(scope="session")
def stack(request):
    stack = Stack()
    yield stack
    stack.close(keep=request.session.testsfailed > 0)


@pytest.fixture(scope="session")
def jpeg(tmp_path_factory):
    """A photo so small that it is rendered immediately."""
    (file,) = photos.numbered(tmp_path_factory.mktemp("photos"), 1, 96, 72)
    return file.read_bytes()


@pytest.fixture(scope="session")
def owner(stack, jpeg):
    return Owner(stack, jpeg)
