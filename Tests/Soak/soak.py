"""The fault campaign: power cuts, kills, full disks, failing syncs, and every promise looked up after.

    soak.py --cuts 200 --kills 1000 --full 20 --syncs 20 [--seed N]

The programs are MULTIRES_PROGRAMS'. Exit status 1 when anything that was acknowledged is lost or wrong,
or a service does not come back by itself; the folder is kept then. The same seed makes the same choices
again, though threads and the kernel keep their own order.
"""

import argparse
import concurrent.futures
import json
import multiprocessing
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


def play(name, rounds, seed):
    return CAMPAIGNS[name](rounds, seed).run()


def table(rows):
    lines = [("campaign", "rounds", "acknowledged", "facts checked", "violations", "seconds")]
    lines += [(row["campaign"], row["rounds"], row["acknowledged"], row["facts"],
               len(row["violations"]), row["seconds"]) for row in rows]
    return "\n".join(
        f"{line[0]:10}" + "".join(f"{value:>15}" for value in line[1:]) for line in lines)


def main():
    parser = argparse.ArgumentParser(description=__doc__.split("\n")[0])
    for name in CAMPAIGNS:
        parser.add_argument(f"--{name}", type=int, default=0, help="rounds")
    parser.add_argument("--seed", type=int, default=random.SystemRandom().randrange(1 << 31))
    parser.add_argument("--lanes", type=int, default=2, help="campaigns at once; one per core")
    arguments = parser.parse_args()

    if reason := disks.why_not():
        print(f"skipped: {reason}")
        return 0
    print(f"seed {arguments.seed}; again with SEED={arguments.seed}", flush=True)
    begun = time.monotonic()
    wanted = {name: vars(arguments)[name] for name in CAMPAIGNS if vars(arguments)[name]}
    # The long ones first.
    order = sorted(wanted, key=lambda name: -wanted[name] * (1 if name == "kills" else 4))
    rows, fallen = [], []
    context = multiprocessing.get_context("spawn")
    with concurrent.futures.ProcessPoolExecutor(
            arguments.lanes, mp_context=context, max_tasks_per_child=1) as pool:
        tasks = {name: pool.submit(play, name, wanted[name], arguments.seed) for name in order}
        for name, task in tasks.items():
            try:
                rows.append(task.result())
            except Exception as error:  # noqa: BLE001: the others' rows are still wanted
                fallen.append(f"{name} fell: {type(error).__name__}: {error}")

    print()
    for row in rows:
        print("\n".join(f"{row['campaign']}: {words}" for words in row["violations"]), end="")
        print("\n" * bool(row["violations"]), end="")
        print(f"{row['campaign']}: errors answered: {json.dumps(row['refusals'])} {row.get('note', '')}")
    print("\n".join(fallen))
    print(table(rows))
    print(f"in {time.monotonic() - begun:.0f} s, seed {arguments.seed}")
    return 1 if fallen or any(row["violations"] for row in rows) else 0


if __name__ == "__main__":
    signal.signal(signal.SIGTERM, lambda *_: sys.exit(1))
    sys.exit(main())
