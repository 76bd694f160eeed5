"""The suites of the Swift test bundle as steps. Each is a process, because Swift Testing runs only as many
tests at once as there are cores, and most of these tests wait most of the time."""

import collections
import subprocess

import logs
from steps import Step

ROW = "Swift tests"
# The longest suites start first, so that no long one is left for the end.
LONGEST = [
    "IntegrationTests.WorkerTests",
    "ResizingTests.MemoryLimitTests",
    "IntegrationTests.KillTests",
    "ResizingTests.PlanarLikenessTests",
]
# The suites of these targets are short, so each target is one process.
SMALL_TARGETS = {
    "CredentialsTests",
    "CryptographyTests",
    "GatewayTests",
    "MediaTests",
    "MetricsTests",
    "ModelTests",
    "ProcessesTests",
    "SQLiteCatalogTests",
    "SettingsTests",
    "TextTests",
}
# The tests of these targets start the whole service.
SERVICE_TARGETS = {"IntegrationTests"}


def names(bundle):
    """The names of the bundle's tests, as `Target.Suite/test(arguments:)`."""
    run = subprocess.run(
        [bundle, "--testing-library", "swift-testing", "--list-tests"], capture_output=True, text=True, check=True
    )
    return [line for line in run.stdout.splitlines() if "/" in line]


def steps(bundle, folder, services=True):
    """All tests of the bundle, each in exactly one step. If `services` is false, without the tests that start
    the service."""
    groups = collections.Counter()
    for name in names(bundle):
        suite = name.split("/")[0]
        target = suite.split(".")[0]
        if services or target not in SERVICE_TARGETS:
            groups[target if target in SMALL_TARGETS else suite] += 1
    order = {name: place for place, name in enumerate(LONGEST)}
    longest_first = sorted(groups, key=lambda name: (order.get(name, len(order)), -groups[name]))
    return [step(bundle, name, folder) for name in longest_first]


def step(bundle, name, folder):
    events = folder / f"{name}.events"
    pattern = f"^{name}/".replace(".", r"\.") if "." in name else rf"^{name}\."
    return Step(
        name,
        row=ROW,
        read=logs.swift_testing,
        has_tests=True,
        # TemporaryFolder in Tests/Support reads the events, to keep its folders after a failure.
        environment={"MULTIRES_EVENTS": str(events)},
        command=[
            bundle,
            "--testing-library",
            "swift-testing",
            "--filter",
            pattern,
            "--event-stream-output-path",
            str(events),
            "--event-stream-version",
            "0",
        ],
    )
