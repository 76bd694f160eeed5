"""One host and one archive for all tests. Most tests also share a site, each with its own account."""

import os
import pathlib
import subprocess

import pytest

from debian import Unavailable
from host import Host
from photos import numbered
from shared_site import ORIGIN, Site
from stack import PROGRAMS, PROJECT


def pack(folder):
    done = subprocess.run(
        [PROJECT / "deploy/dist", PROGRAMS, folder],
        capture_output=True,
        text=True,
        env={**os.environ, "GZIP_LEVEL": "1", "SOURCE_DATE_EPOCH": "1700000000"},
    )
    assert done.returncode == 0, done.stderr
    [archive] = pathlib.Path(folder).glob("*.tar.gz")
    return archive


@pytest.fixture(scope="session")
def archive(tmp_path_factory):
    return pack(tmp_path_factory.mktemp("archive"))


@pytest.fixture(scope="session")
def host(tmp_path_factory):
    try:
        host = Host(tmp_path_factory.mktemp("host"))
    except Unavailable as reason:
        pytest.skip(f"NOT TESTED: shared hosting: {reason}")
    yield host
    host.close()


@pytest.fixture(scope="session")
def unpacked(host, archive):
    """Unpacks the archive in the user's home folder and returns the name of its folder."""
    host.put(archive.name, archive.read_bytes())
    host.run(f"tar xzf {archive.name} && rm {archive.name}")
    return archive.name.removesuffix(".tar.gz")


@pytest.fixture
def own_site(host, unpacked):
    """`own_site(without=["headers"])` creates a site for this test only."""
    made = []

    def build(**options):
        made.append(Site(host, unpacked, **options))
        return made[-1]

    yield build
    for site in made:
        site.close()


@pytest.fixture(scope="session")
def site(host, unpacked):
    site = Site(
        host,
        unpacked,
        settings=[
            f"MULTIRES_CORS_ORIGINS={ORIGIN}, http://localhost:3000",
            "MULTIRES_IMAGE_LIMIT=2MB",
            "MULTIRES_REQUEST_LIMIT=4MB",
        ],
    )
    yield site
    site.close()


@pytest.fixture
def person(site):
    return site.register()


@pytest.fixture(scope="session")
def photos(tmp_path_factory):
    return numbered(tmp_path_factory.mktemp("photos"), 12, 640, 480)


@pytest.fixture
def photo(photos):
    return photos[0]
