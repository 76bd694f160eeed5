"""Freshly installed Debians, made by debootstrap once per machine and kept in ~/.cache/multires-tests."""

import hashlib
import os
import pathlib
import shutil
import subprocess

CACHE = pathlib.Path(os.environ.get("XDG_CACHE_HOME", pathlib.Path.home() / ".cache")) / "multires-tests"


class Unavailable(Exception):
    """Why there can be no such Debian here."""


def base(suite, packages, user, uid=1000):
    """The folder of a Debian with those packages and an ordinary user. It is never changed: copy it, or
    lay something over it."""
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
            capture_output=True, text=True)
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
    """The one that this machine's own Debian comes from."""
    targets = subprocess.run(
        ["apt-get", "indextargets", "--format", "$(REPO_URI) $(ORIGIN)", "Identifier: Packages"],
        capture_output=True, text=True).stdout.split("\n")
    for line in targets:
        address = line.split(" ")[0]
        if address.rstrip("/").endswith(suffix):
            return address
    raise Unavailable(f"apt knows no mirror that ends in {suffix}")
