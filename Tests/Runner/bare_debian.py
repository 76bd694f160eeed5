#!/usr/bin/env python3
"""Runs a command in a clone of HEAD on a Debian that has Swift and nothing else of ours.

    bare_debian.py bookworm|trixie root|dev COMMAND

Shows what an install step forgot, and what another version of a library changes. The Debian is in
namespaces of its own; what the command does to it is gone afterwards. Exit status: the command's, or
77 and the reason when this machine cannot have such a Debian. Needs root, debootstrap and overlayfs.
"""

import os
import pathlib
import re
import shlex
import shutil
import subprocess
import sys
import tempfile

import debian

PROJECT = pathlib.Path(__file__).resolve().parents[2]
# What swift.org names for Debian, with git, make and sudo.
PACKAGES = {
    suite: [
        "binutils", "ca-certificates", "curl", "git", "gnupg", "libc6-dev", "libcurl4-openssl-dev",
        "libedit2", f"libgcc-{gcc}-dev", "libncurses6", "libpython3-dev", "libsqlite3-0",
        f"libstdc++-{gcc}-dev", "libxml2-dev", "libz3-dev", "make", "pkg-config", "procps", "sudo",
        "tzdata", "unzip", "zlib1g-dev"]
    for suite, gcc in [("bookworm", 12), ("trixie", 14)]}
# How this machine reaches the network, if it takes more than a name server.
NETWORK_FILES = ["/etc/resolv.conf", "/etc/hosts", "/etc/gitconfig", "/etc/pip.conf", "/etc/ssl/certs"]
NETWORK_VARIABLES = re.compile(r"(https?|no)_proxy|PIP_\w+", re.IGNORECASE)
# Everything is unmounted with the namespace. A private /dev/shm: Chromium's.
ENTER = """
set -e
mount -t overlay overlay -o "lowerdir=$1,upperdir=$2/upper,workdir=$2/work" "$2/root"
cd "$2/root"
mount -t proc proc proc
mount --rbind /dev dev
mount -t tmpfs -o mode=1777 tmpfs dev/shm
mount --rbind /sys sys
shift 2
for seen in $SEEN; do mkdir -p ".$seen"; mount --bind "$seen" ".$seen"; done
exec chroot . "$@"
"""


def toolchain():
    """The folder that has Swift's usr/bin."""
    return pathlib.Path(shutil.which("swift")).resolve().parents[2]


def local_packages():
    """Folders that git takes repositories from instead of the network, where it is set up so."""
    rules = subprocess.run(
        ["git", "config", "--get-regexp", r"^url\..*\.insteadof$"], capture_output=True, text=True).stdout
    return {match for match in re.findall(r"^url\.(/\S*?)/?\.insteadof ", rules, re.MULTILINE)}


def prepare(root, suite, home):
    """A network, sudo without a password, and the clone, in the folder that is laid over the Debian."""
    for path in filter(os.path.exists, NETWORK_FILES):
        target = root / path[1:]
        target.parent.mkdir(parents=True, exist_ok=True)
        subprocess.run(["cp", "-rL", path, target], check=True)
    apt = root / "etc/apt"
    shutil.copytree("/etc/apt/apt.conf.d", apt / "apt.conf.d")
    lines = [f"deb {debian.mirror()} {suite} main", f"deb {debian.mirror()} {suite}-updates main"]
    try:
        lines.append(f"deb {debian.mirror('/debian-security')} {suite}-security main")
    except debian.Unavailable:
        pass
    (apt / "sources.list").write_text("\n".join(lines) + "\n")
    sudo = root / "etc/sudoers.d"
    sudo.mkdir()
    (sudo / "dev").write_text("dev ALL=(ALL) NOPASSWD: ALL\n")
    clone = root / home[1:] / "project"
    clone.parent.mkdir(parents=True)
    subprocess.run(["git", "clone", "-q", "--no-hardlinks", PROJECT, clone], check=True)


def run(suite, user, command):
    lower = debian.base(suite, PACKAGES[suite], "dev")
    # Not on a tmpfs: a build takes gigabytes.
    with tempfile.TemporaryDirectory(dir=debian.CACHE, prefix="run-") as scratch:
        for name in ("upper", "work", "root"):
            os.mkdir(f"{scratch}/{name}")
        home = "/root" if user == "root" else f"/home/{user}"
        prepare(pathlib.Path(scratch, "upper"), suite, home)
        seen = {str(toolchain())} | local_packages()
        variables = [f"{name}={value}" for name, value in os.environ.items()
                     if NETWORK_VARIABLES.fullmatch(name)]
        inside = f"""
            chown {user}: {home} && chown -R {user}: {home}/project
            git config --system --add safe.directory '*'
            cd {home}/project
            exec setpriv --reuid={user} --regid={user} --init-groups env -i HOME={home} \
                PATH={toolchain()}/usr/bin:/usr/local/sbin:/usr/local/bin:/usr/sbin:/usr/bin:/sbin:/bin \
                {shlex.join(variables)} bash -c {shlex.quote(command)}"""
        return subprocess.run(
            ["unshare", "--mount", "--pid", "--fork", "--kill-child", "--propagation", "private",
             "sh", "-c", ENTER, "sh", lower, scratch, "bash", "-c", inside],
            env={**os.environ, "SEEN": " ".join(seen)}, stdin=subprocess.DEVNULL).returncode


if __name__ == "__main__":
    try:
        sys.exit(run(*sys.argv[1:]))
    except debian.Unavailable as reason:
        print(f"No bare Debian here, so this is untested: {reason}")
        sys.exit(77)
