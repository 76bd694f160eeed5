#!/usr/bin/env python3
"""Runs a command in a clone of HEAD on a Debian that has Swift and no other dependency.

    bare_debian.py bookworm|trixie root|dev COMMAND

Finds missing install steps, and differences between library versions. The Debian runs in its own
namespaces, and all changes to it are discarded. The exit status is the command's, or 77, with the reason,
when this machine cannot run such a Debian. Needs root, debootstrap and overlayfs.
"""

import contextlib
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
# The packages that swift.org lists for Debian, and git, make and sudo.
PACKAGES = {
    suite: [
        "binutils",
        "ca-certificates",
        "curl",
        "git",
        "gnupg",
        "libc6-dev",
        "libcurl4-openssl-dev",
        "libedit2",
        f"libgcc-{gcc}-dev",
        "libncurses6",
        "libpython3-dev",
        "libsqlite3-0",
        f"libstdc++-{gcc}-dev",
        "libxml2-dev",
        "libz3-dev",
        "make",
        "pkg-config",
        "procps",
        "sudo",
        "tzdata",
        "unzip",
        "zlib1g-dev",
    ]
    for suite, gcc in [("bookworm", 12), ("trixie", 14)]
}
# This machine's network configuration, which may be more than a name server.
NETWORK_FILES = ["/etc/resolv.conf", "/etc/hosts", "/etc/gitconfig", "/etc/pip.conf", "/etc/ssl/certs"]
NETWORK_VARIABLES = re.compile(r"(https?|no)_proxy|PIP_\w+", re.IGNORECASE)
# The kernel unmounts everything with the namespace. Chromium needs its own /dev/shm.
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
    """The folder that contains Swift's usr/bin."""
    return pathlib.Path(shutil.which("swift")).resolve().parents[2]


def local_packages():
    """Local folders that replace repository URLs in git's configuration (insteadOf), if any."""
    rules = subprocess.run(
        ["git", "config", "--get-regexp", r"^url\..*\.insteadof$"], capture_output=True, text=True
    ).stdout
    return set(re.findall(r"^url\.(/\S*?)/?\.insteadof ", rules, re.MULTILINE))


def prepare(root, suite, home):
    """Writes the network configuration, sudo without a password, and the clone into the upper folder of the
    overlay."""
    for path in filter(os.path.exists, NETWORK_FILES):
        target = root / path[1:]
        target.parent.mkdir(parents=True, exist_ok=True)
        subprocess.run(["cp", "-rL", path, target], check=True)
    apt = root / "etc/apt"
    shutil.copytree("/etc/apt/apt.conf.d", apt / "apt.conf.d")
    lines = [f"deb {debian.mirror()} {suite} main", f"deb {debian.mirror()} {suite}-updates main"]
    with contextlib.suppress(debian.Unavailable):
        lines.append(f"deb {debian.mirror('/debian-security')} {suite}-security main")
    (apt / "sources.list").write_text("\n".join(lines) + "\n")
    sudo = root / "etc/sudoers.d"
    sudo.mkdir()
    (sudo / "dev").write_text("dev ALL=(ALL) NOPASSWD: ALL\n")
    clone = root / home[1:] / "project"
    clone.parent.mkdir(parents=True)
    subprocess.run(["git", "clone", "-q", "--no-hardlinks", PROJECT, clone], check=True)


def run(suite, user, command):
    lower = debian.base(suite, PACKAGES[suite], "dev")
    # Not on a tmpfs, because a build needs gigabytes.
    with tempfile.TemporaryDirectory(dir=debian.CACHE, prefix="run-") as scratch:
        for name in ("upper", "work", "root"):
            os.mkdir(f"{scratch}/{name}")
        home = "/root" if user == "root" else f"/home/{user}"
        prepare(pathlib.Path(scratch, "upper"), suite, home)
        seen = {str(toolchain())} | local_packages()
        variables = [f"{name}={value}" for name, value in os.environ.items() if NETWORK_VARIABLES.fullmatch(name)]
        inside = f"""
            chown {user}: {home} && chown -R {user}: {home}/project
            git config --system --add safe.directory '*'
            cd {home}/project
            exec setpriv --reuid={user} --regid={user} --init-groups env -i HOME={home} \
                PATH={toolchain()}/usr/bin:/usr/local/sbin:/usr/local/bin:/usr/sbin:/usr/bin:/sbin:/bin \
                {shlex.join(variables)} bash -c {shlex.quote(command)}"""
        return subprocess.run(
            [
                "unshare",
                "--mount",
                "--pid",
                "--fork",
                "--kill-child",
                "--propagation",
                "private",
                "sh",
                "-c",
                ENTER,
                "sh",
                lower,
                scratch,
                "bash",
                "-c",
                inside,
            ],
            env={**os.environ, "SEEN": " ".join(seen)},
            stdin=subprocess.DEVNULL,
        ).returncode


if __name__ == "__main__":
    try:
        sys.exit(run(*sys.argv[1:]))
    except debian.Unavailable as reason:
        print(f"NOT TESTED: this machine cannot run a bare Debian: {reason}")
        sys.exit(77)
