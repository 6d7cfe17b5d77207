"""Where an action of the contract is called: the paths that answers point to."""

from buyer_protection.domain.actions import ROUTES
from buyer_protection.domain.enums import Action


def dispute_link(dispute_id: str) -> str:
    """The dispute itself."""
    return f"/v1/disputes/{dispute_id}"


def action_link(action: Action, dispute_id: str, offer_id: str | None) -> tuple[str, str]:
    """Method and path of an action on a dispute."""
    method, path = ROUTES[action]
    return method, path.format(dispute_id=dispute_id, offer_id=offer_id)
