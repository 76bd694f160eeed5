"""The runner: an incomplete run, or one with a failure, never passes."""

import pathlib
import signal
import subprocess
import sys
import time

import pytest

import logs
from steps import Runner, Step

RUN = pathlib.Path(__file__).with_name("run.py")


@pytest.fixture
def run(tmp_path):
    handlers = {number: signal.getsignal(number) for number in (signal.SIGINT, signal.SIGTERM, signal.SIGHUP)}

    def run(*steps, wanted=()):
        runner = Runner(tmp_path, {}, tmp_path, time.monotonic(), wanted)
        runner.run(list(steps), 3)
        return runner

    yield run
    for number, handler in handlers.items():
        signal.signal(number, handler)


def shell(name, command, **more):
    return Step(name, ["sh", "-c", command], **more)


def words(runner):
    return {result.step.name: result.word for result in runner.results}


def sleeps(seconds):
    """Whether any process runs `sleep` with this number of seconds."""
    for file in pathlib.Path("/proc").glob("[0-9]*/cmdline"):
        try:
            if file.read_bytes() == f"sleep\0{seconds}\0".encode():
                return True
        except OSError:
            pass
    return False


def test_steps_pass_fail_and_are_skipped(run):
    runner = run(shell("good", "true"), shell("bad", "false"), shell("no", "echo; echo why; exit 77"))
    assert words(runner) == {"good": "passed", "bad": "FAILED", "no": "skipped"}


def test_a_step_that_needs_a_failed_step_does_not_run(run):
    runner = run(
        shell("first", "false"), shell("second", "true", needs=("first",)), shell("third", "true", needs=("second",))
    )
    assert words(runner) == {"first": "FAILED"}


def test_steps_that_another_step_adds_run_after_it_has_passed(run):
    runner = run(shell("first", "true", then=lambda: [shell("given", "true")]))
    assert words(runner) == {"first": "passed", "given": "passed"}


def test_an_unknown_step_name_is_reported(run):
    runner = run(shell("first", "true"), wanted=("fir*", "nosuch"))
    assert words(runner) == {"first": "passed"} and runner.unknown == {"nosuch"}


def test_a_step_that_hangs_is_killed_and_its_processes_are_logged(run, tmp_path):
    runner = run(shell("hangs", "sleep 987650; true", most_seconds=1))
    assert words(runner) == {"hangs": "FAILED"}
    log = (tmp_path / "hangs.log").read_text()
    assert "not ended within 1 s" in log and "sleep 987650" in log


def test_a_program_that_exits_before_its_tests_fails(run):
    runner = run(shell("suite", "echo '◇ Test one() started.'", read=logs.swift_testing, has_tests=True))
    assert words(runner) == {"suite": "FAILED"}
    assert "one()" in runner.results[0].failures


def test_a_missing_command_fails_its_step(run):
    runner = run(Step("absent", ["/nonexistent"]), shell("good", "true"))
    assert words(runner) == {"absent": "FAILED", "good": "passed"}


def test_processes_that_a_step_leaves_running_are_killed(run):
    runner = run(shell("leaves", "setsid sleep 987651 & true"))
    assert words(runner) == {"leaves": "passed"} and not sleeps(987651)


def test_an_orphaned_process_of_a_step_is_reaped(run):
    script = """
        process=$(setsid sleep 987653 >/dev/null & echo $!)
        kill $process
        while [ -e /proc/$process ]; do sleep 0.02; done"""
    assert words(run(shell("orphan", script, most_seconds=60))) == {"orphan": "passed"}


@pytest.mark.parametrize("number", [signal.SIGINT, signal.SIGTERM, signal.SIGHUP])
def test_a_signal_stops_all_steps(tmp_path, number):
    script = f"""
import sys, time
sys.path.insert(0, {str(RUN.parent)!r})
import pathlib, steps
here = pathlib.Path({str(tmp_path)!r})
try:
    steps.Runner(here, {{}}, here, time.monotonic()).run(
        [steps.Step("deaf", ["sh", "-c", "setsid sleep 987652 & echo begun; sleep 987652"])], 1)
except KeyboardInterrupt:
    sys.exit(130)
"""
    process = subprocess.Popen([sys.executable, "-c", script])
    log = tmp_path / "deaf.log"
    while not (log.exists() and "begun" in log.read_text()):
        assert process.poll() is None
        time.sleep(0.02)
    process.send_signal(number)
    assert process.wait(120) == 130
    assert not sleeps(987652)


def test_a_fatal_error_is_reported():
    tests, failures = logs.swift_testing("◇ Test run started.\n◇ Test two() started.\nA.swift:6: Fatal error: no\n")
    assert tests == 0 and failures[0] == "A.swift:6: Fatal error: no"
    assert "two()" in failures and "run" not in failures


def test_invalid_settings_are_reported(tmp_path):
    for setting, word in [
        ({"MULTIRES_JOBS": "0"}, "MULTIRES_JOBS"),
        ({"TMPDIR": "relative"}, "TMPDIR"),
        ({"TMPDIR": "/nonexistent"}, "TMPDIR"),
    ]:
        done = subprocess.run(
            [sys.executable, RUN, "more", "nosuch"],
            env={"PATH": "/usr/bin:/bin", **setting},
            capture_output=True,
            text=True,
        )
        assert done.returncode == 1 and done.stderr.startswith(word), done


def test_a_run_without_a_matching_step_fails():
    done = subprocess.run([sys.executable, RUN, "more", "nosuch"], capture_output=True, text=True)
    assert done.returncode == 2 and "No step is named nosuch." in done.stderr
