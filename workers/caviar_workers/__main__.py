"""`python -m caviar_workers --server URL`: an agent on a Ray cluster.

SIGTERM and SIGINT: it says that it leaves, and its slots end; with --keep-slots they stay for a successor of the same
name, as they do when it crashes. Exit codes: 0 left, 2 usage, 3 the service refuses it, 4 no Ray, 5 another agent has
its place.
"""

from __future__ import annotations

import argparse
import logging
import os
import random
import signal
import socket
import sys
import time
import uuid
from collections.abc import Callable, Mapping, Sequence
from pathlib import Path
from queue import SimpleQueue
from typing import Any

from caviar_workers.agent import Agent
from caviar_workers.background import Background, Leave
from caviar_workers.checkpoints.removals import Removals
from caviar_workers.checkpoints.store import UnreachableStore, open_store
from caviar_workers.cluster import ClusterGoneError
from caviar_workers.contact import AgentEnded, Contact
from caviar_workers.fleet import Fleet
from caviar_workers.folders import node_folder
from caviar_workers.making import FleetOptions
from caviar_workers.ray_runtime import RayUnavailableError, connect
from caviar_workers.service import HttpService, Refused

TOKEN = "CAVIAR_TOKEN"  # noqa: S105  a variable's name
CHECKPOINT_URL = "CAVIAR_CHECKPOINT_URL"
LEFT, USAGE, REFUSED, NO_RAY, REPLACED = 0, 2, 3, 4, 5
_NAMES = uuid.UUID("c0ffee00-0000-4000-8000-00000000ca71")


def agent_id(name: str) -> str:
    """The same for each life of an agent of this name: what its slots are found by."""
    return str(uuid.uuid5(_NAMES, name))


def parsed(arguments: Sequence[str] | None) -> argparse.Namespace:
    parser = argparse.ArgumentParser(prog="caviar_workers", description="An agent of Caviar on a Ray cluster.")
    parser.add_argument("--server", required=True, help="URL of the service")
    parser.add_argument("--ray-address", default="auto", help="HOST:PORT of Ray, or auto (default)")
    parser.add_argument("--ray-token-file", type=Path, help="Ray's token; default: as RAY_AUTH_TOKEN_PATH says")
    parser.add_argument("--token-file", type=Path, help=f"the agent's token; default: {TOKEN}")
    parser.add_argument("--name", default=socket.gethostname(), help="one per cluster; default: this host's name")
    parser.add_argument(
        "--checkpoint-url",
        default=os.environ.get(CHECKPOINT_URL, ""),
        help=f"where checkpoints are kept, a folder that all nodes share or s3://...; default: {CHECKPOINT_URL}, "
        "else a folder of the node's own",
    )
    parser.add_argument("--keep-slots", action="store_true", help="leave trials running at the end, for a successor")
    parser.add_argument("--pending-slots", type=int, default=0, help="demand an autoscaling cluster may be shown")
    parser.add_argument("--idle-seconds", type=float, default=120.0, help="how long slots without work stay warm")
    parser.add_argument("--warm-slots", type=int, default=0, help="slots of one CPU that are always ready")
    return parser.parse_args(arguments)


def main(arguments: Sequence[str] | None = None) -> int:
    options = parsed(arguments)
    logging.basicConfig(level=logging.INFO, format="%(asctime)s agent: %(message)s", stream=sys.stderr)
    logging.getLogger("httpx2").setLevel(logging.WARNING)
    token = token_from(options.token_file, os.environ)
    if not token:
        return _say(USAGE, f"an agent needs a token: set {TOKEN}, or give --token-file")
    os.environ.pop(TOKEN, None)  # nothing that this process starts shall know it
    agent = agent_id(options.name)
    try:
        connect(options.ray_address, agent, options.ray_token_file)
        built, inbox = build(options, token, agent)
        _leave_on_signals(inbox.put, keep_slots=options.keep_slots)
        built.run()
    except RayUnavailableError as error:
        return _say(NO_RAY, str(error))
    except ClusterGoneError as error:
        return _say(NO_RAY, f"{error}; start the agent again once Ray is back")
    except Refused as error:
        return _say(REFUSED, _refusal(options.server, error))
    except (UnreachableStore, AgentEnded) as error:
        return _say(USAGE if isinstance(error, UnreachableStore) else REPLACED, str(error))
    return LEFT


def build(options: argparse.Namespace, token: str, agent: str) -> tuple[Agent, SimpleQueue[Any]]:
    from caviar_workers.ray_cluster import RayCluster  # noqa: PLC0415  Ray's settings come first

    inbox: SimpleQueue[Any] = SimpleQueue()
    service = HttpService(options.server, token, agent)
    store = open_store(options.checkpoint_url or str(node_folder() / "checkpoints")).url
    removals = Removals(store, inbox.put)
    cluster = RayCluster(inbox.put, agent, store)
    fleet_options = FleetOptions(
        idle_seconds=options.idle_seconds, pending_slots=options.pending_slots, warm=options.warm_slots
    )
    incarnation = f"{time.time_ns():020d}-{os.getpid()}"
    return (
        Agent(
            Contact(service, incarnation, random.random, pending_slots=options.pending_slots, removals=removals),
            cluster,
            Fleet(cluster, lambda: uuid.uuid4().hex[:12], fleet_options),
            inbox,
            Background(service, cluster, inbox.put),
            clock=time.monotonic,
            wall=time.time,
        ),
        inbox,
    )


def token_from(file: Path | None, environ: Mapping[str, str]) -> str:
    return file.read_text(encoding="utf-8").strip() if file else environ.get(TOKEN, "").strip()


def _leave_on_signals(post: Callable[[Leave], None], *, keep_slots: bool) -> None:
    def leave(_signum: int, _frame: object) -> None:
        post(Leave(keep_slots))

    for signum in (signal.SIGTERM, signal.SIGINT):
        signal.signal(signum, leave)


def _refusal(server: str, refused: Refused) -> str:
    if refused.status == 401:
        return f"{server} does not accept this token (401): give an agent's token by {TOKEN} or --token-file"
    if refused.status == 403:
        return f"{server} says that this token is not an agent's (403)"
    if refused.status == 404:
        return f"{server} has no such endpoint (404): is it the URL of a Caviar service?"
    return f"{server} refuses this agent: {refused}"


def _say(code: int, message: str) -> int:
    sys.stderr.write(f"caviar agent: {message}\n")
    return code


if __name__ == "__main__":
    sys.exit(main())
