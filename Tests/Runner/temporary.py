"""The folder for the temporary files of a run."""

import os
import pathlib
import shutil
import subprocess
import sys
import tempfile

SHARED_MEMORY = "/dev/shm"
# Bytes. All tests of a run together never use more than a quarter of it.
LEAST_FREE = 4 << 30
# UNIX sockets are in these folders, and their paths may have 107 bytes (unix(7)).
LONGEST_BASE = 30


def make():
    """Makes an empty folder: in TMPDIR if that is set, else in memory if there is enough, because making and
    removing the 768 folders of a data folder takes 5 ms there and 0.3 s on ext4. Exits with a message when
    no folder can be made."""
    base = os.environ.get("TMPDIR") or (SHARED_MEMORY if is_roomy(SHARED_MEMORY) else "/tmp")
    if not base.startswith("/") or len(base) > LONGEST_BASE or " " in base:
        sys.exit(f'TMPDIR: "{base}" must begin with /, have at most {LONGEST_BASE} bytes and no spaces.')
    try:
        folder = tempfile.mkdtemp(prefix="t", dir=base)
    except OSError as error:
        sys.exit(f"TMPDIR: {error}")
    # Some tests run programs as another user.
    os.chmod(folder, 0o1777)
    return folder


def is_roomy(folder):
    try:
        flags, free = os.statvfs(folder).f_flag, shutil.disk_usage(folder).free
    except OSError:
        return False
    usable = os.access(folder, os.W_OK) and not flags & (os.ST_NOEXEC | os.ST_RDONLY)
    return usable and min(free, available_memory()) >= LEAST_FREE


def available_memory():
    """Bytes that programs can allocate without swapping (proc(5), MemAvailable)."""
    with open("/proc/meminfo") as file:
        fields = dict(line.split(":") for line in file)
    return int(fields["MemAvailable"].split()[0]) * 1024


def remove(folder):
    """Unmounts what is mounted in the folder, then removes it. Keeps it if something cannot be unmounted."""
    for place in mounts_below(folder):
        subprocess.run(["umount", "-l", place], capture_output=True)
    if mounts_below(folder):
        print(f"kept {folder}, because something in it could not be unmounted", file=sys.stderr)
    else:
        shutil.rmtree(folder, ignore_errors=True)


def mounts_below(folder):
    """The mount points in the folder, the newest first (proc(5), mountinfo)."""
    lines = pathlib.Path("/proc/self/mountinfo").read_text().splitlines()
    return [place for place in (line.split(" ")[4] for line in reversed(lines)) if place.startswith(folder + "/")]
