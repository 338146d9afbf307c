"""`python -m benchmarks.chaos.stage.ray_nodes FOLDER NODES`: a Ray of several nodes on one machine.

A head that holds no work, and nodes of one CPU each. A node whose raylet dies is replaced; with its head the whole of
it ends, and whoever started it starts a new one. In FOLDER: `ray-address` while it is up, and `ray-pids`, a JSON object
of `head` (its raylet's process), `gcs` and `raylets`.
"""

from __future__ import annotations

import json
import os
import signal
import sys
import time
from pathlib import Path
from types import FrameType
from typing import Any

from caviar_workers.ray_runtime import ADDRESS_FILE, HABITS, settings, token_environment, token_file

PIDS_FILE = "ray-pids"
LOOK_SECONDS = 0.1
OBJECTS_BYTES = 80 << 20


def main(folder: Path, count: int) -> int:
    own = {"RAY_worker_niceness": "0"}
    os.environ.update({**HABITS, **settings(), **token_environment(token_file(folder)), **own})
    nodes = Nodes(folder, count)
    try:
        nodes.write()
        while nodes.have_a_head():
            nodes.replace_dead()
            time.sleep(LOOK_SECONDS)
        return 1
    finally:
        nodes.end()


class Nodes:
    def __init__(self, folder: Path, count: int) -> None:
        from ray.cluster_utils import Cluster  # noqa: PLC0415  only after the environment is set

        self._folder = folder
        common = {"object_store_memory": OBJECTS_BYTES, "include_dashboard": False}
        temp = Path(os.environ["RAY_TMPDIR"]) / "ray"
        temp.mkdir(exist_ok=True)
        self._common: dict[str, Any] = {**common, "temp_dir": str(temp)}
        head = {**self._common, "num_cpus": 0, "_system_config": {"health_check_period_ms": 1000}}
        self._cluster: Any = Cluster(initialize_head=True, head_node_args=head)
        for _ in range(count):
            self._cluster.add_node(**self._common, num_cpus=1)

    def write(self) -> None:
        """For whoever kills, then for whoever connects."""
        pids = {
            "head": _pid(self._cluster.head_node, "raylet"),
            "gcs": _pid(self._cluster.head_node, "gcs_server"),
            "raylets": [_pid(node, "raylet") for node in self._cluster.worker_nodes],
        }
        for name, text in ((PIDS_FILE, json.dumps(pids)), (ADDRESS_FILE, self._cluster.address)):
            beside = self._folder / f"{name}.new"
            beside.write_text(text)
            beside.rename(self._folder / name)

    def have_a_head(self) -> bool:
        return all(_lives(self._cluster.head_node, kind) for kind in ("raylet", "gcs_server"))

    def replace_dead(self) -> None:
        for node in [each for each in self._cluster.worker_nodes if not _lives(each, "raylet")]:
            self._cluster.remove_node(node, allow_graceful=False)  # reaped, which its workers wait for
            if self.have_a_head():
                self._cluster.add_node(wait=False, **self._common, num_cpus=1)
            self.write()

    def end(self) -> None:
        (self._folder / ADDRESS_FILE).unlink(missing_ok=True)
        for node in self._cluster.list_all_nodes():
            node.kill_all_processes(check_alive=False, allow_graceful=False, wait=True)


def _process(node: Any, kind: str) -> Any:
    return node.all_processes[kind][0].process


def _pid(node: Any, kind: str) -> int:
    return int(_process(node, kind).pid)


def _lives(node: Any, kind: str) -> bool:
    return kind in node.all_processes and _process(node, kind).poll() is None


def _leave(_number: int, _frame: FrameType | None) -> None:
    raise SystemExit(0)


if __name__ == "__main__":
    signal.signal(signal.SIGTERM, _leave)
    sys.exit(main(Path(sys.argv[1]), int(sys.argv[2])))
