"""Creating something once: an Idempotency-Key stands for one request, and brings its one answer again."""

import hashlib
from collections.abc import Callable
from dataclasses import dataclass
from typing import Annotated, Any

from fastapi import Depends, Header, Request
from starlette.responses import Response

from caviar.api.answers import answer
from caviar.api.auth import PRINCIPAL
from caviar.api.service import Service
from caviar.domain.errors import Conflict
from caviar.engine.work import Work
from caviar.storage import tokens
from caviar.storage.rows import IdempotencyRow


@dataclass(frozen=True, slots=True)
class Key:
    """`fingerprint` is the request's: method, path and body."""

    token_id: str
    key: str
    fingerprint: str


@dataclass(frozen=True, slots=True)
class Made:
    """An answer that can be kept."""

    document: dict[str, Any]
    status: int = 200
    location: str | None = None

    def response(self) -> Response:
        return answer(self.document, self.status, {"Location": self.location} if self.location else None)


KeyHeader = Annotated[
    str | None,
    Header(
        min_length=1,
        max_length=200,
        pattern=r"^[\x21-\x7e]+$",
        description="Repeats of a request with the same key get the first one's answer, for two days",
    ),
]


async def _key(request: Request, idempotency_key: KeyHeader = None) -> Key | None:
    if idempotency_key is None:
        return None
    told = f"{request.method} {request.url.path}\n".encode() + await request.body()
    return Key(request.scope[PRINCIPAL].id, idempotency_key, hashlib.sha256(told).hexdigest())


IdempotencyKey = Annotated[Key | None, Depends(_key)]


def once(
    service: Service,
    key: Key | None,
    make: Callable[[Work], Made],
    keep: Callable[[Made], bool] = lambda made: True,  # noqa: ARG005
) -> Made:
    """Runs `make` in a transaction that also keeps its answer (if `keep` says so). Raises Conflict when the key stood
    for another request; a request that failed may be repeated with its key."""
    with service.work() as work:
        kept = None if key is None else _kept(work, key)
        if kept is not None:
            return kept
        made = make(work)
        if key is not None and keep(made):
            _keep(work, key, made)
        return made


def _kept(work: Work, key: Key) -> Made | None:
    tokens.lock_key(work.tx, key.token_id, key.key)
    kept = tokens.kept_answer(work.tx, key.token_id, key.key)
    if kept is None:
        return None
    if kept.body_sha256 != key.fingerprint:
        raise Conflict(
            "This Idempotency-Key was sent with another request before.",
            code="idempotency_mismatch",
            hint="Take a new key for a new request.",
        )
    return Made(kept.answer["document"], kept.status, kept.answer["location"])


def _keep(work: Work, key: Key, made: Made) -> None:
    kept = {"document": made.document, "location": made.location}
    tokens.keep_answer(work.tx, IdempotencyRow(key.token_id, key.key, key.fingerprint, made.status, kept, work.now))
