"""All steps of a customer of shared hosting: an ordinary user, Apache, and nothing else."""

import re
import subprocess
import uuid

import pytest

from photos import NATURE
from stack import PROJECT, eventually


def test_the_host_has_another_c_library_and_none_of_our_packages(host):
    assert "2.31" in host.run("ldd --version")
    assert host.inside("id -u").stdout.strip() == "1000"
    for missing in ("swift", "vips", "nginx", "sqlite3"):
        assert host.inside(f"command -v {missing}").returncode != 0
    assert "libvips" not in host.run("/sbin/ldconfig -p")


def test_the_commands_of_the_readme_work(site, host):
    readme = (PROJECT / "README.md").read_text()
    script = re.search(r"```sh\n(.*?)```", readme, re.DOTALL)[1]
    host.put("walk/photo.jpg", NATURE[0].read_bytes())
    host.put("walk/walk.sh", script.encode())
    done = host.inside("cd walk && sh -ex walk.sh && test ! -s medium.jpg.none", MULTIRES_URL=site.url)
    assert done.returncode == 0, done.stderr
    assert '"status":"complete"' in done.stdout
    assert '"deletedFiles":5' in done.stdout
    medium = host.home / "walk/medium.jpg"
    assert subprocess.run(["vipsheader", "-f", "width", medium], capture_output=True, text=True).stdout == "1024\n"


def test_images_are_rendered_in_seconds_without_a_daemon_or_cron(person, photos):
    images = [person.send(photo) for photo in photos[:5]]
    eventually(lambda: all(person.status(image) == "complete" for image in images), 60, person.site.log)


def test_cron_renders_if_no_process_may_outlive_a_request(own_site, photo):
    site = own_site(settings=[])
    person = site.register()
    # The same as on such a host: an upload starts no worker.
    site.host.run(f"echo MULTIRES_WORKER=daemon >> {site.data_name}/.env")
    image = person.send(photo)
    assert person.status(image) == "pending"
    site.tick()
    assert person.status(image) == "complete"
    # It also succeeds without work.
    site.tick()


def test_waiting_for_a_status_starts_a_worker(own_site, photo):
    site = own_site()
    person = site.register()
    # The same as on a host that ended the worker together with the upload that started it.
    site.host.run(f"echo MULTIRES_WORKER=daemon >> {site.data_name}/.env")
    image = person.send(photo)
    assert person.status(image) == "pending"
    site.host.run(f"sed -i /MULTIRES_WORKER/d {site.data_name}/.env")
    assert person.ask("GET", f"/api/images/{image}/status?wait=20").json["status"] == "complete"


def test_the_path_of_a_data_folder_may_be_long(own_site, photo):
    # With the names of its files, longer than the path of a UNIX socket may be: hosts use
    # /home/<user>/domains/<name>/.
    site = own_site(inside=f"domains/{uuid.uuid4().hex}.{'long-' * 20}")
    site.register().picture(photo)
    site.tick()
    findings = site.check()
    assert "problem" not in [grade for grade, _ in findings.values()], findings


def test_many_workers_started_at_once_render_each_image_once(own_site, photos):
    site = own_site()
    person = site.register()
    images = [person.send(photo) for photo in photos]
    ticks = " & ".join([f"{site.data_name}/tick"] * 6)
    site.host.run(f"{ticks} & wait")
    eventually(lambda: all(person.status(image) == "complete" for image in images), 60, site.log)
    for image in images:
        assert person.ask("GET", f"/api/images/{image}/status").json["attempts"] == 1


