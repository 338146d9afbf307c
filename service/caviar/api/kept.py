"""Answers that cost something to make, kept as bytes: computed once for however many dashboards ask."""

import threading
import time
from collections import OrderedDict
from collections.abc import Callable, Hashable
from dataclasses import dataclass, field
from typing import Any, Final

from starlette.responses import Response

from caviar.api.answers import JSON, encoded, is_known, tag_of
from caviar.domain.states import is_terminal
from caviar.storage.rows import StudyRow

MOST_BYTES: Final = 64 * 2**20
_LAG_PER_COST: Final = 50.0
"""While a study changes all the time, one answer takes at most a fiftieth of a processor."""


@dataclass(slots=True)
class _Entry:
    """`cost`: seconds it took to make; `made_at` on the clock of `Kept`."""

    revision: int = -1
    content: bytes = b""
    made_at: float = 0.0
    cost: float = 0.0
    lock: threading.Lock = field(default_factory=threading.Lock)


class Kept:
    """One thread makes an answer, others that want the same wait for it. An answer of a study that runs may lag behind
    it: by `longest_lag` seconds at most, and the less the cheaper it is. Its ETag tells which revision it is of."""

    def __init__(self, longest_lag: float, clock: Callable[[], float] = time.monotonic) -> None:
        self._longest_lag = longest_lag
        self._clock = clock
        self._lock = threading.Lock()
        self._entries: OrderedDict[Hashable, _Entry] = OrderedDict()

    def answer(
        self, study: StudyRow, asked: Hashable, if_none_match: str | None, make: Callable[[], tuple[int, Any]]
    ) -> Response:
        """`asked` says what is asked about the study; `make` gives a document and the revision it is of."""
        entry = self._entry((study.id, asked))
        with entry.lock:
            if not self._is_good(entry, study):
                self._fill(entry, make)
            revision, content = entry.revision, entry.content
        self._forget_old()
        tag = tag_of(study.id, revision)
        headers = {"ETag": tag, "Cache-Control": "private, no-cache"}
        if is_known(tag, if_none_match):
            return Response(status_code=304, headers=headers)
        return Response(content, 200, headers, JSON)

    def _entry(self, key: Hashable) -> _Entry:
        with self._lock:
            entry = self._entries.setdefault(key, _Entry())
            self._entries.move_to_end(key)
            return entry

    def _is_good(self, entry: _Entry, study: StudyRow) -> bool:
        if entry.revision >= study.revision:
            return True
        if entry.revision < 0 or is_terminal(study.state):
            return False
        return self._clock() - entry.made_at < min(self._longest_lag, _LAG_PER_COST * entry.cost)

    def _fill(self, entry: _Entry, make: Callable[[], tuple[int, Any]]) -> None:
        began = self._clock()
        revision, document = make()
        entry.content = encoded(document)
        entry.revision, entry.made_at = revision, self._clock()
        entry.cost = entry.made_at - began

    def _forget_old(self) -> None:
        with self._lock:
            held = sum(len(entry.content) for entry in self._entries.values())
            while held > MOST_BYTES and len(self._entries) > 1:
                held -= len(self._entries.popitem(last=False)[1].content)
