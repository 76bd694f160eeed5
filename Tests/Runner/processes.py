"""The processes of a step, from proc(5)."""

import contextlib
import ctypes
import os
import pathlib
import signal
import time

PR_SET_CHILD_SUBREAPER = 36


def adopt():
    """Makes this process the parent of its orphaned descendants (prctl(2), PR_SET_CHILD_SUBREAPER)."""
    ctypes.CDLL(None).prctl(PR_SET_CHILD_SUBREAPER, 1, 0, 0, 0)


def end_below(ancestor):
    """Kills all descendants of a process and waits until they have exited. Does not reap them."""
    while living := [process for process, state in descendants(ancestor).items() if state not in "ZX"]:
        for process in living:
            with contextlib.suppress(ProcessLookupError):
                os.kill(process, signal.SIGKILL)
        time.sleep(0.01)


def descendants(ancestor):
    """The state of each descendant of a process, as one letter, by process id."""
    parents, states = {}, {}
    for file in pathlib.Path("/proc").glob("[0-9]*/stat"):
        with contextlib.suppress(OSError):
            state, parent = file.read_text().rpartition(")")[2].split()[:2]
            process = int(file.parent.name)
            parents[process], states[process] = int(parent), state

    def descends(process):
        while process := parents.get(process):
            if process == ancestor:
                return True
        return False

    return {process: state for process, state in sorted(states.items()) if descends(process)}


def lines_below(ancestor):
    """A line for each descendant: its state, where it waits in the kernel, and its command."""
    for process, state in descendants(ancestor).items():
        folder = pathlib.Path(f"/proc/{process}")
        with contextlib.suppress(OSError):
            words = (folder / "cmdline").read_text(errors="replace").replace("\0", " ")
            yield f"{process:7}  {state}  {(folder / 'wchan').read_text():20}  {words[:300]}"
