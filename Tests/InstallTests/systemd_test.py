"""`sudo make install` on a machine with systemd: what is hardened must still work. For root; one
machine for all tests, in this order."""

import json
import os
import pathlib

import pytest

from machine import Machine, NoMachine
from stack import eventually

RUNNING = ["multires-init.service", "multires-auth.service", "multires-image.service",
           "multires-worker@1.service", "multires-auth.socket", "multires-image.socket"]
INSIDE = ["python3", str(pathlib.Path(__file__).with_name("inside.py"))]


@pytest.fixture(scope="module")
def machine():
    if os.getuid() != 0:
        pytest.skip("only root can make a machine")
    try:
        machine = Machine()
    except NoMachine as reason:
        pytest.skip(f"no machine can be made here: {reason}")
    yield machine
    machine.close()


def test_installing_starts_everything_and_a_photo_becomes_its_sizes(machine):
    said = machine.make("install")
    assert "multires deploy nginx" in said
    assert machine.states(*RUNNING) == ["active"] * len(RUNNING)
    # A setting, and then what the command says to do.
    machine.run("bash", "-c", """
        echo MULTIRES_RATE_LIMITS=off >> /etc/multires/multires.env
        multires deploy nginx
        rm -f /etc/nginx/sites-enabled/*
        ln -sf /var/lib/multires/nginx/site/multires.conf /etc/nginx/sites-enabled/multires.conf
        sed -i 's/^user .*/user multires;/' /etc/nginx/nginx.conf
        nginx -t && systemctl start nginx""")
    machine.run(*INSIDE, "upload")
    journal = machine.run("journalctl", "--no-pager", "-o", "cat", "-u", "multires-*.service")
    assert '"result":"complete"' in journal
    for level in ("warning", "error", "critical"):
        assert f'"level":"{level}"' not in journal, journal


def test_nothing_of_it_is_roots_and_the_command_keeps_it_so(machine):
    machine.run("multires", "users", "list")
    assert machine.run("find", "/var/lib/multires", "!", "-user", "multires") == ""
    assert machine.run("stat", "-c", "%a %U", "/var/lib/multires/secrets.env") == "600 multires"


def test_an_upgrade_loses_no_request(machine):
    asking = machine.start(*INSIDE, "ask", "/tmp/upgraded")
    machine.make("install")
    machine.run("touch", "/tmp/upgraded")
    counts, errors = asking.communicate(timeout=60)
    assert list(json.loads(counts)) == ["200"], counts + errors


def test_a_worker_that_is_killed_is_there_again_however_often(machine):
    def pid():
        return machine.run("systemctl", "show", "-P", "MainPID", "multires-worker@1")
    # systemd by itself gives up after five starts within ten seconds.
    for _ in range(7):
        before = pid()
        machine.run("systemctl", "kill", "-s", "KILL", "--kill-who=main", "multires-worker@1")
        eventually(lambda: pid() not in (before, "0"))
    eventually(lambda: machine.states("multires-worker@1") == ["active"])
    machine.run(*INSIDE, "upload")


def test_stopped_is_stopped_until_it_is_started(machine):
    machine.run("systemctl", "stop", "multires.target")
    eventually(lambda: machine.states(*RUNNING) == ["inactive"] * len(RUNNING))
    machine.run("systemctl", "start", "multires.target")
    eventually(lambda: machine.states(*RUNNING) == ["active"] * len(RUNNING))


def test_uninstalled_is_gone_but_for_what_is_yours(machine):
    machine.make("uninstall")
    # A file or a process of one. systemd may remember the name of a unit that has neither.
    states = "--state=loaded,active,activating,deactivating,reloading,failed"
    assert machine.run("systemctl", "list-units", "--all", states, "--no-legend", "multires*") == ""
    assert machine.run("bash", "-c", "ls /usr/local/lib/multires 2>&1 || true").startswith("ls: ")
    assert "catalog.sqlite3" in machine.run("ls", "/var/lib/multires")
