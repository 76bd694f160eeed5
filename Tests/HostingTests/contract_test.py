"""Routes, errors, headers and media files on Apache, as documented in openapi.json."""

import json

import pytest

from shared_site import ORIGIN

JSON_POLICY = ["default-src 'none'; frame-ancestors 'none'"]

REFUSALS = [
    ("GET", "/api/nowhere", None, 404, "not_found"),
    ("GET", "/api", None, 404, "not_found"),
    ("GET", "/api/auth/check", None, 404, "not_found"),
    ("GET", "/api/auth/../images", None, 404, "not_found"),
    ("PUT", "/api/images", None, 405, "method_not_allowed"),
    ("GET", "/api/auth/me", None, 401, "missing_token"),
    ("GET", "/api/images", None, 401, "missing_token"),
    ("POST", "/api/images/upload", b"x", 401, "missing_token"),
    ("POST", "/api/auth/login", b"{", 400, "invalid_request"),
    ("POST", "/api/auth/login", b'{"email": 1}', 400, "invalid_request"),
    ("POST", "/api/auth/register", b'{"email": "x", "password": "correct horse"}', 400, "invalid_email"),
    ("POST", "/api/auth/register", b'{"email": "x@example.org", "password": "a"}', 400, "weak_password"),
    ("POST", "/api/auth/login", b'{"email": "no@example.org", "password": "wrong wrong"}', 401, "invalid_credentials"),
    ("POST", "/api/auth/login", b" " * 70_000, 413, "too_large"),
    ("POST", "/media/x/y", b"", 405, "method_not_allowed"),
    ("GET", "/media", None, 404, "not_found"),
]


@pytest.mark.parametrize("method, target, body, status, code", REFUSALS)
def test_errors_have_the_documented_form(site, method, target, body, status, code):
    answer = site.ask(method, target, {"Origin": ORIGIN}, body)
    assert answer.status == status
    problem = answer.json
    assert problem["code"] == code
    assert problem["error"].endswith(".")
    assert answer.values("x-request-id") == [problem["requestId"]]
    assert answer.values("cache-control") == ["no-store"]
    assert answer.values("content-type") == ["application/json"]
    assert answer.values("x-content-type-options") == ["nosniff"]
    assert answer.values("referrer-policy") == ["no-referrer"]
    assert answer.values("access-control-allow-origin") == [ORIGIN]
    assert answer.values("access-control-expose-headers") == ["ETag, Location, Retry-After, X-Request-Id"]
    assert "Origin" in ", ".join(answer.values("vary"))
    if not target.startswith("/media"):
        assert answer.values("content-security-policy") == JSON_POLICY
        assert answer.values("cross-origin-resource-policy") == ["same-origin"]
    if status == 405:
        assert answer.values("allow")
    if status == 413:
        assert problem["limitBytes"] == 65536


def test_a_preflight_allows_only_the_configured_origins(site):
    ask = {"Access-Control-Request-Method": "POST"}
    for origin in (ORIGIN, "http://localhost:3000"):
        answer = site.ask("OPTIONS", "/api/images/upload", {"Origin": origin, **ask})
        assert (answer.status, answer.body) == (204, b"")
        assert answer.values("access-control-allow-origin") == [origin]
        assert answer.values("access-control-max-age") == ["7200"]
        assert "PATCH" in answer.values("access-control-allow-methods")[0]
        assert "Authorization" in answer.values("access-control-allow-headers")[0]
    for origin in ("https://www-example.org", "https://www.example.org.evil.test", "null", "https://WWW.example.org"):
        answer = site.ask("OPTIONS", "/api/images/upload", {"Origin": origin, **ask})
        assert answer.status == 204
        assert not [name for name, _ in answer.fields if name.startswith("access-control")], origin


