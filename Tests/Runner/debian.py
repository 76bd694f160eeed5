"""Freshly installed Debians, made by debootstrap once per machine and cached in ~/.cache/multires-tests."""

import hashlib
import os
import pathlib
import shutil
import subprocess

CACHE = pathlib.Path(os.environ.get("XDG_CACHE_HOME", pathlib.Path.home() / ".cache")) / "multires-tests"


class Unavailable(Exception):
    """This machine cannot make or enter such a Debian; the message has the reason."""


def base(suite, packages, user, uid=1000):
    """The folder of a Debian with these packages and an ordinary user. Do not change it: copy it, or mount an
    overlay on it. Raises `Unavailable`."""
    if os.geteuid() != 0:
        raise Unavailable("only root can make and enter a chroot")
    for tool in ("debootstrap", "unshare", "nsenter", "setpriv"):
        if not shutil.which(tool):
            raise Unavailable(f"{tool} is not installed")
    may = subprocess.run(["unshare", "--mount", "--pid", "--fork", "true"], capture_output=True, text=True)
    if may.returncode:
        raise Unavailable(may.stderr.strip())
    made = CACHE / f"{suite}-{hashlib.sha256(' '.join([*packages, user]).encode()).hexdigest()[:16]}"
    if made.exists():
        return made
    CACHE.mkdir(parents=True, exist_ok=True)
    draft = CACHE / f"draft-{os.getpid()}"
    try:
        done = subprocess.run(
            ["debootstrap", "--variant=minbase", f"--include={','.join(packages)}", suite, draft, mirror()],
            capture_output=True,
            text=True,
        )
        if done.returncode:
            raise Unavailable(f"debootstrap {suite}: {(done.stdout + done.stderr)[-300:]}")
        subprocess.run(["chroot", draft, "useradd", "-m", "-s", "/bin/bash", "-u", str(uid), user], check=True)
        try:
            draft.rename(made)
        except OSError:
            # Another run was first.
            if not made.exists():
                raise
    finally:
        shutil.rmtree(draft, ignore_errors=True)
    return made


def mirror(suffix="/debian"):
    """The mirror in this machine's apt sources whose path ends with `suffix`. Raises `Unavailable`."""
    targets = subprocess.run(
        ["apt-get", "indextargets", "--format", "$(REPO_URI) $(ORIGIN)", "Identifier: Packages"],
        capture_output=True,
        text=True,
    ).stdout.split("\n")
    for line in targets:
        address = line.split(" ")[0]
        if address.rstrip("/").endswith(suffix):
            return address
    raise Unavailable(f"apt's sources have no mirror whose path ends in {suffix}")
