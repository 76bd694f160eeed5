"""What all campaigns share: a seed, a folder, a service, clients, facts, and what was found."""

import collections
import os
import pathlib
import random
import shutil
import tempfile
import threading
import time
import traceback

from api import Api, NoAnswer
from clients import Clients
from facts import Facts
from pictures import Pictures
from service import Service
from world import World

# A service that is wrong in every round shows that in a few.
MOST_VIOLATIONS = 40
# From so many rounds on lists of several pages are worth their time.
LONG = 20
MOST_LOG = 32 << 20
MORE_THAN_A_PAGE = 210


class TooMany(Exception):
    pass


class Campaign:
    name = ""
    # How often `doctor` is asked, in rounds.
    doctor_every = 10

    def __init__(self, rounds, seed):
        self.rounds, self.seed = rounds, seed
        self.dice = random.Random(f"{self.name} {seed}")
        self.place = pathlib.Path(tempfile.mkdtemp(prefix=f"soak-{self.name}-"))
        self.violations, self.refusals = [], collections.Counter()
        self.round, self.acknowledged, self.begun = 0, 0, time.monotonic()
        self.lock = threading.Lock()
        self.world = World()
        self.pictures = Pictures(self.place)

    # For campaigns

    def disk(self):
        """Makes it and returns the folder of the service."""
        folder = self.place / "plain"
        folder.mkdir()
        return folder

    def settings(self):
        return {}

    def play(self):
        """One round: clients, a fault, and a service that answers again."""
        raise NotImplementedError

    def give_disk_back(self):
        pass

    # For the program

    def run(self):
        """Returns the row of the table."""
        try:
            self.service = Service(self.disk(), self.say, **self.settings())
            self.api = Api(self.service.port)
            self.facts = Facts(self)
            self.start()
            if self.rounds >= LONG:
                self.fill_pages()
            for self.round in range(1, self.rounds + 1):
                found = len(self.violations)
                self.play()
                self.keep_log(len(self.violations) > found)
                if len(self.violations) >= MOST_VIOLATIONS:
                    raise TooMany
                if self.round % self.doctor_every == 0 or self.round == self.rounds:
                    for problem in self.service.doctor():
                        self.violation(f"doctor: {problem}")
                if self.round % max(1, self.rounds // 20) == 0:
                    self.say(f"{self.round} of {self.rounds}: {self.sum()}")
        except TooMany:
            self.say("too many violations: ended")
        except Exception:  # noqa: BLE001: what was found so far is still reported
            self.violation(f"the campaign fell: {traceback.format_exc()}")
        finally:
            self.close()
        return self.row()

    def fill_pages(self):
        """An account that has more images than the greatest page, and that nobody changes."""
        clients = Clients(self, 0)
        account = clients.register(self.dice)
        for _ in range(MORE_THAN_A_PAGE):
            clients.upload(self.dice, account)
        self.world.still.append(account)

    def row(self):
        return {
            "campaign": self.name, "seed": self.seed, "rounds": self.round,
            "acknowledged": self.acknowledged,
            "facts": self.facts.checked if hasattr(self, "facts") else 0,
            "violations": self.violations, "refusals": dict(self.refusals),
            "seconds": round(time.monotonic() - self.begun)}

    def close(self):
        if hasattr(self, "service"):
            self.service.kill_all()
            if self.violations:
                self.keep()
        self.give_disk_back()
        if not self.violations:
            shutil.rmtree(self.place, ignore_errors=True)
        else:
            self.say(f"kept: {self.place}")

    def keep_log(self, has_found):
        """Of a round with a violation a copy; of the others not much."""
        log = self.place / "log"
        if has_found:
            shutil.copy(log, self.place / f"log-{self.round}")
        if log.stat().st_size > MOST_LOG:
            # serve appends to it.
            os.truncate(log, 0)
            self.service.log_begin = 0

    def keep(self):
        """What the service left, before its disk goes."""
        data = self.service.data
        if data.is_dir() and not data.is_relative_to(self.place / "plain"):
            shutil.copytree(
                data, self.place / "data", symlinks=True, dirs_exist_ok=True,
                ignore=lambda folder, names: [
                    name for name in names if (pathlib.Path(folder) / name).is_socket()])

    def start(self):
        """Starts serve, which must then answer by itself."""
        begun = time.monotonic()
        self.service.start(self.place / "log")
        if not self.service.answers():
            self.violation(
                f"does not answer {time.monotonic() - begun:.0f} s after a start; serve has "
                f"{'ended' if self.service.ended() else 'not ended'}: {self.last_words()}")
            self.by_hand()

    def by_hand(self):
        """As a person would who was called: everything is ended, then started again."""
        self.service.kill_all()
        self.service.start(self.place / "log")
        if not self.service.answers():
            self.violation(f"does not answer when started by hand: {self.last_words()}")
            raise TooMany

    def state(self):
        """What is running now, for the report of a violation."""
        # serve writes what has ended within a second.
        time.sleep(1)
        there = ", ".join(f"{one.kind} {one.pid}" for one in self.service.processes())
        return f"serve has {'ended' if self.service.ended() else 'not ended'}; there are {there}"

    def last_words(self):
        return " | ".join(
            line for line in (self.place / "log").read_text(errors="replace").strip().splitlines()
            if '"level":"info"' not in line and "[crit]" not in line)[-600:]

    def clients(self, count=6):
        return Clients(self, count)

    def check(self):
        self.api.ends_at = None
        self.api.heard = lambda answer: None
        self.api.must_answer = True
        with_still = self.round % 10 == 0 or self.round == self.rounds
        try:
            self.facts.check(Clients(self, 0), with_still)
        except NoAnswer as none:
            self.violation(
                f"it answered after the fault, and then no more: {none}; {self.state()}: "
                f"{self.last_words()}")
            self.by_hand()
            self.facts.check(Clients(self, 0), with_still)
        finally:
            self.api.must_answer = False

    def violation(self, words):
        with self.lock:
            self.violations.append(f"round {self.round}: {words}")
            self.say(f"VIOLATION in round {self.round}: {words}")

    def refusal(self, answer):
        """An error of the service's; some faults allow none."""
        with self.lock:
            self.refusals[f"{answer.status} {answer.code}"] += 1

    def say(self, words):
        print(f"{self.name}: {words}", flush=True)

    def sum(self):
        return (f"{self.acknowledged} acknowledged, {self.facts.checked} facts checked, "
                f"{len(self.violations)} violations, {time.monotonic() - self.begun:.0f} s")
