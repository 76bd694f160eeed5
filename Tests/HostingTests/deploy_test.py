"""`multires deploy shared-hosting`: upgrade, check and remove."""

import fcntl
import pathlib
import threading
import uuid

from host import USER, Apache
from photos import NATURE
from shared_site import ask
from stack import eventually


def test_it_prints_the_line_for_cron(site):
    assert f"\n    * * * * * /home/guest/{site.data_name}/tick\n" in site.output


def test_an_upgrade_keeps_the_data_and_removes_old_files(own_site, host, unpacked, photo):
    site = own_site()
    person = site.register()
    detail = person.picture(photo, visibility="public")
    link = person.path(detail, "medium")
    before = site.ask("GET", link).body
    host.run(f"echo MULTIRES_QUOTA_IMAGES=7 >> {site.data_name}/.env")

    newer = f"newer-{uuid.uuid4().hex[:8]}"
    host.run(f"cp -r {unpacked} {newer} && mv {newer}/www/icon.svg {newer}/www/sign.svg && echo >> {newer}/www/app.js")
    site.deploy(archive=newer)
    assert site.ask("GET", "/icon.svg").status == 404
    assert site.ask("GET", "/sign.svg").status == 200
    assert newer in host.run(f"cat {site.name}/cgi-bin/image.cgi {site.data_name}/tick")
    assert site.ask("GET", link).body == before
    assert person.ask("GET", f"/api/images/{detail['id']}").json["sizes"]["medium"] == detail["sizes"]["medium"]
    assert person.ask("GET", "/api/auth/me").json["quota"]["images"] == 7
    assert person.picture(photo, fit="inside")["status"] == "complete"
    # If the programs are moved, the site fails until it is deployed again from the new place.
    host.run(f"mv {newer} {newer}-moved")
    assert site.ask("GET", "/api/limits").status == 500
    host.run(f"{newer}-moved/bin/multires deploy shared-hosting {site.name}")
    assert site.ask("GET", "/api/limits").status == 200


def test_files_of_the_user_are_neither_replaced_nor_removed(own_site, host, unpacked):
    other = f"other-{uuid.uuid4().hex[:8]}"
    host.put(f"{other}/index.html", b"mine")
    refused = host.inside(f"{unpacked}/bin/multires deploy shared-hosting {other} --data {other}-data")
    assert refused.returncode != 0
    assert "index.html" in refused.stderr and "has other files" in refused.stderr
    assert host.run(f"ls -A {other}; cat {other}/index.html") == "index.html\nmine"

    site = own_site()
    host.put(f"{site.name}/notes/mine.txt", b"mine")
    secrets = (site.data / "secrets.env").read_bytes()
    output = site.deploy("--remove")
    assert host.run(f"cd {site.name} && find . -type f -o -type l") == "./notes/mine.txt\n"
    assert (site.data / "secrets.env").read_bytes() == secrets
    assert f"rm -r /home/guest/{site.data_name}" in output
    # Deploying again restores the site.
    site.deploy()
    assert site.ask("GET", "/api/health").status == 200


def test_the_document_root_contains_no_secret(site):
    secrets = [line.split("=", 1)[1] for line in (site.data / "secrets.env").read_text().splitlines() if "=" in line]
    assert len(secrets) == 3
    for path in site.root.rglob("*"):
        if path.is_file():
            text = path.read_text(errors="replace")
            assert not [secret for secret in secrets if secret in text], path
    for name in ("secrets.env", ".env"):
        mode = (site.data / name).stat().st_mode
        assert mode & 0o077 == 0, name
    assert site.data.stat().st_mode & 0o007 == 0


def test_a_data_folder_below_another_sites_document_root_is_not_served_by_that_site(own_site, host, photo):
    # Hosting panels place subdomains like this. Everything runs as the user, who can read all these files.
    main = f"main-{uuid.uuid4().hex[:8]}/public_html"
    host.put(f"{main}/index.html", b"mine")
    site = own_site(inside=main, more=f"<Directory /home/{USER}>\nAllowOverride All\n</Directory>")
    person = site.register()
    detail = person.picture(photo, visibility="public")
    other = Apache(host, main)
    try:
        assert ask(other.port, "GET", "/").body == b"mine"
        kept = [path for path in site.data.rglob("*") if path.is_file()]
        names = {path.name for path in kept}
        assert {"secrets.env", ".env", "catalog.sqlite3", "tick", f"{detail['id']}.jpg"} <= names
        for path in [site.data, *kept]:
            target = f"/multires-data/{path.relative_to(site.data)}"
            assert ask(other.port, "GET", target).status in (403, 404), target
        # Without .htaccess, that Apache would serve the secrets.
        host.run(f"mv {site.data_name}/.htaccess {site.data_name}/aside")
        assert b"JWT_SECRET" in ask(other.port, "GET", "/multires-data/secrets.env").body
        host.run(f"mv {site.data_name}/aside {site.data_name}/.htaccess")
    finally:
        other.stop()
    # On the site itself, Apache still sends the public files.
    answer = site.ask("GET", person.path(detail, "small"))
    assert (answer.status, answer.values("x-request-id")) == (200, [])
    assert (site.data / ".htaccess").stat().st_mode & 0o777 == 0o644

    grade, sentence = site.check()["data folder"]
    assert grade == "warning"
    assert f"/home/{USER}/{main}" in sentence and "--data" in sentence


