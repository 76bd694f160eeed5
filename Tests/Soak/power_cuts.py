"""Power cuts: all programs are killed, and the disk loses unflushed writes."""

import os
import threading
import time

from campaign import Campaign
from disks import MB, VolatileDisk, control

TWO_DAYS = 2 * 86_400


class PowerCuts(Campaign):
    name = "cuts"

    def disk(self):
        self.say(control(self.place / "control", self.seed))
        self.volatile = VolatileDisk(self.place, 512 * MB)
        return self.volatile.folder

    def give_disk_back(self):
        if hasattr(self, "volatile"):
            self.volatile.close()

    def play(self):
        clients = self.clients()
        self.is_cut = threading.Event()
        self.cutting = threading.Lock()
        if self.dice.random() < 0.5:
            # At the moment of a response, before its client sends the next request.
            self.left = self.dice.randint(1, 80)
            self.api.heard = self.count
            clients.start()
            if not self.is_cut.wait(20):
                self.cut()
        else:
            clients.start()
            time.sleep(self.dice.uniform(0, 2))
            self.cut()
        self.service.kill_all()
        clients.end()
        self.volatile.unmount()
        self.volatile.mount()
        for line in self.service.check_copy(self.place):
            self.violation(f"the database after the cut: {line}")
        if self.dice.random() < 0.4:
            self.age()
        self.start()
        self.check()

    def count(self, _):
        with self.cutting:
            self.left -= 1
            now = self.left == 0
        if now:
            self.cut()

    def cut(self):
        with self.cutting:
            if self.is_cut.is_set():
                return
            # Responses that are read later do not count.
            self.api.ends_at = time.monotonic()
            self.volatile.cut(self.dice.random())
            self.is_cut.set()

    def age(self):
        """Makes all files two days old, so that the first sweep removes all that it considers left-overs."""
        then = time.time() - TWO_DAYS
        for folder, folders, files in os.walk(self.service.data):
            for name in folders + files:
                os.utime(os.path.join(folder, name), (then, then), follow_symlinks=False)
