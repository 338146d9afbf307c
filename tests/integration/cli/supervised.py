"""A supervisor of two plain processes: `python supervised.py FOLDER`. It prints what it sees, one event a line."""

import sys
from pathlib import Path

from caviar.cli.supervisor.program import Program
from caviar.cli.supervisor.signals import StopSignals
from caviar.cli.supervisor.supervise import Supervisor, supervise

CHILD = "import os, sys, pathlib, signal; pathlib.Path(sys.argv[1]).write_text(str(os.getpid())); signal.pause()"


def main(folder: Path) -> None:
    def program(name: str, needs: tuple[str, ...] = ()) -> Program:
        pid_file = folder / f"{name}.pid"

        def command() -> list[str]:
            pid_file.unlink(missing_ok=True)
            return [sys.executable, "-c", CHILD, str(pid_file)]

        return Program(
            name,
            command=command,
            log=folder / f"{name}.log",
            ready=lambda _: pid_file.exists() and pid_file.read_text() != "",
            needs=needs,
        )

    def say(line: str) -> None:
        sys.stdout.write(line + "\n")
        sys.stdout.flush()

    with StopSignals() as signals:
        programs = [program("first"), program("second", ("first",))]
        supervisor = Supervisor(programs, say=say, on_ready=lambda name: say(f"ready {name}"))
        supervise(supervisor, signals.wait, signals.impatient)
    say("stopped")


main(Path(sys.argv[1]))