def test_pages_and_health(site):
    for path in ("/", "/gallery", "/gallery/", "/account", "/viewer", "/media-page"):
        answer = site.ask("GET", path)
        assert answer.status == 200 and b"<!doctype html>" in answer.body, path
        assert answer.values("content-type") == ["text/html; charset=utf-8"]
        assert answer.values("cache-control") == ["no-cache"]
        [policy] = answer.values("content-security-policy")
        assert "script-src 'self'" in policy and "unsafe" not in policy
    assert site.ask("GET", "/app.js").values("content-type") == ["application/javascript; charset=utf-8"]
    assert site.ask("GET", "/health").json == {"status": "ok"}
    assert site.ask("GET", "/api/health").json["status"] == "ok"
    assert site.ask("GET", "/api/auth/health").json["status"] == "ok"
    assert site.ask("POST", "/").status == 405
    for path in (
        "/.htaccess",
        "/cgi-bin/.htaccess",
        "/.git/config",
        "/media/.htaccess",
        "/metrics",
        "/none.js",
        "/cgi-bin/",
        "/cgi-bin/nothing.cgi",
        f"/../{site.data_name}/secrets.env",
        f"/media/public/../../../{site.data_name}/.env",
    ):
        assert site.ask("GET", path).status in (400, 403, 404), path


def test_no_folder_is_listed(site, person, photo):
    detail = person.picture(photo, visibility="public")
    shard = f"/media/public/{detail['id'][-2:]}"
    site.host.put(f"{site.name}/notes.d/mine.txt", b"mine")
    for path in ("/media/public", shard, f"{shard}/{detail['id']}", "/media", "/notes.d"):
        for target in (path, f"{path}/"):
            answer = site.ask("GET", target)
            assert answer.status in (403, 404), target
            assert b"Index of" not in answer.body and detail["id"].encode() not in answer.body, target


def test_a_program_requested_by_its_own_name_answers_404(site):
    for name in ("auth", "image", "media"):
        answer = site.ask("GET", f"/cgi-bin/{name}.cgi")
        assert (answer.status, answer.json["code"]) == (404, "not_found")


def test_a_program_refuses_a_body_that_is_too_large_and_stores_nothing(person, photo, tmp_path):
    for size, limit in ((2_000_001, 2_000_000), (4_000_001, 4_000_000)):
        answer = person.ask(
            "POST", "/api/images/upload", photo.read_bytes().ljust(size, b"\0"), **{"Content-Type": "image/jpeg"}
        )
        assert (answer.status, answer.json["code"], answer.json["limitBytes"]) == (413, "too_large", limit)
    assert not list((person.site.data / "incoming").iterdir())


def test_wrong_passwords_are_rate_limited(site, person):
    email = person.account["email"]
    body = json.dumps({"email": email, "password": "wrong wrong"})
    for _ in range(12):
        answer = site.ask("POST", "/api/auth/login", body=body)
        if answer.status == 429:
            break
    assert (answer.status, answer.json["code"]) == (429, "rate_limited")
    assert answer.values("retry-after") == [str(answer.json["retryAfter"])]


def test_only_a_signed_link_opens_a_private_image(person, photo):
    site, detail = person.site, person.picture(photo)
    for size in ("thumbnail", "original"):
        link = person.path(detail, size)
        answer = site.ask("GET", link, {"Origin": ORIGIN})
        assert answer.status == 200
        assert len(answer.body) == detail["sizes"][size]["bytes"]
        assert answer.values("content-length") == [str(len(answer.body))]
        assert answer.values("content-type") == ["image/jpeg"]
        assert answer.values("cache-control") == ["private, max-age=3600"]
        assert answer.values("content-security-policy") == ["default-src 'none'; sandbox"]
        assert answer.values("cross-origin-resource-policy") == ["cross-origin"]
        assert answer.values("x-content-type-options") == ["nosniff"]
        assert answer.values("access-control-allow-origin") == [ORIGIN]
        bare = link.split("?")[0]
        for bad in (
            bare,
            link.replace("signature=", "signature=A"),
            link.replace("expires=", "expires=9"),
            link.replace("key=", "key=x"),
            link + "&name=x" if size == "thumbnail" else link.replace("name=", "name=x"),
        ):
            answer = site.ask("GET", bad)
            assert (answer.status, answer.json["code"]) == (403, "invalid_signature"), bad
    assert answer.values("content-security-policy") == ["default-src 'none'; sandbox"]
    original = site.ask("GET", person.path(detail, "original"))
    assert original.body == photo.read_bytes()
    assert original.values("content-disposition") == [f"attachment; filename*=UTF-8''{photo.name}"]


