"""plotly.js, as the installed package `plotly` carries it."""

import gzip
import threading
from functools import cached_property
from importlib.metadata import PackageNotFoundError, version
from importlib.util import find_spec
from pathlib import Path

from caviar.domain.errors import MissingExtra


class PlotlyScript:
    """Read on first use. (Importing plotly to find it would take a second.)"""

    def __init__(self) -> None:
        self._lock = threading.Lock()

    @property
    def address(self) -> str | None:
        """None: plotly is not installed."""
        return None if self.release is None else f"/assets/plotly-{self.release}.min.js"

    @cached_property
    def release(self) -> str | None:
        try:
            return version("plotly")
        except PackageNotFoundError:
            return None

    @cached_property
    def content(self) -> bytes:
        spec = find_spec("plotly")
        if spec is None or not spec.submodule_search_locations:
            raise MissingExtra("plotly", "plots")
        return Path(spec.submodule_search_locations[0], "package_data", "plotly.min.js").read_bytes()

    def compressed(self) -> bytes:
        """Made once, by whoever asks first."""
        with self._lock:
            return self._compressed

    @cached_property
    def _compressed(self) -> bytes:
        return gzip.compress(self.content, 9, mtime=0)
