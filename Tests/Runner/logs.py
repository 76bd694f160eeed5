"""What the logs of the test programs say: how many tests ran, and which failed why."""

import re

# The most lines of a failed step that are repeated at the end; the log has all of them.
MOST_LINES = 60


def swift_testing(text):
    """Of Swift Testing's output."""
    ran = re.search(r"Test run with (\d+) tests? in \d+ suites? (?:passed|failed)", text)
    failures = [line for line in text.splitlines() if re.match(r"✘|↳|error:|.*kept /", line)]
    if not ran:
        begun = re.findall(r"^◇ Test (?!run)(.+) started\.$", text, re.MULTILINE)
        ended = set(re.findall(r"^[✔✘] Test (.+?) (?:with \d+ test cases? )?(?:passed|failed) after", text,
                               re.MULTILINE))
        failures += [line for line in text.splitlines() if "Fatal error" in line]
        failures += ["These tests did not end:", *(name for name in begun if name not in ended),
                     "The last lines:", *text.splitlines()[-20:]]
    return int(ran[1]) if ran else 0, failures[:MOST_LINES]


def pytest(text):
    """Of pytest's output."""
    last = next((line for line in reversed(text.splitlines()) if " in " in line), "")
    counts = {what: int(count) for count, what in re.findall(r"(\d+) (passed|failed|error)", last)}
    begin = re.search(r"^=+ (?:FAILURES|ERRORS) =+$", text, re.MULTILINE)
    failures = text[begin.start():].splitlines() if begin else text.splitlines()[-20:]
    return sum(counts.values()), failures[-MOST_LINES:]


def this_runner(text):
    """Of `run.py` itself, on another machine."""
    ran = re.search(r"^Test run with (\d+) tests in", text, re.MULTILINE)
    return int(ran[1]) if ran else 0, text.splitlines()[-MOST_LINES:]


def other(text):
    """Of a program that prints what is wrong at its end."""
    return 0, text.splitlines()[-MOST_LINES:]
