"""Stops a test run's PostgreSQL and removes its folder once the run's process is gone.

Arguments: the run's pid, the folder, the user id of the server (-1: ours), and the command that stops it.
"""

import os
import shutil
import subprocess
import sys
import time
from typing import Any


def main() -> None:
    run_pid, folder, uid, *stop = sys.argv[1:]
    while _alive(int(run_pid)):
        time.sleep(0.2)
    who: dict[str, Any] = {} if uid == "-1" else {"user": int(uid), "extra_groups": []}
    subprocess.run(stop, check=False, stdout=subprocess.DEVNULL, stderr=subprocess.DEVNULL, cwd="/", **who)
    shutil.rmtree(folder, ignore_errors=True)


def _alive(pid: int) -> bool:
    try:
        os.kill(pid, 0)
    except ProcessLookupError:
        return False
    return True


if __name__ == "__main__":
    main()
