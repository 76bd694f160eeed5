"""`.ci/install`, with an apt that only records its arguments."""

import os
import pathlib
import subprocess

INSTALL = pathlib.Path(__file__).resolve().parents[2] / ".ci/install"
PROGRAMS = {
    # More output than a pipe holds: a reader that stops early would kill it with SIGPIPE.
    "apt-cache": 'case $3 in old*) exit 100 ;; esac; echo "Package: $3"; seq 100000',
    "apt-get": "true",
    "dpkg-query": 'case $4 in have*) echo "install ok installed" ;; *) exit 1 ;; esac',
    "id": "echo 1000",
    "sudo": 'echo "$@" >>"$ASKED"; cat >/dev/null',
}


def test_an_optional_package_is_installed_only_if_debian_has_it(tmp_path):
    for name, command in PROGRAMS.items():
        (tmp_path / name).write_text(f"#!/bin/sh\n{command}\n")
        (tmp_path / name).chmod(0o755)
    asked = tmp_path / "asked"
    subprocess.run(
        [INSTALL, "have", "have-too?", "old-lacks?", "new-has?", "needed"],
        check=True,
        stdin=subprocess.DEVNULL,
        env={**os.environ, "PATH": f"{tmp_path}:{os.environ['PATH']}", "ASKED": str(asked)},
    )
    [install] = [line for line in asked.read_text().splitlines() if " apt-get install " in line]
    assert install.split()[-3:] == ["--no-install-recommends", "new-has", "needed"]
