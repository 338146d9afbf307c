"""Who may do what, coarsely: four roles, and the sets of them that routes are declared with."""

from enum import StrEnum
from typing import Final


class Role(StrEnum):
    """A viewer reads; a submitter also runs studies, which is to run code on the workers; an admin does everything.
    An agent syncs and fetches bundles, and sees nothing else."""

    VIEWER = "viewer"
    SUBMITTER = "submitter"
    AGENT = "agent"
    ADMIN = "admin"


Roles = frozenset[Role]

ADMINS: Final[Roles] = frozenset({Role.ADMIN})
SUBMITTERS: Final[Roles] = ADMINS | {Role.SUBMITTER}
PEOPLE: Final[Roles] = SUBMITTERS | {Role.VIEWER}
AGENTS: Final[Roles] = ADMINS | {Role.AGENT}
EVERYONE: Final[Roles] = PEOPLE | AGENTS


def within(role: Role) -> Roles:
    """The roles that a person of this role may hand to a session of theirs."""
    order = (Role.VIEWER, Role.SUBMITTER, Role.ADMIN)
    return frozenset(order[: order.index(role) + 1]) if role in order else frozenset()
