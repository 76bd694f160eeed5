"""The steps of a run: commands that run in parallel, each with its own log."""

import concurrent.futures
import contextlib
import dataclasses
import fnmatch
import os
import pathlib
import signal
import subprocess
import sys
import threading
import time

import processes

# The exit status of a step that cannot run on this machine, as in Automake.
SKIPPED = 77
# A step that takes longer hangs. The longest test step takes four minutes on two cores.
MOST_SECONDS = 900
# A service stops within 8 s.
STOP_SECONDS = 15
STEP_PROCESS = pathlib.Path(__file__).with_name("step_process.py")


@dataclasses.dataclass
class Step:
    """A command. `row` is its line in the table at the end. It starts when the steps and rows in `needs` have
    ended, and never when one of them failed."""

    name: str
    command: list
    row: str = ""
    needs: tuple = ()
    # A function that returns more steps, called when this step has passed.
    then: object = None
    environment: dict = dataclasses.field(default_factory=dict)
    most_seconds: int = MOST_SECONDS
    # How many places it takes among the steps that run at once.
    places: int = 1
    # Whether it fails when it has run no test, because then its program has crashed.
    has_tests: bool = False
    # A function of the log's text that returns how many tests ran, and lines that describe the failures.
    read: object = None

    def __post_init__(self):
        self.row = self.row or self.name


@dataclasses.dataclass
class Result:
    step: Step
    status: int
    begun: float
    ended: float
    # Seconds of processor time of all its processes that were waited for.
    processor: float
    log: pathlib.Path
    tests: int = 0
    failures: list = dataclasses.field(default_factory=list)

    @property
    def passed(self):
        return self.status in (0, SKIPPED)

    @property
    def word(self):
        return {0: "passed", SKIPPED: "skipped"}.get(self.status, "FAILED")


class Runner:
    """Runs several steps at once, and prints a line when a step ends."""

    def __init__(self, project, environment, logs, started, wanted=()):
        """`wanted`: names of steps, which may contain * and ?; empty for all. The steps that they need run
        too."""
        self.wanted = wanted
        # The names in `wanted` that have matched no step yet.
        self.unknown = set(wanted)
        self.project, self.logs, self.started = project, logs, started
        self.environment = {**os.environ, **environment}
        self.results = []
        # Names and rows of failed steps.
        self._failed = set()
        # Process ids, which are also the ids of the process groups.
        self._running = set()
        self._lock = threading.Lock()
        self.stopped = False
        # SIGINT too: a shell without job control starts background commands with SIGINT ignored.
        for number in (signal.SIGINT, signal.SIGTERM, signal.SIGHUP):
            signal.signal(number, self._interrupt)

    @staticmethod
    def _interrupt(*_):
        raise KeyboardInterrupt

    def run(self, steps, width):
        """Runs the steps in their order, with `width` places, and adds the results to `results`."""
        waiting, running = self._select(steps), {}
        with concurrent.futures.ThreadPoolExecutor(max_workers=width) as pool:
            try:
                while waiting or running:
                    unfinished = {name for step in [*waiting, *running.values()] for name in (step.name, step.row)}
                    ready = [step for step in waiting if not unfinished & set(step.needs)]
                    for step in ready:
                        free = width - sum(one.places for one in running.values())
                        if step.places > free and running:
                            break
                        waiting.remove(step)
                        if self._failed & set(step.needs):
                            self._failed.add(step.name)
                        else:
                            running[pool.submit(self._run_one, step)] = step
                    ended, _ = concurrent.futures.wait(running, return_when=concurrent.futures.FIRST_COMPLETED)
                    for future in ended:
                        step, result = running.pop(future), future.result()
                        self.results.append(result)
                        if not result.passed:
                            self._failed |= {step.name, step.row}
                        elif step.then:
                            waiting += self._select(step.then())
            except KeyboardInterrupt:
                self._stop()
                raise

    def _select(self, steps):
        """The wanted steps and those that they need. A name that matches none may be that of a step that
        another step adds, so those with `then` are kept too."""
        if not self.wanted:
            return steps
        matches = {name: fnmatch.filter([step.name for step in steps], name) for name in self.wanted}
        self.unknown -= {name for name, found in matches.items() if found}
        kept = {match for found in matches.values() for match in found}
        if not all(matches.values()):
            kept |= {step.name for step in steps if step.then}
        while more := {name for step in steps if step.name in kept for name in step.needs} - kept:
            kept |= more
        return [step for step in steps if step.name in kept]

    def _run_one(self, step):
        begun = self._now()
        log = self.logs / f"{step.name}.log"
        # Under the lock, so that `_stop` knows every running process.
        with self._lock, open(log, "wb") as output:
            if self.stopped:
                return Result(step, 1, begun, begun, 0, log)
            process = subprocess.Popen(
                [sys.executable, STEP_PROCESS, *step.command],
                cwd=self.project,
                env={**self.environment, **step.environment},
                stdin=subprocess.DEVNULL,
                stdout=output,
                stderr=output,
                start_new_session=True,
            )
            self._running.add(process.pid)
        alarm = threading.Timer(step.most_seconds, self._end_hung, [process.pid, step, log])
        alarm.start()
        _, status, usage = os.wait4(process.pid, 0)
        alarm.cancel()
        process.returncode = os.waitstatus_to_exitcode(status)
        with self._lock:
            self._running.discard(process.pid)
        result = Result(step, process.returncode, begun, self._now(), usage.ru_utime + usage.ru_stime, log)
        if step.read:
            result.tests, result.failures = step.read(log.read_text(errors="replace"))
        if step.has_tests and not result.tests:
            result.status = result.status or 1
        self._say(result)
        return result

    def _end_hung(self, process, step, log):
        """Kills a step that hangs, and logs its processes and what they wait for."""
        with open(log, "a") as output:
            print(
                f"\nThe step has not ended within {step.most_seconds} s. Its processes:",
                *processes.lines_below(process),
                sep="\n",
                file=output,
            )
        processes.end_below(process)

    def _say(self, result):
        tests = f", {result.tests} tests" if result.tests else ""
        line = (
            f"{result.ended:6.0f} s  {result.word}  "
            f"{result.step.name} ({result.ended - result.begun:.0f} s{tests})"
            + (f": {last_line(result.log)}" if result.status == SKIPPED else "")
        )
        with self._lock:
            print(line, flush=True)

    def _now(self):
        return time.monotonic() - self.started

    def _stop(self):
        """Asks all running steps to stop, and kills those that do not stop in time."""
        self.stopped = True
        for number in (signal.SIGINT, signal.SIGTERM, signal.SIGHUP):
            signal.signal(number, signal.SIG_IGN)
        print("Stopped.", file=sys.stderr)
        begun, asked = time.monotonic(), set()
        while running := self._running_now():
            for process in running - asked:
                with contextlib.suppress(ProcessLookupError):
                    os.killpg(process, signal.SIGTERM)
            asked |= running
            if time.monotonic() - begun > STOP_SECONDS:
                for process in running:
                    processes.end_below(process)
            time.sleep(0.05)

    def _running_now(self):
        with self._lock:
            return set(self._running)


def last_line(log):
    return "".join(log.read_text(errors="replace").strip().splitlines()[-1:])
