"""Reads the logs of test programs: how many tests ran, and which lines describe the failures."""

import re

# The maximum number of lines of a failed step that are repeated at the end. The log has all of them.
MOST_LINES = 60


def swift_testing(text):
    """Reads Swift Testing's output."""
    ran = re.search(r"Test run with (\d+) tests? in \d+ suites? (?:passed|failed)", text)
    failures = [line for line in text.splitlines() if re.match(r"✘|↳|error:|.*kept /", line)]
    if not ran:
        begun = re.findall(r"^◇ Test (?!run)(.+) started\.$", text, re.MULTILINE)
        ended = set(
            re.findall(r"^[✔✘] Test (.+?) (?:with \d+ test cases? )?(?:passed|failed) after", text, re.MULTILINE)
        )
        failures += [line for line in text.splitlines() if "Fatal error" in line]
        failures += [
            "These tests did not end:",
            *(name for name in begun if name not in ended),
            "The last lines:",
            *text.splitlines()[-20:],
        ]
    return int(ran[1]) if ran else 0, failures[:MOST_LINES]


def pytest(text):
    """Reads pytest's output."""
    last = next((line for line in reversed(text.splitlines()) if " in " in line), "")
    counts = {what: int(count) for count, what in re.findall(r"(\d+) (passed|failed|error)", last)}
    begin = re.search(r"^=+ (?:FAILURES|ERRORS) =+$", text, re.MULTILINE)
    failures = text[begin.start() :].splitlines() if begin else text.splitlines()[-20:]
    return sum(counts.values()), failures[-MOST_LINES:]


def this_runner(text):
    """Reads the output of `run.py`, run in a bare Debian."""
    ran = re.search(r"^Test run with (\d+) tests in", text, re.MULTILINE)
    return int(ran[1]) if ran else 0, text.splitlines()[-MOST_LINES:]


def other(text):
    """Reads the output of a program that prints its errors last."""
    return 0, text.splitlines()[-MOST_LINES:]
