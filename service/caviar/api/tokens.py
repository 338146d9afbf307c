"""/tokens: made, listed, revoked. Only their hash is stored; the secret is shown once."""

from fastapi import APIRouter
from starlette.responses import Response

from caviar.api.answers import answer, items
from caviar.api.auth import new_secret, sha256_of
from caviar.api.models.others import NewToken, Tokens, TokenWithSecret
from caviar.api.routes import AdminRoute
from caviar.api.service import ServiceOf
from caviar.domain.errors import Conflict, NotFound
from caviar.domain.ids import is_uuid
from caviar.insights.documents import Document, timestamp
from caviar.storage import tokens
from caviar.storage.rows import TokenRow

router = APIRouter(prefix="/api/v1/tokens", tags=["tokens"], route_class=AdminRoute)


@router.post("", status_code=201, response_model=TokenWithSecret)
def create_token(service: ServiceOf, token: NewToken) -> Response:
    """Not to be repeated by key: a secret is kept nowhere."""
    secret = new_secret()
    with service.work() as work:
        row = TokenRow(work.new_id(), token.name, token.role.value, sha256_of(secret), work.now, None)
        tokens.insert(work.tx, row)
    return answer({**_document(row), "secret": secret}, 201)


@router.get("", response_model=Tokens)
def get_tokens(service: ServiceOf) -> Response:
    with service.read() as snapshot:
        return answer(items([_document(row) for row in tokens.all_tokens(snapshot)]))


@router.delete("/{token}", status_code=204, response_class=Response)
def revoke_token(service: ServiceOf, token: str) -> Response:
    """In force here at once, in other replicas within seconds. The last admin token stays."""
    with service.work() as work:
        in_force = [row for row in tokens.all_tokens(work.tx) if row.revoked_at is None]
        if [row.id for row in in_force if row.role == "admin"] == [token]:
            raise Conflict("This is the last admin token.", code="last_admin", hint="Make another one first.")
        if not is_uuid(token) or not tokens.revoke(work.tx, token, work.now):
            raise NotFound("There is no such token in force.")
    service.authenticator.forget()
    return Response(status_code=204)


def _document(row: TokenRow) -> Document:
    return {
        "id": row.id,
        "name": row.name,
        "role": row.role,
        "created_at": timestamp(row.created_at),
        "revoked_at": timestamp(row.revoked_at),
    }
