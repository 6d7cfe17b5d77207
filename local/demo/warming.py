"""The first process of each function that the stories call, before any clock runs: thirty at once would make every
window of two-second days end before people have acted in it."""

from __future__ import annotations

from concurrent.futures import ThreadPoolExecutor
from typing import Final

from buyer_protection.domain.actions import ACTIONS, ActionSpec
from local.client import BACKEND, Client

_CALLED: Final = frozenset(
    {
        "put_order", "open_dispute", "get_dispute", "get_timeline", "list_offers", "make_offer", "decline_offer",
        "accept_offer", "add_evidence", "get_evidence", "complete_evidence", "escalate_dispute", "assign_claim",
        "get_mediation_queue", "get_claim_brief", "decide_claim", "confirm_return_address",
        "register_return_shipment", "acknowledge_return", "put_webhook",
    }
)  # fmt: skip
_NOWHERE: Final = "nowhere-1"
_AT_ONCE: Final = 2


def warm_up(client: Client) -> None:
    """Call each once, about what is not there: nothing is changed, and the answers do not matter."""
    rows = [row for row in ACTIONS if row.name in _CALLED]
    with ThreadPoolExecutor(_AT_ONCE) as pool:
        list(pool.map(lambda row: _call(client, row), rows))


def _call(client: Client, row: ActionSpec) -> None:
    path = row.path
    while "{" in path:
        path = f"{path[: path.index('{')]}{_NOWHERE}{path[path.index('}') + 1 :]}"
    who = "buyer" if row.is_for_people else BACKEND
    client.call(who, row.method, path, body=None if row.method == "GET" else {})
