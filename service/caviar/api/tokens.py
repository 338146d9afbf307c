"""/tokens: made, listed, renewed, revoked. Only their hash is stored; the secret is shown once."""

from fastapi import APIRouter
from starlette.responses import Response

from caviar.api import startup
from caviar.api.answers import answer, items
from caviar.api.auth import in_force
from caviar.api.models.access import NewToken, Rotation, Tokens, TokenWithSecret
from caviar.api.roles import Role
from caviar.api.routes import AdminRoute
from caviar.api.secret_text import new_token, sha256_of
from caviar.api.service import ServiceOf
from caviar.domain.errors import Conflict, NotFound
from caviar.domain.ids import is_uuid
from caviar.engine.work import Work
from caviar.insights.documents import Document, timestamp
from caviar.storage import sessions, tokens
from caviar.storage.rows import TokenRow

router = APIRouter(prefix="/api/v1/tokens", tags=["tokens"], route_class=AdminRoute)


@router.post("", status_code=201, response_model=TokenWithSecret)
def create_token(service: ServiceOf, token: NewToken) -> Response:
    """Not to be repeated by key: a secret is kept nowhere."""
    secret = new_token()
    with service.work() as work:
        expires_at = None if token.expires_in is None else work.now + token.expires_in
        row = TokenRow(work.new_id(), token.name, token.role.value, sha256_of(secret), work.now, None, expires_at)
        tokens.insert(work.tx, row)
    return answer({**_document(row), "secret": secret}, 201)


@router.get("", response_model=Tokens)
def get_tokens(service: ServiceOf) -> Response:
    """All there ever were, in the order they were made."""
    with service.read() as snapshot:
        return answer(items([_document(row) for row in tokens.all_tokens(snapshot)]))


@router.post("/{token}/rotate", response_model=TokenWithSecret)
def rotate_token(service: ServiceOf, token: str, rotation: Rotation | None = None) -> Response:
    """A new secret for the same token; the old one is refused from now on, and sessions made with it end. What the
    service keeps for itself in its data folder is renewed there too."""
    secret = new_token()
    with service.work() as work:
        row = _in_force(work, token)
        old, row.sha256 = row.sha256, sha256_of(secret)
        row.expires_at = _renewed(row, None if rotation is None else rotation.expires_in, work.now)
        tokens.replace_secret(work.tx, row.id, row.sha256, row.expires_at)
        sessions.end_of_token(work.tx, row.id)
    service.authenticator.forget()
    startup.keep_rotated(service.settings, old, secret)
    return answer({**_document(row), "secret": secret})


@router.delete("/{token}", status_code=204, response_class=Response)
def revoke_token(service: ServiceOf, token: str) -> Response:
    """Refused at once here, within seconds by other replicas; sessions made with it end. The last admin token stays."""
    with service.work() as work:
        row = _in_force(work, token)
        if row.role == Role.ADMIN and not _other_admins(work, row):
            raise Conflict("This is the last admin token.", code="last_admin", hint="Make another one first.")
        tokens.revoke(work.tx, row.id, work.now)
        sessions.end_of_token(work.tx, row.id)
    service.authenticator.forget()
    return Response(status_code=204)


def _in_force(work: Work, token_id: str) -> TokenRow:
    row = tokens.by_id(work.tx, token_id) if is_uuid(token_id) else None
    if row is None or row.revoked_at is not None:
        raise NotFound("There is no such token in force.")
    return row


def _other_admins(work: Work, but: TokenRow) -> list[TokenRow]:
    every = tokens.all_tokens(work.tx)
    return [row for row in every if row.role == Role.ADMIN and row.id != but.id and in_force(row, work.now)]


def _renewed(row: TokenRow, seconds: int | None, now: float) -> float | None:
    """When the token expires: as asked, else it lasts as long as it was to last at first."""
    if seconds is not None:
        return now + seconds
    return None if row.expires_at is None else now + (row.expires_at - row.created_at)


def _document(row: TokenRow) -> Document:
    return {
        "id": row.id,
        "name": row.name,
        "role": row.role,
        "created_at": timestamp(row.created_at),
        "expires_at": timestamp(row.expires_at),
        "last_used_at": timestamp(row.last_used_at),
        "revoked_at": timestamp(row.revoked_at),
    }
