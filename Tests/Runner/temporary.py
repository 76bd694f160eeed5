"""Where the tests' temporary files go: a folder for each run."""

import os
import pathlib
import shutil
import subprocess
import sys
import tempfile

SHARED_MEMORY = "/dev/shm"
# Bytes. What all of a run's tests have at once takes less than a quarter of it.
LEAST_FREE = 4 << 30
# UNIX sockets are in these folders, and their paths may have 107 bytes (unix(7)).
LONGEST_BASE = 30


def make():
    """An empty folder. In TMPDIR when that is set; else in memory, where there is enough: making and
    removing the 768 folders of a data folder takes 5 ms there and 0.3 s on a disk's ext4. Ends this
    program where no folder can be made."""
    base = os.environ.get("TMPDIR") or (SHARED_MEMORY if is_roomy(SHARED_MEMORY) else "/tmp")
    if not base.startswith("/") or len(base) > LONGEST_BASE or " " in base:
        sys.exit(f'TMPDIR: "{base}" must begin with /, have no blank and at most {LONGEST_BASE} bytes.')
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
    """Bytes that programs can have without swapping (proc(5), MemAvailable)."""
    with open("/proc/meminfo") as file:
        fields = dict(line.split(":") for line in file)
    return int(fields["MemAvailable"].split()[0]) * 1024


def remove(folder):
    """Not what is mounted in it: that is unmounted before, or the folder stays."""
    for place in mounts_below(folder):
        subprocess.run(["umount", "-l", place], capture_output=True)
    if mounts_below(folder):
        print(f"kept {folder}, where something is mounted", file=sys.stderr)
    else:
        shutil.rmtree(folder, ignore_errors=True)


def mounts_below(folder):
    """The last one first (proc(5), mountinfo)."""
    lines = pathlib.Path("/proc/self/mountinfo").read_text().splitlines()
    return [place for place in (line.split(" ")[4] for line in reversed(lines))
            if place.startswith(folder + "/")]
