"""Checkpoints and the account of them."""

from typing import Literal

from caviar.api.models.common import Answer, Moment

State = Literal["kept", "removing", "removed"]


class Checkpoint(Answer):
    """`size` in bytes; `reason` says why it is not kept."""

    id: str
    trial: str
    number: int
    attempt: int
    step: float
    uri: str
    size: int
    digest: str
    state: State
    reason: str | None
    created_at: Moment
    removed_at: Moment | None


class Checkpoints(Answer):
    items: list[Checkpoint]
    next_page_token: None = None


class Total(Answer):
    count: int
    bytes: int


class Account(Checkpoints):
    totals: dict[State, Total]
