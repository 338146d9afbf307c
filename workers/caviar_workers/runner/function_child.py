"""The slot's side of a warm child that runs Python functions."""

from __future__ import annotations

import contextlib
import json
import os
import socket
import sys
from collections.abc import Iterator, Mapping, Sequence
from pathlib import Path
from typing import Any

import orjson

from caviar_workers.attempts import Attempt, Work
from caviar_workers.runner.logs import Allowance, LogFile, Piece
from caviar_workers.runner.messages import Lines, Message
from caviar_workers.runner.process import Process

READ_AT_ONCE = 1 << 18
LARGEST_PACKET = 64_000
SEND_BUFFER = 1 << 20
TRUNCATE_LOG_ABOVE = 16 << 20
_PACKETS = socket.SOCK_SEQPACKET if sys.platform == "linux" else socket.SOCK_DGRAM


class FunctionChild:
    """Starts the child at once: while the first trial is on its way it imports."""

    def __init__(self, *, env: Mapping[str, str], folder: Path, scratch: Path, bundle: Path | None) -> None:
        self._folder, self._scratch, self._bundle = folder, scratch, bundle
        self._works: dict[str, str] = {}
        self._log = LogFile(folder / "output.log")
        self._lines = Lines()
        self._work, self._work_peer = socket.socketpair(socket.AF_UNIX, _PACKETS)
        self._work.setsockopt(socket.SOL_SOCKET, socket.SO_SNDBUF, SEND_BUFFER)
        self._orders, orders_peer = socket.socketpair(socket.AF_UNIX, _PACKETS)
        self._events, events_peer = os.pipe()
        os.set_blocking(self._events, False)
        ends = {"work": self._work_peer.fileno(), "orders": orders_peer.fileno(), "events": events_peer}
        setup = json.dumps({"parent": os.getpid(), **ends})
        argv = [sys.executable, "-P", "-m", "caviar_workers.runner.child", setup]
        output = self._log.descriptor
        self.process = Process(
            argv, env=env, cwd=bundle or scratch, stdout=output, stderr=output, pass_fds=tuple(ends.values())
        )
        orders_peer.close()
        os.close(events_peer)

    @property
    def garbage(self) -> int:
        return self._lines.garbage

    @property
    def log_is_large(self) -> bool:
        return self._log.size() > TRUNCATE_LOG_ABOVE

    def hand(self, attempt: Attempt) -> bool:
        packet = orjson.dumps(
            {
                "work": self._work_path(attempt.work),
                "attempt": attempt.id,
                "trial": attempt.trial,
                "number": attempt.number,
                "params": attempt.params,
                "store": attempt.store,
                "checkpoints": attempt.checkpoints,
            }
        )
        if len(packet) > LARGEST_PACKET:
            packet = self._by_file(attempt.id, packet)
        try:
            self._work.send(packet, socket.MSG_DONTWAIT)
        except (BlockingIOError, ConnectionError):
            return False
        return True

    def take_back(self) -> list[str]:
        """What can be read at the child's own end was not taken by it."""
        taken: list[str] = []
        while True:
            try:
                packet = self._work_peer.recv(LARGEST_PACKET, socket.MSG_DONTWAIT)
            except (BlockingIOError, ConnectionError):
                return taken
            if not packet:
                return taken
            document = orjson.loads(packet)
            taken.append(document["attempt"])

    def descriptors(self) -> Sequence[int]:
        return (self._events,)

    def read(self, descriptor: int) -> list[Message] | None:
        data = os.read(descriptor, READ_AT_ONCE)
        return list(self._lines.feed(data)) if data else None

    def spoken(self) -> list[Message]:
        return []

    def order_stop(self, attempt: str) -> None:
        self._order(["stop", attempt])
        self.process.terminate()

    def order_pause(self, attempt: str) -> None:
        self._order(["pause", attempt])

    def order_nudge(self, attempt: str, nudge: str, params: Mapping[str, Any]) -> None:
        self._order(["nudge", attempt, nudge, params])

    def log_size(self) -> int:
        return self._log.size()

    def pieces(self, upto: int, allowance: Allowance, now: float, *, last: bool) -> Iterator[Piece]:
        return self._log.pieces(upto, allowance, now, last=last)

    def last_output(self) -> str:
        return ""

    def tidy(self, *, between: bool) -> None:
        if self.log_is_large and (between or self._log.is_read()):
            self._log.truncate()

    def close(self) -> None:
        self.process.kill()
        for end in (self._work, self._work_peer, self._orders):
            end.close()
        os.close(self._events)
        self._log.close()

    def _order(self, order: list[Any]) -> None:
        with contextlib.suppress(OSError):
            self._orders.send(orjson.dumps(order), socket.MSG_DONTWAIT)

    def _work_path(self, work: Work) -> str:
        """The study's part of a trial goes through a file, once."""
        path = self._works.get(work.key)
        if path is None:
            train = work.train
            file = self._folder / f"work-{len(self._works)}.json"
            document = {
                "function": train.function,
                "builtin": train.builtin,
                "options": train.options,
                "metric": train.metric,
                "folder": str(self._bundle) if self._bundle else None,
                "scratch": str(self._scratch),
                "measure_memory": train.resources.memory_mb > 0,
            }
            file.write_text(json.dumps(document), encoding="utf-8")
            path = self._works[work.key] = str(file)
        return path

    def _by_file(self, attempt: str, packet: bytes) -> bytes:
        file = self._folder / f"trial-{attempt}.json"
        file.write_bytes(packet)
        return orjson.dumps({"attempt": attempt, "file": str(file)})
