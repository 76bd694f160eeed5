"""`make install`, the units that it writes, and `make uninstall`."""

import pathlib
import re
import shutil
import signal
import socket
import subprocess
import tempfile

import pytest

from installed import SERVICES, Installation, make, upload
from stack import eventually


@pytest.fixture(scope="module")
def package(tmp_path_factory):
    """An installation for a package: below DESTDIR, with the default folders."""
    folder = tmp_path_factory.mktemp("package")
    run = make("install", DESTDIR=folder)
    assert run.returncode == 0, run.stderr
    return folder


@pytest.fixture
def installation():
    """Not in pytest's folder: the path of a socket may have at most 107 bytes."""
    with tempfile.TemporaryDirectory() as folder:
        yield Installation(pathlib.Path(folder))


def verify(root, units):
    run = subprocess.run(
        ["systemd-analyze", "verify", "--man=no", f"--root={root}", *units], capture_output=True, text=True
    )
    return run.returncode, run.stdout + run.stderr


def test_systemd_finds_no_fault_with_the_units(package, tmp_path):
    root = tmp_path / "root"
    shutil.copytree(package, root)
    # The units that ours depend on, such as sysinit.target.
    shutil.copytree("/usr/lib/systemd/system", root / "usr/lib/systemd/system", symlinks=True)
    folder = root / "usr/local/lib/systemd/system"
    units = [path for path in folder.iterdir() if "@" not in path.name] + [folder / "multires-worker@1.service"]
    assert len(units) == 7
    assert verify(root, units) == (0, "")

    unit = folder / "multires-auth.service"
    text = unit.read_text()
    for old, new in (("ProtectSystem", "ProtectSistem"), ("auth-responder", "nobody-responder")):
        unit.write_text(text.replace(old, new))
        assert new in verify(root, [unit])[1]


@pytest.mark.parametrize("name", SERVICES)
def test_a_unit_is_sandboxed(package, name):
    run = subprocess.run(
        [
            "systemd-analyze",
            "security",
            "--offline=true",
            "--threshold=20",
            "--no-pager",
            package / "usr/local/lib/systemd/system" / name,
        ],
        capture_output=True,
        text=True,
    )
    assert run.returncode == 0, run.stdout
    exposure = float(re.search(r"exposure level for \S+: ([0-9.]+)", run.stdout)[1])
    assert exposure < 2.0


def test_everything_is_below_destdir_and_names_no_folder_of_the_builder(package):
    settings = (package / "etc/multires/multires.env").read_text()
    assert "MULTIRES_DATA=/var/lib/multires\n" in settings
    texts = [path.read_text() for path in (package / "usr/local/lib/systemd/system").iterdir()]
    texts += [settings, (package / "usr/local/bin/multires").read_text()]
    for text in texts:
        assert str(package) not in text and not re.search("@[A-Z_]+@", text)


def test_installing_again_keeps_settings_and_data_and_removes_old_files(installation):
    installation.settings.write_text(installation.settings.read_text() + "MULTIRES_RESIZERS=1\n")
    stale = installation.folder / "usr/share/multires/www/stale.js"
    stale.write_text("")
    (installation.data / "kept").write_text("")
    installation.install()
    assert installation.environment()["MULTIRES_RESIZERS"] == "1"
    assert (installation.data / "kept").exists() and not stale.exists()


def test_uninstalling_keeps_settings_and_data(installation):
    before = {path for path in installation.folder.rglob("*") if path.is_file()}
    assert len(before) > 50
    run = make("uninstall", **installation.variables)
    assert run.returncode == 0, run.stderr
    left = {path for path in installation.folder.rglob("*") if path.is_file()}
    assert left == {installation.settings} and installation.data.is_dir()
    assert str(installation.settings) in run.stdout


