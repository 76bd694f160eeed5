#!/usr/bin/env python3
"""Runs `make test` and `make check`: one build, then the tests in parallel; and the steps of `make test-all`.

    run.py test|check|more [STEP...]

Steps are named as in the output. A name may contain * and ?. Without names, all steps run. The output of
each step is in artifacts/logs/STEP.log. At the end it prints the failures and a table. The exit status is 1
when a step failed. MULTIRES_JOBS sets how many steps run at once, MULTIRES_KEEP=1 keeps their folders.
"""

import os
import pathlib
import shutil
import sys
import time

import logs
import report
import swift_suites
import temporary
from steps import Runner, Step

PROJECT = pathlib.Path(__file__).resolve().parents[2]
LOGS = PROJECT / "artifacts/logs"
PROGRAMS = PROJECT / ".build/tests/release"
PYTHON = PROJECT / ".venv/bin/python"
# Time limits against hanging, for a build and for a whole run on a bare Debian, with two cores.
BUILD_SECONDS, DEBIAN_SECONDS = 1800, 3600
# A build counts as three steps, so that it ends sooner and more steps can start.
BUILD_PLACES = 3
ENVIRONMENT = {
    "MULTIRES_PROGRAMS": str(PROGRAMS),
    "MULTIRES_ANSWERS": str(PROJECT / "artifacts/answers.jsonl"),
    "MULTIRES_SEED": os.environ.get("SEED", ""),
    "MULTIRES_EXAMPLES": os.environ.get("EXAMPLES", ""),
    "PYTHONDONTWRITEBYTECODE": "1",
    "HYPOTHESIS_STORAGE_DIRECTORY": str(PROJECT / "artifacts/hypothesis"),
}
# The short form of `make soak`.
FAULTS = ["--cuts", "6", "--kills", "15", "--full", "1", "--syncs", "1"]
# Most tests wait most of the time.
JOBS = os.environ.get("MULTIRES_JOBS") or str(2 * len(os.sched_getaffinity(0)) + 1)


def pytest(name, *arguments, needs=("programs", "python")):
    return Step(name, [PYTHON, "-m", "pytest", "-q", *arguments], needs=needs, read=logs.pytest)


def builds(target):
    """The programs come first, so that tests from outside can start while the Swift tests are built."""

    def swift_tests():
        return swift_suites.steps(PROGRAMS / "multiresPackageTests.xctest", LOGS, target == "test")

    return [
        Step("programs", ["make", "build-tested"], read=logs.other, most_seconds=BUILD_SECONDS, places=BUILD_PLACES),
        Step(
            "tests",
            ["make", "build-tests"],
            needs=("programs",),
            then=swift_tests,
            read=logs.other,
            most_seconds=BUILD_SECONDS,
            places=BUILD_PLACES,
        ),
        Step("python", ["make", ".venv/installed"], read=logs.other),
        Step("lint", ["make", "lint"], needs=("python",), read=logs.other),
    ]


def from_outside():
    """The steps that test the whole service from outside, the longest first."""
    seed = os.environ.get("SEED")
    browser = sorted((PROJECT / "Tests/BrowserTests").glob("*_test.py"), reverse=True)
    return [
        *(pytest(f"browser-{file.stem.removesuffix('_test')}", file) for file in browser),
        Step(
            "fault",
            ["python3", "Tests/Soak/soak.py", *FAULTS, *(["--seed", seed] if seed else [])],
            needs=("programs",),
            read=logs.other,
        ),
        # After the other builds, because a build needs memory and both cores.
        Step("fuzz", ["make", "fuzz-tested"], needs=("tests",), read=logs.other, most_seconds=BUILD_SECONDS),
        pytest("hosting", "Tests/HostingTests"),
        pytest("api", "Tests/APITests", "--ignore-glob=*/record_test.py"),
        pytest("install", "Tests/InstallTests"),
        pytest("runner", "Tests/Runner", needs=("python",)),
        Step(
            "audit",
            ["Tests/ConfigurationTests/audit", ".venv/bin/gixy", PROGRAMS / "multires"],
            needs=("programs", "python"),
            read=logs.other,
        ),
        # The recorded responses of the services that the Swift tests started.
        pytest("answers", "Tests/APITests/record_test.py", needs=("tests", "python", swift_suites.ROW)),
    ]


def bare_debians():
    """The README's two commands on both Debians, as root and as an ordinary user. One of the test runs has
    its temporary files on a disk."""
    commands = {"test": "make test", "test-on-disk": "TMPDIR=/tmp make test", "serve": "Tests/Runner/serve_once"}
    return [
        Step(
            f"{suite}-{name}-{user}",
            ["python3", "Tests/Runner/bare_debian.py", suite, user, commands[name]],
            row=f"bare {suite}",
            read=logs.this_runner,
            most_seconds=DEBIAN_SECONDS,
        )
        for suite, name, user in [
            ("bookworm", "test-on-disk", "dev"),
            ("trixie", "test", "root"),
            ("bookworm", "serve", "root"),
            ("trixie", "serve", "dev"),
        ]
    ]


def main(target, wanted):
    started = time.monotonic()
    if not JOBS.isdecimal() or int(JOBS) == 0:
        sys.exit(f'MULTIRES_JOBS: "{JOBS}" is not a number above 0.')
    if target == "more":
        steps, width = bare_debians(), 1
    else:
        shutil.rmtree(LOGS, ignore_errors=True)
        pathlib.Path(ENVIRONMENT["MULTIRES_ANSWERS"]).unlink(missing_ok=True)
        steps, width = builds(target) + (from_outside() if target == "test" else []), int(JOBS)
    LOGS.mkdir(parents=True, exist_ok=True)
    folder = temporary.make()
    runner = Runner(PROJECT, {**ENVIRONMENT, "TMPDIR": folder}, LOGS, started, wanted)
    passed = False
    try:
        runner.run(steps, width)
        passed = all(result.passed for result in runner.results)
        report.print_failures(runner.results)
    finally:
        if (passed or runner.stopped) and not os.environ.get("MULTIRES_KEEP"):
            temporary.remove(folder)
        else:
            print(f"\nTemporary files of this run are in {folder}")
    if runner.results:
        report.print_table(runner.results, time.monotonic() - started)
    if passed and runner.unknown:
        print(f"\nNo step is named {' or '.join(sorted(runner.unknown))}.", file=sys.stderr)
        return 2
    return 0 if passed else 1


if __name__ == "__main__":
    try:
        sys.exit(main(sys.argv[1], sys.argv[2:]))
    except KeyboardInterrupt:
        sys.exit(130)
