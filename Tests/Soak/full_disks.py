"""The disk runs out of bytes or of inodes, then has space again."""

import contextlib
import os
import time

from campaign import Campaign
from disks import MB, Disk
from service import START

# The allowed errors on a full disk: 507, or 503 when the database has not reported the full disk, or when
# nginx cannot store the body.
ALLOWED = ("507", "503")
MOST_DELETED = 8


class FullDisks(Campaign):
    name = "full"
    doctor_every = 5

    def disk(self):
        self.small = Disk(self.place, 160 * MB, "-N", "6000")
        return self.small.folder

    def give_disk_back(self):
        if hasattr(self, "small"):
            self.small.close()

    def play(self):
        clients = self.clients()
        clients.start()
        time.sleep(self.dice.uniform(0.3, 1))
        inodes = self.dice.random() < 0.3
        (self.fill_inodes if inodes else self.fill)(self.dice.choice((0, 0, 16, 256)) * 1024)
        self.refusals_before = self.refusals.copy()
        time.sleep(self.dice.uniform(1, 3))
        killed = self.dice.random() < 0.3
        if killed:
            self.service.kill_all()
        clients.end()
        if killed:
            self.start_while_full()
        for kind in self.refusals - self.refusals_before:
            if not kind.startswith(ALLOWED) and not killed:
                self.violation(f"full of {'inodes' if inodes else 'bytes'}: answered {kind}")
        self.delete_on_full_disk()
        self.make_room()
        if self.service.ended():
            self.service.start(self.place / "log")
        begun = time.monotonic()
        if not self.service.answers():
            self.violation(f"does not answer when there is space again: {self.last_words()}")
            self.by_hand()
        elif time.monotonic() - begun > 30:
            self.violation(f"answered only {time.monotonic() - begun:.0f} s after there was space")
        self.check()

    def start_while_full(self):
        """Starts serve, which must answer, or exit with a message: its sockets and nginx's files may not fit.
        Its supervisor would then restart it."""
        self.service.start(self.place / "log")
        end = time.monotonic() + START
        while not self.service.asks("/health") and not self.service.ended():
            if time.monotonic() > end:
                self.violation(f"neither starts on a full disk nor exits: {self.last_words()}")
                return
            time.sleep(0.1)
        if self.service.ended():
            self.not_started += 1
            self.service.kill_all()
            self.say(f"does not start on a full disk: {self.last_words()}")

    not_started = 0

    def row(self):
        return {**super().row(), "note": f"{self.not_started} starts failed because the disk was full"}

    def fill(self, left):
        """Fills the disk except for `left` bytes."""
        size = 8 * MB
        with open(self.small.folder / "filler", "ab", buffering=0) as file:
            while size >= 512:
                try:
                    os.posix_fallocate(file.fileno(), file.seek(0, os.SEEK_END), size)
                except OSError:
                    size //= 2
            file.truncate(max(0, file.seek(0, os.SEEK_END) - left))

    def fill_inodes(self, _):
        folder = self.small.folder / "fillers"
        folder.mkdir(exist_ok=True)
        with contextlib.suppress(OSError):
            for number in range(100_000):
                (folder / str(number)).touch()

    def make_room(self):
        with contextlib.suppress(FileNotFoundError):
            (self.small.folder / "filler").unlink()
        folder = self.small.folder / "fillers"
        if folder.is_dir():
            for one in folder.iterdir():
                one.unlink()

    def delete_on_full_disk(self):
        """Checks that DELETE works with no byte free, so that users can make space."""
        if not (self.small.folder / "filler").exists():
            return
        self.fill(0)
        if not self.service.asks("/health"):
            return
        deleted = 0
        for account in self.world.accounts():
            sessions = account.valid_sessions()
            if not account.there or not sessions:
                continue
            for image in account.present():
                if deleted == MOST_DELETED:
                    return
                # The space that the previous deletion freed is filled too.
                self.fill(0)
                answer = self.api.request("DELETE", f"/api/images/{image.id}", token=sessions[-1].access)
                image.there = False if answer.status == 200 else None
                self.facts.holds(answer.status == 200, f"no byte free: {answer}")
                deleted += 1
