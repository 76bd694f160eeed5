#!/usr/bin/env python3
"""Runs a command, waits for it and ends whatever it has left running, in whichever process group.

    step_process.py COMMAND [ARGUMENT...]

Exit status: the command's; 128 and the signal's number when a signal ended it; 127 when there is no such
command.
"""

import os
import signal
import subprocess
import sys

import processes


def main(command):
    processes.adopt()
    # They are the command's to obey. A handler, and not SIG_IGN, which the command would inherit.
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
