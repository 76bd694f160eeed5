"""ext4 on a loop device: a small one to fill, or one with a volatile write cache below it."""

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
    """This machine cannot make such a disk; the message has the reason."""


def run(*command, check=True):
    done = subprocess.run([str(word) for word in command], stdin=subprocess.DEVNULL, capture_output=True, text=True)
    if check and done.returncode != 0:
        raise RuntimeError(f"{' '.join(map(str, command))}: {done.stderr.strip()}")
    return done.stdout.strip()


def why_not():
    """The reason why this machine cannot make disks, or None."""
    if os.getuid() != 0:
        return "only root can mount disks"
    for device in ("/dev/fuse", "/dev/loop-control"):
        if not os.access(device, os.R_OK | os.W_OK):
            return f"{device} is missing or not accessible"
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
    """Unmounts when no process uses it any more: one that was killed may still be in a system call."""
    for _ in range(200):
        if not os.path.ismount(mountpoint):
            return
        with contextlib.suppress(RuntimeError):
            run("umount", mountpoint)
            return
        time.sleep(0.05)
    run("umount", "-l", mountpoint)


class Disk:
    """A disk in a file; `folder` is its mount point."""

    def __init__(self, place, size, *options):
        self.place = pathlib.Path(place)
        self.place.mkdir(parents=True, exist_ok=True)
        self.backing, self.folder = self.place / "backing", self.place / "disk"
        self.folder.mkdir(exist_ok=True)
        with open(self.backing, "wb") as file:
            file.truncate(size)
        self.loop = None
        run("mkfs.ext4", "-q", "-F", "-m", "0", "-E", "nodiscard,lazy_itable_init=0", *options, self.backing)
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
    """A disk that loses unflushed writes; see volatile_file.py."""

    def __init__(self, place, size, *options):
        self.below = pathlib.Path(place) / "fuse"
        self.server = None
        super().__init__(place, size, *options)

    def image(self):
        return self.below / "disk"

    def mount(self):
        self.below.mkdir(exist_ok=True)
        self.server = subprocess.Popen(
            [sys.executable, VOLATILE_FILE, self.backing, self.below],
            stdin=subprocess.PIPE,
            stdout=subprocess.PIPE,
            text=True,
            start_new_session=True,
        )
        if self.server.stdout.readline() != "mounted\n":
            raise NoDisk("FUSE cannot be mounted here")
        super().mount()

    def cut(self, seed):
        """Cuts the power. Returns the number of unflushed blocks, and of their sectors that are kept."""
        self.server.stdin.write(f"cut {seed}\n")
        self.server.stdin.flush()
        return tuple(map(int, self.server.stdout.readline().split()))

    def unmount(self):
        super().unmount()
        if self.server:
            give_back(self.below)
            # It exits when it is unmounted, or when its standard input is closed.
            self.server.stdin.close()
            self.server.wait()
            self.server.stdout.close()
            self.server = None


def control(place, seed):
    """Checks that the disk keeps synced data and loses unsynced data. Else a campaign would prove nothing."""
    disk = VolatileDisk(place, 64 * MB)
    try:
        written = disk.folder / "written-through"
        write(written, b"old" * 4096)
        for number in range(100):
            write(disk.folder / f"synced-{number}", b"s" * 3000)
        sync_folder(disk.folder)
        for number in range(100):
            (disk.folder / f"not-synced-{number}").write_bytes(b"n" * 3000)
        # Bypasses the kernel's cache, so the data is in the disk's cache.
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
        assert left == 0, f"{left} unsynced files survived"
        assert unflushed > 0, "a write that bypasses the kernel's cache did not reach the disk's cache"
        assert written.read_bytes() == b"old" * 4096, "an unflushed write survived"
        return "control: 100 synced files are kept, 100 unsynced files and 1 unflushed write are lost"
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
