"""Run the fault campaign: power cuts, kills, full disks and failing syncs, and check every promise.

    soak.py --cuts 200 --kills 1000 --full 20 --syncs 20 [--seed N]

Uses the programs in MULTIRES_PROGRAMS. Exits with 1, and keeps the folder, when anything acknowledged is lost
or wrong, or a service does not recover. The same seed makes the same choices, but threads and the kernel may
run in another order.
"""

import argparse
import ctypes
import json
import multiprocessing
import multiprocessing.connection
import os
import random
import signal
import sys
import time

import disks
from failing_syncs import FailingSyncs
from full_disks import FullDisks
from kills import Kills
from power_cuts import PowerCuts

CAMPAIGNS = {"cuts": PowerCuts, "kills": Kills, "full": FullDisks, "syncs": FailingSyncs}


PR_SET_PDEATHSIG = 1


def play(name, rounds, seed, pipe):
    # When the main process exits, this one gets SIGTERM, and stops its service and disk as after Ctrl-C. That
    # also works where a shell started them with SIGINT ignored.
    signal.signal(signal.SIGTERM, signal.default_int_handler)
    ctypes.CDLL(None).prctl(PR_SET_PDEATHSIG, signal.SIGTERM, 0, 0, 0)
    pipe.send(CAMPAIGNS[name](rounds, seed).run())


def play_all(wanted, seed, lanes):
    """Plays `lanes` campaigns at once. Returns the rows of those that ended, and the names of those that
    crashed."""
    waiting, running, rows, fallen = list(wanted), {}, [], []
    while waiting or running:
        while waiting and len(running) < lanes:
            name = waiting.pop(0)
            receiver, sender = multiprocessing.Pipe(duplex=False)
            process = multiprocessing.Process(target=play, args=(name, wanted[name], seed, sender))
            process.start()
            sender.close()
            running[receiver] = name, process
        for receiver in multiprocessing.connection.wait(list(running)):
            name, process = running.pop(receiver)
            try:
                rows.append(receiver.recv())
            except EOFError:
                fallen.append(name)
            process.join()
    return rows, fallen


def table(rows):
    lines = [("campaign", "rounds", "acknowledged", "facts checked", "violations", "seconds")]
    lines += [
        (row["campaign"], row["rounds"], row["acknowledged"], row["facts"], len(row["violations"]), row["seconds"])
        for row in rows
    ]
    return "\n".join(f"{line[0]:10}" + "".join(f"{value:>15}" for value in line[1:]) for line in lines)


def main():
    parser = argparse.ArgumentParser(description=__doc__.split("\n")[0])
    for name in CAMPAIGNS:
        parser.add_argument(f"--{name}", type=int, default=0, help="rounds")
    parser.add_argument("--seed", type=int, default=random.SystemRandom().randrange(1 << 31))
    parser.add_argument("--lanes", type=int, default=2, help="campaigns at once; one per core")
    arguments = parser.parse_args()

    print(f"seed {arguments.seed}; repeat with SEED={arguments.seed}", flush=True)
    begun = time.monotonic()
    wanted = {name: vars(arguments)[name] for name in CAMPAIGNS if vars(arguments)[name]}
    if reason := disks.why_not():
        print(f"NOT TESTED: power cuts and full disks: {reason}", flush=True)
        wanted = {name: rounds for name, rounds in wanted.items() if name not in ("cuts", "full")}
    # The longest campaigns first.
    wanted = dict(sorted(wanted.items(), key=lambda one: -one[1] * (1 if one[0] == "kills" else 4)))
    rows, fallen = play_all(wanted, arguments.seed, arguments.lanes)
    print()
    for row in rows:
        print("\n".join(f"{row['campaign']}: {words}" for words in row["violations"]), end="")
        print("\n" * bool(row["violations"]), end="")
        print(f"{row['campaign']}: errors answered:", json.dumps(row["refusals"]), row.get("note", ""))
    for name in fallen:
        print(f"{name}: crashed")
    print(table(rows))
    print(f"in {time.monotonic() - begun:.0f} s, seed {arguments.seed}")
    return 1 if fallen or any(row["violations"] for row in rows) else 0


if __name__ == "__main__":
    multiprocessing.set_start_method("spawn")
    signal.signal(signal.SIGTERM, lambda *_: os._exit(1))
    sys.exit(main())