@pytest.mark.parametrize("form", ["avif", "heic", "png", "webp", "gif"])
def test_every_format_is_decoded_with_the_archives_libraries(person, form, tmp_path):
    picture = tmp_path / f"picture.{form}"
    # libvips writes HEIC with a codec option and not by the file's extension.
    target = f"{tmp_path}/made.avif[compression=hevc]" if form == "heic" else picture
    subprocess.run(
        ["vips", "thumbnail", NATURE[0], target, "400"], check=True, env={"PATH": "/usr/bin:/bin", "VIPS_WARNING": "0"}
    )
    if form == "heic":
        (tmp_path / "made.avif").rename(picture)
    sizes = person.picture(picture)["sizes"]
    answer = person.site.ask("GET", person.path({"sizes": sizes}, "thumbnail"))
    assert answer.status == 200
    assert answer.values("content-type") == ["image/jpeg" if form == "heic" else f"image/{form}"]


def test_deleting_leaves_no_files(person, photo):
    detail = person.picture(photo, visibility="public")
    link = person.path(detail, "thumbnail")
    assert person.site.ask("GET", link).status == 200
    assert person.ask("DELETE", f"/api/images/{detail['id']}").json["deletedFiles"] == 5
    assert person.site.ask("GET", link).status in (403, 404)
    assert not list(person.site.data.rglob(f"*{detail['id']}*"))


@pytest.mark.parametrize("way", ["suexec", "cgid"])
def test_other_ways_in_which_hosts_run_programs(own_site, photos, way):
    site = (
        own_site(suexec=True)
        if way == "suexec"
        else own_site(
            modules=["mpm_event", "cgid"], without=["mpm_prefork", "cgi"], more="ScriptSock /tmp/cgid-test.sock"
        )
    )
    person = site.register()
    private, public = person.picture(photos[0]), person.picture(photos[1], visibility="public")
    assert site.ask("GET", person.path(private, "original")).body == photos[0].read_bytes()
    answer = site.ask("GET", person.path(public, "small"))
    assert answer.status == 200
    # www-data may not read the user's data folder, so a program sends the file.
    assert len(answer.values("x-request-id")) == (1 if way == "suexec" else 0)
    assert answer.values("cache-control") == ["public, max-age=86400"]
    assert site.ask("GET", "/gallery").status == 200
    assert site.check()["authorization"][0] == "ok"
    assert person.ask("DELETE", f"/api/images/{private['id']}").status == 200


def test_logs_stay_small_and_separate_from_apaches_log(own_site):
    site = own_site(settings=["MULTIRES_LOG=text"])
    assert site.ask("GET", "/api/limits").status == 200
    log = site.data / "requests.log"
    # The line is written after the response.
    eventually(lambda: "GET /api/limits 200" in log.read_text())
    assert "/api/limits" not in site.apache.log()
    site.tick()
    logs = [log, site.data / "drain.log"]
    for file in logs:
        # As text, because of MULTIRES_LOG in the data folder's settings.
        assert " resize-worker: " in file.read_text() or " image-responder: " in file.read_text()
        assert "{" not in file.read_text()
    for cut in (site.tick, lambda: site.ask("GET", "/api/limits")):
        for file in logs:
            with file.open("a") as end:
                end.write("x" * 1_100_000)
        cut()
        # Requests also shorten the logs, for hosts without cron.
        assert all(file.stat().st_size < 10_000 for file in logs)


def test_a_fastcgi_program_serves_requests(own_site, photo):
    site = own_site(
        modules=["fcgid"], flags="--fcgid", more="FcgidIPCDir /tmp/fcgid\nFcgidProcessTableFile /tmp/fcgid-table"
    )
    person = site.register()
    detail = person.picture(photo)
    assert site.ask("GET", person.path(detail, "medium")).status == 200
    answer = site.ask("GET", person.path(detail, "original"), {"Range": "bytes=0-1"})
    assert (answer.status, answer.body) == (206, photo.read_bytes()[:2])
    processes = site.host.run("ps -eo args")
    assert "image-responder" in processes
    # Another deployment keeps FastCGI unless --no-fcgid is given.
    site.deploy()
    assert "fcgid-script" in (site.root / "cgi-bin/.htaccess").read_text()
    site.deploy("--no-fcgid")
    assert "fcgid-script" not in (site.root / "cgi-bin/.htaccess").read_text()
