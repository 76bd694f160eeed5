"""ext4 on a loop device of its own: with a volatile cache below it, or small, to be filled."""

import contextlib
import mmap
import os
import pathlib
import subprocess
import sys
import tempfile
import time

MB = 1 << 20
VOLATILE_FILE = pathlib.Path(__file__).with_name("volatile_file.py")


class NoDisk(Exception):
    """Why this machine gives none."""


def run(*command, check=True):
    done = subprocess.run(
        [str(word) for word in command], stdin=subprocess.DEVNULL, capture_output=True, text=True)
    if check and done.returncode != 0:
        raise RuntimeError(f"{' '.join(map(str, command))}: {done.stderr.strip()}")
    return done.stdout.strip()


def why_not():
    """Why no disk can be made here, or None."""
    if os.getuid() != 0:
        return "only root can mount disks"
    for device in ("/dev/fuse", "/dev/loop-control"):
        if not os.access(device, os.R_OK | os.W_OK):
            return f"{device} is not there"
    with tempfile.TemporaryDirectory(prefix="soak-probe-") as place:
        disk = None
        try:
            disk = VolatileDisk(place, 16 * MB)
        except (NoDisk, RuntimeError, OSError) as error:
            return f"no disk can be made: {error}"
        finally:
            if disk:
                disk.close()
    return None


def give_back(mountpoint):
    """Unmounts as soon as nobody uses it: who was killed may still be in a system call."""
    for _ in range(200):
        if not os.path.ismount(mountpoint):
            return
        with contextlib.suppress(RuntimeError):
            run("umount", mountpoint)
            return
        time.sleep(0.05)
    run("umount", "-l", mountpoint)


class Disk:
    """A plain one; `folder` is where it is mounted."""

    def __init__(self, place, size, *options):
        self.place = pathlib.Path(place)
        self.place.mkdir(parents=True, exist_ok=True)
        self.backing, self.folder = self.place / "backing", self.place / "disk"
        self.folder.mkdir(exist_ok=True)
        with open(self.backing, "wb") as file:
            file.truncate(size)
        self.loop = None
        run("mkfs.ext4", "-q", "-F", "-m", "0", "-E", "nodiscard,lazy_itable_init=0", *options,
            self.backing)
        self.mount()

    def image(self):
        return self.backing

    def mount(self):
        self.loop = run("losetup", "--find", "--show", self.image())
        run("mount", "-t", "ext4", self.loop, self.folder)

    def unmount(self):
        give_back(self.folder)
        if self.loop:
            run("losetup", "--detach", self.loop, check=False)
            self.loop = None

    def close(self):
        self.unmount()
        self.backing.unlink(missing_ok=True)


class VolatileDisk(Disk):
    """Loses what was not flushed: see volatile_file.py."""

    def __init__(self, place, size, *options):
        self.below = pathlib.Path(place) / "fuse"
        self.server = None
        super().__init__(place, size, *options)

    def image(self):
        return self.below / "disk"

    def mount(self):
        self.below.mkdir(exist_ok=True)
        self.server = subprocess.Popen(
            [sys.executable, VOLATILE_FILE, self.backing, self.below], stdin=subprocess.PIPE,
            stdout=subprocess.PIPE, text=True, start_new_session=True)
        if self.server.stdout.readline() != "mounted\n":
            raise NoDisk("FUSE cannot be mounted here")
        super().mount()

    def cut(self, seed):
        """At once. Returns how many blocks were not flushed, and how many sectors of them are kept."""
        self.server.stdin.write(f"cut {seed}\n")
        self.server.stdin.flush()
        return tuple(map(int, self.server.stdout.readline().split()))

    def unmount(self):
        super().unmount()
        if self.server:
            give_back(self.below)
            # It exits as it is unmounted, and when nobody holds its standard input.
            self.server.stdin.close()
            self.server.wait()
            self.server.stdout.close()
            self.server = None


def control(place, seed):
    """What was synced is kept, what was not is lost: on another disk a campaign proves nothing."""
    disk = VolatileDisk(place, 64 * MB)
    try:
        written = disk.folder / "written-through"
        write(written, b"old" * 4096)
        for number in range(100):
            write(disk.folder / f"synced-{number}", b"s" * 3000)
        sync_folder(disk.folder)
        for number in range(100):
            (disk.folder / f"not-synced-{number}").write_bytes(b"n" * 3000)
        # Past the kernel's cache, so into the disk's own.
        direct = os.open(written, os.O_WRONLY | os.O_DIRECT)
        page = mmap.mmap(-1, 4096)
        page.write(b"new!" * 1024)
        os.write(direct, page)
        os.close(direct)
        unflushed, _ = disk.cut(f"{seed} none")
        disk.unmount()
        disk.mount()
        for number in range(100):
            assert (disk.folder / f"synced-{number}").read_bytes() == b"s" * 3000
        left = len(list(disk.folder.glob("not-synced-*")))
        assert left == 0, f"{left} files that were not synced are there"
        assert unflushed > 0, "a write past the kernel's cache did not reach the disk's cache"
        assert written.read_bytes() == b"old" * 4096, "a write that was not flushed is there"
        return "100 synced files kept, 100 not synced and 1 not flushed lost"
    finally:
        disk.close()


def write(path, data):
    with open(path, "wb") as file:
        file.write(data)
        file.flush()
        os.fsync(file.fileno())


def sync_folder(path):
    folder = os.open(path, os.O_RDONLY)
    os.fsync(folder)
    os.close(folder)
