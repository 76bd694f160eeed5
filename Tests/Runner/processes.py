"""The processes of a step that hangs, from proc(5)."""

import ctypes
import os
import pathlib
import signal

PR_SET_CHILD_SUBREAPER = 36


def adopt():
    """From now on this process is the parent of what its descendants leave behind (prctl(2))."""
    ctypes.CDLL(None).prctl(PR_SET_CHILD_SUBREAPER, 1, 0, 0, 0)


def end_all():
    """Every descendant of this process: a service is in a group of its own, so it outlives its test's."""
    while left := [words for words in map(str.split, below(os.getpid()))
                   if int(words[0]) != os.getpid() and words[3] not in ("Z", "X")]:
        for words in left:
            try:
                os.kill(int(words[0]), signal.SIGKILL)
            except ProcessLookupError:
                pass


def below(ancestor):
    """A line for each process that descends from this one, with what it waits for in the kernel."""
    parents, lines = {}, {}
    for folder in pathlib.Path("/proc").glob("[0-9]*"):
        try:
            state, parent = (folder / "stat").read_text().rpartition(")")[2].split()[:2]
            words = (folder / "cmdline").read_text(errors="replace").replace("\0", " ")
            waits = (folder / "wchan").read_text()
        except OSError:
            continue
        process = int(folder.name)
        parents[process] = int(parent)
        lines[process] = f"{process:7} below {parent:>7}  {state}  {waits:20}  {words[:300]}"

    def descends(process):
        while process and process != ancestor:
            process = parents.get(process)
        return process == ancestor

    return [line for process, line in sorted(lines.items()) if descends(process)]
