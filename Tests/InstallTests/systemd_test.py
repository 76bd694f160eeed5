"""`sudo make install` on a machine with systemd: the sandboxed services must work. Needs root. All tests
share one machine and run in this order."""

import json
import os
import pathlib

import pytest

from machine import Machine, NoMachine
from stack import eventually

RUNNING = [
    "multires-init.service",
    "multires-auth.service",
    "multires-image.service",
    "multires-worker@1.service",
    "multires-auth.socket",
    "multires-image.socket",
]
INSIDE = ["python3", str(pathlib.Path(__file__).with_name("inside.py"))]


@pytest.fixture(scope="module")
def machine():
    if os.getuid() != 0:
        pytest.skip("NOT TESTED: creating a machine with systemd needs root")
    try:
        machine = Machine()
    except NoMachine as reason:
        pytest.skip(f"NOT TESTED: a machine with systemd cannot be created here: {reason}")
    yield machine
    machine.close()


def test_installing_starts_everything_and_a_photo_is_rendered(machine):
    output = machine.make("install")
    assert "multires deploy nginx" in output
    assert machine.states(*RUNNING) == ["active"] * len(RUNNING)
    # Changes a setting, and then follows the instructions of the command.
    machine.run(
        "bash",
        "-c",
        """
        echo MULTIRES_RATE_LIMITS=off >> /etc/multires/multires.env
        multires deploy nginx
        rm -f /etc/nginx/sites-enabled/*
        ln -sf /var/lib/multires/nginx/site/multires.conf /etc/nginx/sites-enabled/multires.conf
        sed -i 's/^user .*/user multires;/' /etc/nginx/nginx.conf
        nginx -t && systemctl start nginx""",
    )
    machine.run(*INSIDE, "upload")
    journal = machine.run("journalctl", "--no-pager", "-o", "cat", "-u", "multires-*.service")
    assert '"result":"complete"' in journal
    for level in ("warning", "error", "critical"):
        assert f'"level":"{level}"' not in journal, journal


def test_no_data_belongs_to_root_even_after_a_command_by_root(machine):
    machine.run("multires", "users", "list")
    assert machine.run("find", "/var/lib/multires", "!", "-user", "multires") == ""
    assert machine.run("stat", "-c", "%a %U", "/var/lib/multires/secrets.env") == "600 multires"


def test_an_upgrade_loses_no_request(machine):
    asking = machine.start(*INSIDE, "ask", "/tmp/upgraded")
    machine.make("install")
    machine.run("touch", "/tmp/upgraded")
    counts, errors = asking.communicate(timeout=60)
    assert list(json.loads(counts)) == ["200"], counts + errors


def test_a_killed_worker_is_restarted_every_time(machine):
    def pid():
        return machine.run("systemctl", "show", "-P", "MainPID", "multires-worker@1")

    # By default, systemd gives up after five starts within ten seconds.
    for _ in range(7):
        before = pid()
        machine.run("systemctl", "kill", "-s", "KILL", "--kill-who=main", "multires-worker@1")
        eventually(lambda: pid() not in (before, "0"))
    eventually(lambda: machine.states("multires-worker@1") == ["active"])
    machine.run(*INSIDE, "upload")


def test_stopped_services_stay_stopped_until_they_are_started(machine):
    machine.run("systemctl", "stop", "multires.target")
    eventually(lambda: machine.states(*RUNNING) == ["inactive"] * len(RUNNING))
    machine.run("systemctl", "start", "multires.target")
    eventually(lambda: machine.states(*RUNNING) == ["active"] * len(RUNNING))


def test_uninstalling_removes_everything_except_the_data(machine):
    machine.make("uninstall")
    # Units that have a file or a process: systemd may remember the names of units that have neither.
    states = "--state=loaded,active,activating,deactivating,reloading,failed"
    assert machine.run("systemctl", "list-units", "--all", states, "--no-legend", "multires*") == ""
    assert machine.run("bash", "-c", "ls /usr/local/lib/multires 2>&1 || true").startswith("ls: ")
    assert "catalog.sqlite3" in machine.run("ls", "/var/lib/multires")
