"""What the supervisor needs of whatever runs training code."""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from typing import Any, Protocol

from caviar_workers.attempts import Attempt
from caviar_workers.runner.logs import Allowance, Piece
from caviar_workers.runner.messages import Message
from caviar_workers.runner.process import Process


class Runner(Protocol):
    """Used from one thread, which must outlive the processes it starts."""

    @property
    def process(self) -> Process | None:
        """None until there is one."""

    @property
    def log_is_large(self) -> bool:
        """Hand over nothing more until all has ended: then `tidy` gives the disk back."""

    def hand(self, attempt: Attempt) -> bool:
        """Hands over an attempt, to be begun after those before. False: no room now, try again."""

    def take_back(self) -> list[str]:
        """The attempts handed over that are not begun, and now never will be."""

    def descriptors(self) -> Sequence[int]:
        """What to wait for; pass to `read` when readable."""

    def read(self, descriptor: int) -> list[Message] | None:
        """What the code said since; None at the end of the stream. Raises BlockingIOError when there is nothing."""

    def spoken(self) -> list[Message]:
        """What it says without being read: ask after `hand` and after the end of a stream."""

    def order_stop(self, attempt: str) -> None:
        """Tells the code to end, and sends SIGTERM to its group."""

    def order_pause(self, attempt: str) -> None:
        """Tells the code to end between two steps."""

    def order_nudge(self, attempt: str, nudge: str, params: Mapping[str, Any]) -> None:
        """Hands over new parameters, to be in force between two steps; said to be so by a message."""

    def log_size(self) -> int: ...

    def pieces(self, upto: int, allowance: Allowance, now: float, *, last: bool) -> Iterator[Piece]:
        """New output up to an offset that `log_size` or a message gave."""

    def last_output(self) -> str:
        """The last line on stderr, where that says something about an exit code."""

    def tidy(self, *, between: bool) -> None:
        """Gives disk back, if there is much to give. `between`: nothing is at work, the unread is of no interest."""

    def close(self) -> None:
        """Kills what runs and closes everything."""