def test_ranges_and_conditions_of_private_and_public_files(person, photos):
    site = person.site
    for photo, visibility in ((photos[1], "private"), (photos[2], "public")):
        detail = person.picture(photo, visibility=visibility)
        link = person.path(detail, "large")
        whole = site.ask("GET", link)
        [etag], [modified] = whole.values("etag"), whole.values("last-modified")
        part = site.ask("GET", link, {"Range": "bytes=10-19"})
        assert (part.status, part.body) == (206, whole.body[10:20])
        assert part.values("content-range") == [f"bytes 10-19/{len(whole.body)}"]
        assert site.ask("GET", link, {"Range": "bytes=-5"}).body == whole.body[-5:]
        several = site.ask("GET", link, {"Range": "bytes=0-0,5-6"})
        assert several.status in (200, 206)
        beyond = site.ask("GET", link, {"Range": "bytes=9999999-"})
        assert beyond.status == 416
        assert site.ask("GET", link, {"If-None-Match": etag}).status == 304
        assert site.ask("GET", link, {"If-None-Match": '"no"'}).status == 200
        assert site.ask("GET", link, {"If-Modified-Since": modified}).status == 304
        assert site.ask("GET", link, {"If-Match": '"no"'}).status == 412
        changed = site.ask("GET", link, {"Range": "bytes=0-0", "If-Range": '"no"'})
        assert (changed.status, changed.body) == (200, whole.body)
        head = site.ask("HEAD", link)
        assert (head.status, head.body) == (200, b"")
        assert head.values("content-length") == [str(len(whole.body))]
        assert site.ask("POST", link).status == 405


def test_apache_sends_public_files_until_they_are_private(person, photos):
    site = person.site
    detail = person.picture(photos[3], visibility="public")
    link = person.path(detail, "medium")
    answer = site.ask("GET", link)
    assert answer.status == 200 and "?" not in link
    assert answer.values("cache-control") == ["public, max-age=86400"]
    assert answer.values("cross-origin-resource-policy") == ["cross-origin"]
    # Every response of a program has one, so Apache sent this file.
    assert answer.values("x-request-id") == []
    assert site.ask("GET", person.path(detail, "original").split("?")[0]).status == 403
    for visibility, status in (("private", 403), ("public", 200), ("private", 403)):
        changed = person.ask("PATCH", f"/api/images/{detail['id']}", json.dumps({"visibility": visibility}))
        assert changed.status == 200
        assert site.ask("GET", link).status == status


def test_without_mod_headers_the_programs_still_send_the_important_headers(own_site, photo):
    site = own_site(without=["headers"])
    person = site.register()
    detail = person.picture(photo)
    answer = site.ask("GET", person.path(detail, "original"))
    assert answer.values("content-security-policy") == ["default-src 'none'; sandbox"]
    assert answer.values("x-content-type-options") == ["nosniff"]
    assert answer.values("cache-control") == ["private, max-age=3600"]
    assert site.ask("GET", "/api/images").values("cache-control") == ["no-store"]


def test_a_program_sends_public_files_if_apache_may_not_follow_links(own_site, photo):
    site = own_site(
        more="""
        <DirectoryMatch "/media/public">
            Require all denied
        </DirectoryMatch>"""
    )
    person = site.register()
    detail = person.picture(photo, visibility="public")
    answer = site.ask("GET", person.path(detail, "small"))
    assert answer.status == 200
    assert answer.values("cache-control") == ["public, max-age=86400"]
    assert len(answer.values("x-request-id")) == 1


def test_a_program_that_cannot_start_is_an_error_in_json(own_site):
    site = own_site()
    site.host.run(f"mv {site.data_name}/secrets.env {site.data_name}/gone")
    answer = site.ask("GET", "/api/limits")
    assert (answer.status, answer.json["code"]) == (500, "internal")
    assert answer.values("content-type") == ["application/json"]
    assert "secrets.env" not in answer.body.decode()
