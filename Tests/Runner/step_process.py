#!/usr/bin/env python3
"""Runs a command, waits for it and kills all processes that it left running, in any process group.

    step_process.py COMMAND [ARGUMENT...]

The exit status is the command's, 128 plus the signal's number when a signal killed it, or 127 when the
command does not exist.
"""

import os
import signal
import subprocess
import sys

import processes


def main(command):
    processes.adopt()
    # Only the command obeys these signals. A handler and not SIG_IGN, which the command would inherit.
    for number in (signal.SIGINT, signal.SIGTERM, signal.SIGHUP):
        signal.signal(number, lambda *_: None)
    try:
        child = subprocess.Popen(command)
    except OSError as error:
        print(error, file=sys.stderr)
        return 127
    while True:
        process, status = os.wait()
        if process == child.pid:
            break
    child.returncode = os.waitstatus_to_exitcode(status)
    processes.end_below(os.getpid())
    return child.returncode if child.returncode >= 0 else 128 - child.returncode


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
