"""What all campaigns share: a seed, a folder, a service, clients, facts, and violations."""

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
from photos import Photos
from service import Service
from world import World

# The campaign ends after so many: a fault that shows in every round is known after a few.
MOST_VIOLATIONS = 40
# From this number of rounds on, the campaign takes the time to test lists of several pages.
LONG = 20
# Bytes.
MOST_LOG = 32 << 20
# Images; a page has at most 200.
MORE_THAN_A_PAGE = 210


class TooMany(Exception):
    pass


class Campaign:
    name = ""
    # `multires doctor` runs after every so many rounds.
    doctor_every = 10

    def __init__(self, rounds, seed):
        self.rounds, self.seed = rounds, seed
        self.dice = random.Random(f"{self.name} {seed}")
        self.place = pathlib.Path(tempfile.mkdtemp(prefix=f"soak-{self.name}-"))
        self.violations, self.refusals = [], collections.Counter()
        self.round, self.acknowledged, self.begun = 0, 0, time.monotonic()
        self.lock = threading.Lock()
        self.world = World()
        self.photos = Photos(self.place)

    # For campaigns

    def disk(self):
        """Makes the disk and returns the folder for the service."""
        folder = self.place / "plain"
        folder.mkdir()
        return folder

    def settings(self):
        return {}

    def play(self):
        """Plays one round: starts clients, injects a fault, and waits until the service answers again."""
        raise NotImplementedError

    def give_disk_back(self):
        pass

    # For the program

    def run(self):
        """Plays all rounds and returns the campaign's row of the table."""
        try:
            self.service = Service(self.disk(), self.say, **self.settings())
            self.api = Api(self.service.port)
            self.facts = Facts(self)
            self.start()
            if self.rounds >= LONG:
                self.fill_pages()
            for number in range(1, self.rounds + 1):
                self.round = number
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
            self.say("stopped because of too many violations")
        except Exception:  # The violations so far are still reported
            self.violation(f"the campaign crashed: {traceback.format_exc()}")
        finally:
            self.close()
        return self.row()

    def fill_pages(self):
        """Makes an account that has more images than the largest page, and that no client changes."""
        clients = Clients(self, 0)
        account = clients.register(self.dice)
        for _ in range(MORE_THAN_A_PAGE):
            clients.upload(self.dice, account)
        self.world.still.append(account)

    def row(self):
        return {
            "campaign": self.name,
            "seed": self.seed,
            "rounds": self.round,
            "acknowledged": self.acknowledged,
            "facts": self.facts.checked if hasattr(self, "facts") else 0,
            "violations": self.violations,
            "refusals": dict(self.refusals),
            "seconds": round(time.monotonic() - self.begun),
        }

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
        """Copies the log of a round with a violation, and truncates a log that is too long."""
        log = self.place / "log"
        if has_found:
            shutil.copy(log, self.place / f"log-{self.round}")
        if log.stat().st_size > MOST_LOG:
            # serve has opened it with O_APPEND.
            os.truncate(log, 0)
            self.service.log_begin = 0

    def keep(self):
        """Copies the service's data from its disk before that is removed."""
        data = self.service.data
        if data.is_dir() and not data.is_relative_to(self.place / "plain"):
            shutil.copytree(
                data,
                self.place / "data",
                symlinks=True,
                dirs_exist_ok=True,
                ignore=lambda folder, names: [name for name in names if (pathlib.Path(folder) / name).is_socket()],
            )

    def start(self):
        """Starts serve. It is a violation when the service does not answer."""
        begun = time.monotonic()
        self.service.start(self.place / "log")
        if not self.service.answers():
            self.violation(
                f"does not answer {time.monotonic() - begun:.0f} s after a start; serve has "
                f"{'ended' if self.service.ended() else 'not ended'}: {self.last_words()}"
            )
            self.by_hand()

    def by_hand(self):
        """Does what an administrator would do: kills all programs and starts serve again."""
        self.service.kill_all()
        self.service.start(self.place / "log")
        if not self.service.answers():
            self.violation(f"does not answer when started by hand: {self.last_words()}")
            raise TooMany

    def state(self):
        """The running processes, as text for a violation."""
        # serve logs within a second which programs have exited.
        time.sleep(1)
        there = ", ".join(f"{one.kind} {one.pid}" for one in self.service.processes())
        return f"serve has {'ended' if self.service.ended() else 'not ended'}; running: {there}"

    def last_words(self):
        return " | ".join(
            line
            for line in (self.place / "log").read_text(errors="replace").strip().splitlines()
            if '"level":"info"' not in line and "[crit]" not in line
        )[-600:]

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
                f"it answered after the fault, then stopped answering: {none}; {self.state()}: {self.last_words()}"
            )
            self.by_hand()
            self.facts.check(Clients(self, 0), with_still)
        finally:
            self.api.must_answer = False

    def violation(self, words):
        with self.lock:
            self.violations.append(f"round {self.round}: {words}")
            self.say(f"VIOLATION in round {self.round}: {words}")

    def refusal(self, answer):
        """Counts a 5xx response. Some campaigns allow none, or only some of them."""
        with self.lock:
            self.refusals[f"{answer.status} {answer.code}"] += 1

    def say(self, words):
        print(f"{self.name}: {words}", flush=True)

    def sum(self):
        return (
            f"{self.acknowledged} acknowledged, {self.facts.checked} facts checked, "
            f"{len(self.violations)} violations, {time.monotonic() - self.begun:.0f} s"
        )
