import pytest

import photos
from owner import Owner
from stack import Stack


@pytest.fixture(scope="session")
def stack(request):
    stack = Stack()
    yield stack
    stack.close(keep=request.session.testsfailed > 0)


@pytest.fixture(scope="session")
def jpeg(tmp_path_factory):
    """So small that its sizes are there at once."""
    file, = photos.numbered(tmp_path_factory.mktemp("photos"), 1, 96, 72)
    return file.read_bytes()


@pytest.fixture(scope="session")
def owner(stack, jpeg):
    return Owner(stack, jpeg)
