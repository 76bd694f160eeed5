"""SIGKILL to any process of the service. Only serve is restarted from outside."""

import collections
import contextlib
import os
import signal
import time

from campaign import Campaign

# Seconds for a restart on a loaded machine. The supervisor's longest pause is 5 s.
RESTART = 30
ONE_OF_EACH = ("serve", "nginx master", "auth-responder", "image-responder", "resize-worker")
KINDS = {
    "serve": 3,
    "nginx master": 3,
    "nginx worker": 3,
    "auth-responder": 4,
    "image-responder": 5,
    "resize-worker": 4,
    "resizer": 4,
    "several": 4,
    "all": 1,
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
        # The clients continue while the service restarts.
        time.sleep(self.dice.uniform(0, 0.3))
        wrong = self.recovers(victims)
        clients.end()
        if wrong:
            self.violation(f"after a kill of {what}: {wrong}: {self.last_words()}")
            self.by_hand()
        self.check()

    def recovers(self, victims):
        """Waits until the service is complete again. Returns None, or what is wrong."""
        if any(one.kind == "serve" for one in victims):
            self.service.process.wait()
            self.service.start(self.place / "log")
        if not self.service.answers():
            return "does not answer"
        # One of each, and none of an earlier serve. The numbers of nginx workers and resizers vary.
        killed = {one.pid for one in victims}
        end = time.monotonic() + RESTART
        since, before = 0, {}
        while True:
            there = [one for one in self.service.processes() if one.kind in ONE_OF_EACH]
            kinds = collections.Counter(one.kind for one in there)
            now = {one.pid for one in there}
            if now != before or killed & now:
                since, before = time.monotonic(), now
            # nginx exits half a second after its start if its port is in use.
            held = time.monotonic() - since > (1 if self.touched_nginx(victims) else 0.05)
            if held and all(kinds[kind] == 1 for kind in ONE_OF_EACH):
                return None
            if time.monotonic() > end:
                return f"after {RESTART} s these run: {dict(kinds)}"
            time.sleep(0.1)

    @staticmethod
    def touched_nginx(victims):
        return any(one.kind in ("serve", "nginx master") for one in victims)

    def choose(self):
        """Returns the processes to kill, and their kinds as text."""
        # The first rounds are the two most important ones, because the step `fault` has few rounds.
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
