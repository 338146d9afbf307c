"""Runs a command that ends with its parent: `python -I -S tether.py PARENT SIGNAL COMMAND...`.

The kernel sends SIGNAL to the command when the process PARENT (more exactly: the thread of it that started this one)
is gone, even by SIGKILL. Linux only; elsewhere the command just runs. It is a program of its own because nothing may
safely run between fork and exec in a process with threads.
"""

import ctypes
import os
import sys

PR_SET_PDEATHSIG = 1


def main(arguments: list[str]) -> None:
    parent, signal, *command = arguments
    if sys.platform.startswith("linux"):
        ctypes.CDLL(None).prctl(PR_SET_PDEATHSIG, int(signal), 0, 0, 0)
        if os.getppid() != int(parent):  # it died before the tether held
            sys.exit(1)
    os.execvp(command[0], command)  # noqa: S606  (no shell is wanted)


if __name__ == "__main__":
    main(sys.argv[1:])
