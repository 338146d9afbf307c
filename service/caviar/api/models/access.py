"""Tokens, and the sessions that a browser has with them."""

from typing import Annotated, Literal

from pydantic import Field

from caviar.api.models.common import Answer, Asked, Moment
from caviar.api.roles import Role

YEARS = 10 * 366 * 86_400


class NewToken(Asked):
    """`expires_in`: seconds from now; never, when it is left out."""

    name: Annotated[str, Field(min_length=1, max_length=200, pattern=r"^[^\x00-\x1f]*$")]
    role: Annotated[Role, Field(strict=False)]
    expires_in: Annotated[int, Field(ge=1, le=YEARS)] | None = None


class Rotation(Asked):
    """`expires_in`: seconds from now; as the token's was, when it is left out."""

    expires_in: Annotated[int, Field(ge=1, le=YEARS)] | None = None


class Token(Answer):
    """`last_used_at` lags by a minute."""

    id: str
    name: str
    role: Role
    created_at: Moment
    expires_at: Moment | None
    last_used_at: Moment | None
    revoked_at: Moment | None


class TokenWithSecret(Token):
    """The only time that the secret is shown."""

    secret: str


class Tokens(Answer):
    items: list[Token]
    next_page_token: None = None


class NewLoginLink(Asked):
    """`role`: of the session, at most the caller's own, which it is when left out."""

    role: Annotated[Role, Field(strict=False)] | None = None


class LoginLink(Answer):
    """`path` is to be opened at the service's address, once, until `expires_at`."""

    path: str
    role: Role
    expires_at: Moment


class Login(Asked):
    code: Annotated[str, Field(min_length=1, max_length=100)]


class Caller(Answer):
    """Who asks: by a token, or by a session made with one."""

    kind: Literal["token", "session"]
    token: str
    name: str
    role: Role
    expires_at: Moment | None
