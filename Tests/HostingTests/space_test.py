"""Too little disk space for uploads, without nginx's check before the body."""

import http.client
import os

import pytest

from stack import eventually

MEGABYTE = 1_000_000
KEPT = "FcgidIPCDir /tmp/fcgid-space\nFcgidProcessTableFile /tmp/fcgid-space-table\nFcgidMaxRequestLen 20000000"
GATEWAYS = [{}, {"flags": "--fcgid", "modules": ["fcgid"], "more": KEPT}]


def settings(host, above):
    """Settings with a disk reserve that leaves `above` bytes of the space that is free now."""
    disk = os.statvfs(host.home)
    return [
        f"MULTIRES_DISK_RESERVE={disk.f_bavail * disk.f_frsize - above}",
        "MULTIRES_BALLAST=1",
        "MULTIRES_IMAGE_LIMIT=20MB",
        "MULTIRES_REQUEST_LIMIT=20MB",
    ]


def incoming(site):
    return [file for file in (site.data / "incoming").iterdir() if file.is_file()]


def begin(person, length, sent=MEGABYTE):
    """Starts an upload of `length` bytes and sends only `sent` of them."""
    connection = http.client.HTTPConnection("127.0.0.1", person.site.apache.port, timeout=60)
    connection.putrequest("POST", "/api/images/upload?filename=a.jpg")
    for name, value in {
        "Authorization": f"Bearer {person.account['accessToken']}",
        "Content-Type": "image/jpeg",
        "Content-Length": str(length),
    }.items():
        connection.putheader(name, value)
    connection.endheaders(b"x" * sent)
    return connection


def upload(person, length):
    return person.ask("POST", "/api/images/upload?filename=a.jpg", b"x" * length, **{"Content-Type": "image/jpeg"})


@pytest.mark.parametrize("gateway", GATEWAYS, ids=["cgi", "fcgid"])
def test_below_the_reserve_an_upload_is_refused_and_nothing_of_it_is_stored(own_site, host, gateway):
    site = own_site(settings=settings(host, above=-10 * MEGABYTE), **gateway)
    answer = upload(site.register(), 3 * MEGABYTE)
    assert (answer.status, answer.json["code"]) == (507, "no_space"), (answer.body, site.log())
    assert answer.values("retry-after") == []
    assert incoming(site) == []


def test_uploads_of_one_account_leave_space_for_other_accounts(own_site, host):
    site = own_site(settings=settings(host, above=60 * MEGABYTE))
    ada, grace = site.register(), site.register()
    first = begin(ada, 10 * MEGABYTE)
    eventually(lambda: incoming(site))
    refused = upload(ada, 10 * MEGABYTE)
    assert (refused.status, refused.json["code"], refused.json["retryAfter"]) == (507, "no_space", 5), (
        refused.body,
        site.log(),
    )
    assert refused.values("retry-after") == ["5"]
    assert upload(grace, 10 * MEGABYTE).status == 415
    # A client that disconnects frees its space.
    first.close()
    eventually(lambda: upload(ada, 10 * MEGABYTE).status == 415)
    assert incoming(site) == []


def test_unfinished_uploads_of_many_accounts_leave_the_reserve_free(own_site, host):
    site = own_site(settings=settings(host, above=50 * MEGABYTE))
    disk = os.statvfs(host.home)
    reserve = disk.f_bavail * disk.f_frsize - 50 * MEGABYTE
    open_ = []
    for number in range(5):
        person = site.register()
        if number < 2:
            open_.append(begin(person, 19 * MEGABYTE))
            eventually(lambda: len(incoming(site)) == number + 1)
        else:
            answer = upload(person, 19 * MEGABYTE)
            assert (answer.status, answer.json["code"]) == (507, "no_space"), (answer.body, site.log())
    for connection in open_:
        connection.send(b"x" * 17 * MEGABYTE)
    eventually(lambda: sum(file.stat().st_size for file in incoming(site)) == 36 * MEGABYTE)
    disk = os.statvfs(host.home)
    assert disk.f_bavail * disk.f_frsize > reserve
    for connection in open_:
        connection.close()
    # Apache may end the programs before they remove their files. The next upload removes them.
    eventually(lambda: upload(person, 19 * MEGABYTE).status == 415)
    assert incoming(site) == []
