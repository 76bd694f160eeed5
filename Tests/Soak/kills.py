"""SIGKILL to any process of the service; serve alone is started again from outside."""

import contextlib
import os
import signal
import time

from campaign import Campaign

# The supervisor's longest pause is 5 s; a loaded machine.
RESTART = 30
KINDS = {
    "serve": 3, "nginx master": 3, "nginx worker": 3, "auth-responder": 4, "image-responder": 5,
    "resize-worker": 4, "resizer": 4, "several": 4, "all": 1,
}


class Kills(Campaign):
    name = "kills"
    doctor_every = 50

    def play(self):
        clients = self.clients()
        clients.start()
        time.sleep(self.dice.uniform(0.05, 0.6))
        victims, what = self.choose()
        for one in victims:
            with contextlib.suppress(ProcessLookupError):
                os.kill(one.pid, signal.SIGKILL)
        # Clients go on while it starts again.
        time.sleep(self.dice.uniform(0, 0.3))
        recovered = self.recovers(victims)
        clients.end()
        if not recovered:
            self.violation(f"does not answer by itself after a kill of {what}: {self.last_words()}")
            self.by_hand()
        self.check()

    def recovers(self, victims):
        if any(one.kind == "serve" for one in victims):
            self.service.process.wait()
            self.service.start(self.place / "log")
            return self.service.answers()
        if not self.service.answers():
            return False
        # A new one for each that must be there; nginx's workers and resizers come as they are needed.
        wanted = {one.kind for one in victims} - {"nginx worker", "resizer", "fcgiwrap"}
        killed = {one.pid for one in victims}
        end = time.monotonic() + RESTART
        while not wanted <= {one.kind for one in self.service.processes() if one.pid not in killed}:
            if time.monotonic() > end:
                return False
            time.sleep(0.1)
        return self.stays(wanted)

    def stays(self, kinds):
        """nginx's master dies of a taken port half a second after its start."""
        if "nginx master" not in kinds:
            return True
        before = {one.pid for one in self.service.processes() if one.kind == "nginx master"}
        time.sleep(4)
        return bool(before & {
            one.pid for one in self.service.processes() if one.kind == "nginx master"})

    def choose(self):
        """Processes, and what they are in words."""
        # Rounds of a short form meet the two that matter most.
        first = {1: "nginx master", 2: "serve"}.get(self.round)
        processes = sorted(self.service.processes(), key=lambda one: one.pid)
        there = {one.kind for one in processes} | {"several", "all"}
        kinds = {kind: weight for kind, weight in KINDS.items() if kind in there}
        kind = first if first in there else self.dice.choices([*kinds], [*kinds.values()])[0]
        if kind == "all":
            victims = processes
        elif kind == "several":
            victims = self.dice.sample(processes, min(len(processes), self.dice.randint(2, 4)))
        else:
            victims = [self.dice.choice([one for one in processes if one.kind == kind])]
        return victims, ", ".join(one.kind for one in victims)
