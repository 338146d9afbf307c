"""Re-tunes and the tree of studies they stand in."""

from typing import Annotated, Any, Literal

from pydantic import Field

from caviar.api.models.common import Answer, Asked, Moment


class NewData(Asked):
    version: Annotated[str, Field(min_length=1, max_length=200)] | None = None
    path: Annotated[str, Field(min_length=1, max_length=200)] | None = None
    digest: Annotated[str, Field(pattern="^sha256:[0-9a-f]{64}$")] | None = None


class RetuneAsked(Asked):
    """`data`: what the study is to be looked at on; left out: the data it names. The numbers are the canary's size,
    those of the document's `retune` section when left out."""

    note: Annotated[str, Field(max_length=1_000)] | None = None
    data: NewData | None = None
    trigger: Literal["asked", "data"] = "asked"
    best: Annotated[int, Field(ge=1, le=20)] | None = None
    neighbours: Annotated[int, Field(ge=0, le=50)] | None = None
    controls: Annotated[int, Field(ge=3, le=50)] | None = None
    repeats: Annotated[int, Field(ge=2, le=20)] | None = None


class Retune(Answer):
    """`state`: canary (under way), good, stale or failed. `verdict` is null until the canary has ended."""

    id: str
    study_id: str
    state: str
    trigger: str
    note: str | None
    canary_id: str
    successor_id: str | None
    data: dict[str, Any] | None
    verdict: dict[str, Any] | None
    created_at: Moment
    decided_at: Moment | None


class Member(Answer):
    """A study of the tree. `kind`: study, fork, learn, canary or retune; `asked`: it is the one that was asked for."""

    id: str
    name: str
    kind: str
    parent_id: str | None
    state: str
    best: float | None
    data: dict[str, Any] | None
    fingerprint: dict[str, Any] | None
    asked: bool
    created_at: Moment


class Lineage(Answer):
    studies: list[Member]
    retunes: list[Retune]
