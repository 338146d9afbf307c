"""Agents: who has synced, and what their clusters hold."""

from sqlalchemy import select

from caviar.storage.database import Snapshot, Transaction
from caviar.storage.rows import AgentRow
from caviar.storage.tables import agents
from caviar.storage.writing import insert_rows, update_rows


def lock(tx: Transaction, agent_id: str) -> AgentRow | None:
    row = tx.connection.execute(select(agents).where(agents.c.id == agent_id).with_for_update()).first()
    return None if row is None else AgentRow(*row)


def insert(tx: Transaction, agent: AgentRow) -> None:
    insert_rows(tx.connection, AgentRow, [agent])


def save(tx: Transaction, agent: AgentRow) -> None:
    update_rows(tx.connection, AgentRow, [agent])


def get(snapshot: Snapshot, agent_id: str) -> AgentRow | None:
    row = snapshot.connection.execute(select(agents).where(agents.c.id == agent_id)).first()
    return None if row is None else AgentRow(*row)


def all_agents(snapshot: Snapshot) -> list[AgentRow]:
    return [AgentRow(*row) for row in snapshot.connection.execute(select(agents).order_by(agents.c.first_seen_at))]
