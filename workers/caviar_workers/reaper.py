"""Outlives a process to clean up after it: `python -m caviar_workers.reaper COOKIE TEMP NODE`.

Reads from its stdin a process session to look after, and then waits for the end of it, which comes with the end of the
process that holds the other end, by whatever death. Then kills all of that session and all that carry the cookie, and
removes what they leave: the folder TEMP, and below NODE the slots' folders.
"""

from __future__ import annotations

import shutil
import signal
import sys
from pathlib import Path

from caviar_workers.folders import remove_ownerless
from caviar_workers.runner.process import kill_family

COOKIE = "CAVIAR_RAY_COOKIE"


def main(cookie: str, temp: Path, node: Path) -> None:
    for signum in (signal.SIGTERM, signal.SIGINT, signal.SIGHUP):
        signal.signal(signum, signal.SIG_IGN)
    session = int(sys.stdin.buffer.read().strip() or 0)
    kill_family(cookie, session, COOKIE)
    shutil.rmtree(temp, ignore_errors=True)
    if (node / "slots").is_dir():
        remove_ownerless(node / "slots")


if __name__ == "__main__":
    main(sys.argv[1], Path(sys.argv[2]), Path(sys.argv[3]))