def test_data_in_a_folder_of_the_programs_is_never_removed(tmp_path):
    data = tmp_path / "usr/share/multires/data"
    data.mkdir(parents=True)
    (data / "catalog.sqlite3").write_text("everything")
    for target in ("install", "uninstall"):
        run = make(target, PREFIX=tmp_path / "usr", SYSCONFDIR=tmp_path / "etc", DATA=data, START="no")
        assert run.returncode != 0
        assert "which is removed as a whole" in run.stderr
    assert (data / "catalog.sqlite3").read_text() == "everything"


def test_installing_without_built_programs_fails(tmp_path):
    run = make("install", DESTDIR=tmp_path / "to", PROGRAMS=tmp_path)
    assert run.returncode != 0 and "make build" in run.stderr
    assert not (tmp_path / "to").exists()


@pytest.mark.parametrize("data", ["/home/me/multires", "/var/lib/two words", "/var/lib/100%"])
def test_a_data_folder_that_no_unit_can_reach_is_refused(installation, tmp_path, data):
    installation.settings.write_text(f"MULTIRES_DATA={data}\n")
    run = subprocess.run([installation.command, "deploy", "systemd", "--to", tmp_path], capture_output=True, text=True)
    assert run.returncode == 1 and data in run.stderr


def test_the_programs_of_the_units_serve_on_the_sockets_that_they_are_given(installation):
    """Starts them as systemd would, with the socket's path, ExecStart and EnvironmentFile of the units."""
    text = installation.settings.read_text()
    url = f"http://127.0.0.1:{installation.port}"
    text = re.sub("MULTIRES_PORT=.*", f"MULTIRES_PORT={installation.port}", text)
    text = re.sub("MULTIRES_URL=.*", f"MULTIRES_URL={url}", text)
    installation.settings.write_text(text + "MULTIRES_SCRYPT=ln=10,r=8,p=1\n")

    started, log = [], open(installation.folder / "log", "ab")

    def start(unit, socket_unit=None):
        words = installation.unit(unit)["Service"]["ExecStart"].split()
        descriptor = subprocess.DEVNULL
        if socket_unit:
            descriptor = socket.socket(socket.AF_UNIX)
            descriptor.bind(installation.unit(socket_unit)["Socket"]["ListenStream"])
            descriptor.listen(16)
        return subprocess.Popen(
            words, env=installation.environment(), cwd="/", stdin=descriptor, stdout=log, stderr=log
        )

    try:
        assert start("multires-init.service").wait() == 0, (installation.folder / "log").read_text()
        for unit in ("multires-auth", "multires-image"):
            started.append(start(unit + ".service", unit + ".socket"))
        started.append(start("multires-worker@.service"))

        site = installation.folder / "site"
        subprocess.run(
            [installation.command, "deploy", "nginx", "--to", site, "--access-log", site / "access.log"],
            check=True,
            stdout=subprocess.DEVNULL,
        )
        main = installation.folder / "nginx.conf"
        temporary = "".join(
            f"{kind}_temp_path {installation.folder}/tmp;"
            for kind in ("client_body", "fastcgi", "proxy", "scgi", "uwsgi")
        )
        main.write_text(
            f"daemon off; pid {installation.folder}/nginx.pid; events {{}}"
            + (" user root;" if installation.variables["OWNER"] == "root" else "")
            + f" http {{ {temporary} include {site}/multires.conf; }}"
        )
        nginx = shutil.which("nginx") or "/usr/sbin/nginx"
        started.append(subprocess.Popen([nginx, "-c", main, "-e", "stderr"], stdout=log, stderr=log))

        def answers():
            try:
                with socket.create_connection(("127.0.0.1", installation.port)):
                    return True
            except OSError:
                return False

        eventually(answers)
        upload(url)
    except BaseException:
        print((installation.folder / "log").read_text(errors="replace"))
        raise
    finally:
        for process in reversed(started):
            process.send_signal(signal.SIGTERM)
        assert [process.wait(30) for process in started] == [0] * len(started)
