"""Access tokens: made, listed, renewed, revoked. For admins."""

from caviar.client.models import TokenInfo
from caviar.client.pages import items_of
from caviar.client.transport import API, Request, Transport

_PATH = f"{API}/tokens"


class Tokens:
    def __init__(self, transport: Transport) -> None:
        self._transport = transport

    def create(self, name: str, role: str = "submitter", *, expires_in: int | None = None) -> TokenInfo:
        """`role`: viewer, submitter, agent or admin; `expires_in`: seconds, None for never. The answer alone has the
        secret. A lost answer is not asked for again: it would leave a token that nobody holds."""
        body = {"name": name, "role": role} | ({} if expires_in is None else {"expires_in": expires_in})
        return TokenInfo.model_validate(self._transport.send(Request("POST", _PATH, json=body)).json())

    def list(self) -> list[TokenInfo]:
        return [TokenInfo.model_validate(item) for item in items_of(self._transport.get(_PATH))]

    def rotate(self, token: str, *, expires_in: int | None = None) -> TokenInfo:
        """A new secret for the token of this id; the old one is refused from now on."""
        body = {} if expires_in is None else {"expires_in": expires_in}
        return TokenInfo.model_validate(
            self._transport.send(Request("POST", f"{_PATH}/{token}/rotate", json=body)).json()
        )

    def revoke(self, token: str) -> None:
        self._transport.send(Request("DELETE", f"{_PATH}/{token}"))
