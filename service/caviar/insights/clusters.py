"""Agents and the clusters behind them: what they hold, what runs there, when they were last heard of."""

from collections.abc import Mapping
from typing import Any

from caviar.domain.errors import NotFound
from caviar.domain.ids import is_uuid
from caviar.insights.documents import Document, timestamp
from caviar.storage import agents, attempts
from caviar.storage.database import Snapshot
from caviar.storage.rows import AgentRow

ALIVE_LEASES = 2.0
"""An agent is taken for alive when it synced within so many lease times."""
TRIALS_SHOWN = 200

_WHICH = ("total", "free")
Counts = Mapping[str, Mapping[str, int]]


def list_agents(snapshot: Snapshot, now: float, lease_seconds: float) -> list[Document]:
    counted = attempts.live_counts(snapshot)
    return [_document(agent, counted, now, lease_seconds) for agent in agents.all_agents(snapshot)]


def show_agent(snapshot: Snapshot, agent_id: str, now: float, lease_seconds: float) -> Document:
    """With the trials it has in hand. Raises NotFound."""
    agent = agents.get(snapshot, agent_id) if is_uuid(agent_id) else None
    if agent is None:
        raise NotFound("There is no such agent.", hint="It appears with its first sync.")
    in_hand = [
        {
            "trial": trial_id,
            "number": number,
            "study": study_id,
            "study_name": name,
            "state": state,
            "node": node,
            "since": timestamp(since),
        }
        for trial_id, number, study_id, name, state, node, since in attempts.in_hand(snapshot, agent_id, TRIALS_SHOWN)
    ]
    return {**_document(agent, attempts.live_counts(snapshot, agent_id), now, lease_seconds), "trials": in_hand}


def alive_agents(snapshot: Snapshot, now: float, lease_seconds: float) -> int:
    return sum(_is_alive(agent, now, lease_seconds) for agent in agents.all_agents(snapshot))


def resources_alive(snapshot: Snapshot, now: float, lease_seconds: float) -> dict[str, dict[str, float]]:
    """CPUs, GPUs and memory of all clusters whose agents are alive: `total` and `free`, by kind."""
    alive = [agent for agent in agents.all_agents(snapshot) if _is_alive(agent, now, lease_seconds)]
    kinds = ("cpus", "gpus", "memory_mb")
    return {which: {kind: sum(_sum(agent, which)[kind] for agent in alive) for kind in kinds} for which in _WHICH}


def _document(agent: AgentRow, counted: Counts, now: float, lease_seconds: float) -> Document:
    mine = counted.get(agent.id, {})
    return {
        "id": agent.id,
        "alive": _is_alive(agent, now, lease_seconds),
        "left": agent.left,
        "first_seen_at": timestamp(agent.first_seen_at),
        "last_seen_at": timestamp(agent.seen_at),
        "nodes": agent.nodes,
        "total": _sum(agent, "total"),
        "free": _sum(agent, "free"),
        "pending_slots": agent.pending_slots,
        "running": mine.get("running", 0),
        "leased": mine.get("leased", 0),
    }


def _is_alive(agent: AgentRow, now: float, lease_seconds: float) -> bool:
    return not agent.left and now - agent.seen_at <= ALIVE_LEASES * lease_seconds


def _sum(agent: AgentRow, which: str) -> dict[str, Any]:
    """Resources of all nodes together."""
    total: dict[str, Any] = {"cpus": 0.0, "gpus": 0.0, "memory_mb": 0.0, "custom": {}}
    for node in agent.nodes:
        for name in ("cpus", "gpus", "memory_mb"):
            total[name] += node[which][name]
        for name, amount in node[which]["custom"].items():
            total["custom"][name] = total["custom"].get(name, 0.0) + amount
    return total
