"""The Case Management Team as the container builds it, and who is in it now (R47)."""

from collections.abc import Callable
from typing import TYPE_CHECKING

from buyer_protection.runtime import settings

if TYPE_CHECKING:
    from buyer_protection.application.ports.team import Team
    from buyer_protection.composition.container import Container


def team() -> "Team":
    """The team's user pool; its client is made on first use."""
    from buyer_protection.adapters.aws.team import CognitoTeam
    from buyer_protection.application.actions.execute import CASE_MANAGERS

    return CognitoTeam(settings.team_pool_id(), CASE_MANAGERS)


def is_member(of: "Container") -> Callable[[str], bool]:
    """Whether a person is in the team now. Nothing of the pool is built before it is asked."""

    def ask(person_id: str) -> bool:
        return of.team.has_member(person_id)

    return ask