def test_an_upgrade_waits_for_the_old_worker_before_it_changes_the_database(host, unpacked):
    name = f"late-{uuid.uuid4().hex[:8]}"
    host.run(f"mkdir -p {name} {name}-data/run && touch {name}-data/run/drain.lock")
    data = host.home / f"{name}-data"
    done = []
    deploy = threading.Thread(
        target=lambda: done.append(
            host.inside(
                f"{unpacked}/bin/multires deploy shared-hosting {name} --data {name}-data --url http://localhost"
            )
        )
    )
    with (data / "run/drain.lock").open() as lock:
        fcntl.flock(lock, fcntl.LOCK_EX)
        inode = (data / "run/drain.lock").stat().st_ino

        def waits():
            locks = pathlib.Path("/proc/locks").read_text().splitlines()
            return [line for line in locks if "->" in line and f":{inode} " in line]

        deploy.start()
        eventually(waits)
        assert not (data / "catalog.sqlite3").exists()
        assert not list((host.home / name).iterdir())
    deploy.join()
    assert done[0].returncode == 0, done[0].stderr
    assert (data / "catalog.sqlite3").exists()


def test_the_other_commands_find_the_settings_in_the_data_folder(site, unpacked):
    person = site.register()
    users = site.host.run(f"cd {site.data_name} && ../{unpacked}/bin/multires users list")
    assert person.account["email"] in users
    doctor = site.host.run(f"cd {site.data_name} && ../{unpacked}/bin/multires doctor")
    assert "database: intact, in truncate mode" in doctor
    assert "problem" not in doctor


def test_wrong_arguments_are_reported_in_a_sentence(host, unpacked):
    deploy = f"mkdir -p mistakes 'od d' && {unpacked}/bin/multires deploy shared-hosting"
    for options, words in [
        ("nowhere", "does not exist"),
        ("mistakes --data mistakes/data", "in the document root"),
        ("mistakes --data .", "in the data folder"),
        ("mistakes --url https://example.org/photos", "without a path"),
        ("mistakes --url example.org", '--url: "example.org" has no scheme'),
        ("'od d'", "has characters"),
        ("mistakes --check --remove", "not both"),
    ]:
        done = host.inside(f"{deploy} {options}")
        assert done.returncode != 0 and words in done.stderr, (options, done.stdout, done.stderr)
    assert host.run("ls -A mistakes") == ""


def test_check_reports_what_the_host_can_do(site):
    site.tick()
    findings = site.check()
    for subject in (
        "write access",
        "disk",
        "clock",
        "memory",
        "program",
        "cron",
        "data folder",
        "rewrite",
        "headers",
        "CGI",
        "authorization",
        "uploads",
        "public images",
    ):
        assert findings[subject][0] == "ok", (subject, findings)
    # Older kernels have no Landlock.
    assert findings["sandbox"][0] in ("ok", "warning")
    assert "Apache serves them" in findings["public images"][1]
    assert not list((site.data / "public/00").iterdir())


def test_check_reports_what_the_host_cannot_do(own_site):
    nothing = own_site(override="None")
    assert nothing.check()["rewrite"][0] == "problem"
    assert "AllowOverride" in nothing.check()["rewrite"][1]
    bare = own_site(without=["headers"])
    assert bare.check()["headers"][0] == "warning"
    no_cgi = own_site(without=["cgi"])
    assert no_cgi.check()["CGI"][0] == "problem"
    quiet = own_site()
    assert quiet.check()["cron"][0] == "warning"
    quiet.apache.stop()
    assert quiet.check()["web server"][0] == "problem"


LARGE = NATURE[1]
FCGID = "FcgidIPCDir /tmp/fcgid-check\nFcgidProcessTableFile /tmp/fcgid-check-table\n"


def test_check_reports_a_web_server_that_refuses_photos(own_site):
    # mod_fcgid's default for FcgidMaxRequestLen.
    assert LARGE.stat().st_size > 131_072
    kept = own_site(modules=["fcgid"], flags="--fcgid", more=FCGID)
    person = kept.register()
    grade, sentence = kept.check()["uploads"]
    assert grade == "problem"
    assert "FcgidMaxRequestLen" in sentence and "--no-fcgid" in sentence
    photo = LARGE.read_bytes()
    sent = person.ask("POST", "/api/images/upload", photo, **{"Content-Type": "image/jpeg"})
    assert (sent.status, sent.json["code"]) == (500, "internal")
    # The option that the message names solves the problem.
    kept.deploy("--no-fcgid")
    assert kept.check()["uploads"][0] == "ok"
    assert person.picture(LARGE)["status"] == "complete"

    limited = own_site(more="LimitRequestBody 100000")
    grade, sentence = limited.check()["uploads"]
    assert grade == "problem" and "413" in sentence and "LimitRequestBody" in sentence


def test_a_fastcgi_program_accepts_photos_if_the_host_allows_them(own_site):
    site = own_site(modules=["fcgid"], flags="--fcgid", more=FCGID + "FcgidMaxRequestLen 200000000")
    assert site.check()["uploads"][0] == "ok"
    assert site.register().picture(LARGE)["status"] == "complete"


def test_with_little_memory_a_password_hash_takes_less_memory_and_the_same_work(own_site, host):
    site = own_site()
    host.run(f"sed -i s/MULTIRES_SCRYPT=.*/MULTIRES_SCRYPT=ln=17,r=8,p=1/ {site.data_name}/.env")
    findings = site.check(before="ulimit -v 400000; ")
    assert findings["memory"][0] == "warning"
    assert "MULTIRES_SCRYPT=ln=16,r=8,p=2" in (site.data / ".env").read_text()
    person = site.register()
    assert person.account["accessToken"]
