"""What happened, in order: kept, and written as JSON lines where a file is given."""

from __future__ import annotations

import json
import threading
import time
from pathlib import Path
from typing import Any


class History:
    """Thread-safe."""

    def __init__(self, path: Path | None = None) -> None:
        self.events: list[dict[str, Any]] = []
        self._file = None if path is None else path.open("w", encoding="utf-8", buffering=1)
        self._lock = threading.Lock()

    def say(self, kind: str, **what: Any) -> None:
        event = {"at": round(time.time(), 3), "kind": kind, **what}
        with self._lock:
            self.events.append(event)
            if self._file is not None:
                self._file.write(json.dumps(event) + "\n")

    def of(self, kind: str) -> list[dict[str, Any]]:
        with self._lock:
            return [event for event in self.events if event["kind"] == kind]
