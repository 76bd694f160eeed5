"""fsync and fdatasync of one process fail with EIO. It must not promise data that a failed sync covered."""

import contextlib
import subprocess
import time

from campaign import Campaign
from service import eventually

WHO = ("image-responder", "image-responder", "auth-responder", "resize-worker")


class FailingSyncs(Campaign):
    name = "syncs"
    doctor_every = 5

    def play(self):
        clients = self.clients()
        clients.start()
        time.sleep(self.dice.uniform(0.2, 0.6))
        who = WHO[0] if self.round == 1 else self.dice.choice(WHO)
        calls = self.dice.choice(("fsync,fdatasync", "fdatasync", "fsync"))
        # All calls fail from now on, or only one of the first.
        when = self.dice.choice(("", "", f":when={self.dice.randint(1, 8)}"))
        if self.round == 1:
            calls, when = "fsync,fdatasync", ""
        end = time.monotonic() + self.dice.uniform(0.5, 2)
        while time.monotonic() < end:
            self.inject(who, calls, when, end)
            time.sleep(0.05)
        clients.end()
        # Everything that was only in memory is lost now. No row may remain without its file.
        self.service.kill_all()
        for line in self.service.check_copy(self.place):
            self.violation(f"the database after failed syncs: {line}")
        self.start()
        self.check()

    def inject(self, who, calls, when, end):
        """Makes syncs fail until `end`, or until the process exits. It should exit, because the content of
        the kernel's cache is unknown after a failed sync."""
        victim = next((one for one in self.service.processes() if one.kind == who), None)
        if victim is None:
            return
        trace = self.place / "strace"
        strace = subprocess.Popen(
            [
                "strace",
                "-f",
                "-q",
                "-o",
                trace,
                "-p",
                str(victim.pid),
                "-e",
                f"trace={calls}",
                "-e",
                f"inject={calls}:error=EIO{when}",
            ],
            stdin=subprocess.DEVNULL,
            stdout=subprocess.DEVNULL,
            stderr=subprocess.PIPE,
            start_new_session=True,
        )
        try:
            eventually(lambda: strace.poll() is not None or self.is_traced(victim.pid), 20)
            with contextlib.suppress(subprocess.TimeoutExpired):
                strace.wait(max(0.1, end - time.monotonic()))
        finally:
            # After SIGTERM, strace 6.1 waits forever if its victim exits at that moment.
            strace.kill()
            strace.wait()
            strace.stderr.close()
        if trace.exists():
            self.injected += trace.read_text(errors="replace").count("(INJECTED)")

    injected = 0

    def is_traced(self, pid):
        try:
            with open(f"/proc/{pid}/status") as file:
                return "TracerPid:\t0\n" not in file.read()
        except OSError:
            return True

    def row(self):
        note = f"{self.injected} syncs failed"
        if not self.injected:
            note += ": nothing was tested. Check that strace can trace processes here."
        return {**super().row(), "note": note}
