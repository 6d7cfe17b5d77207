"""Failures of the table: its key, its capacity, one row, and all of it."""

from __future__ import annotations

import secrets
from contextlib import ExitStack

from local.client import Response
from ops.__main__ import DIFFERS, DONE
from tests.e2e.case import usd
from tests.e2e.faults import pointed, put_back, unreadable
from tests.e2e.fronts import Chosen, Front, Refusal, front, table_calls
from tests.e2e.world import World
from tests.game_day.day import Failure, Incident

_WORKERS = ("dispatch_changes", "sweep_deadlines", "close_window")
_WRITES = ("TransactWriteItems", "PutItem", "UpdateItem", "DeleteItem", "BatchWriteItem")
_ENDPOINT = "AWS_ENDPOINT_URL"
# Only failures of this number and more are the API's objective's business.
_REFUSED_TO_PEOPLE = 10
_OFFER = {"type": "REFUND", "refund": usd(1_000)}


def _in_front(world: World, fault: ExitStack, chosen: Chosen, refusal: Refusal, *actions: str) -> Front:
    made = fault.enter_context(front(world, chosen, refusal))
    fault.enter_context(pointed(world, {action: {_ENDPOINT: made.url} for action in actions}))
    return made


def key_disabled(it: Incident) -> None:
    """Neither people nor the clock reach the table; with the key, everything goes on."""
    case, other = it.opened(2)
    refusal = Refusal("AccessDeniedException", message="The KMS key of the table is disabled.")
    with ExitStack() as fault:
        disabled = _in_front(it.world, fault, table_calls(), refusal, "get_dispute", "make_offer", *_WORKERS)
        it.broke()
        it.moves(lambda: [it.world.client.get("buyer", case.path) for _ in range(_REFUSED_TO_PEOPLE)])

        def enable() -> None:
            disabled.is_open = True

        it.page.by_hand("Enable it in the KMS console", enable)
        assert case.look()["status"]
        it.whole("an offer is made", lambda: other.post("seller", "offers", _OFFER).status == 201)
        it.whole("no case is late", lambda: it.page.ops("cases", "list", "--overdue") == DONE)
        it.whole("no queue gave up", lambda: it.page.ops("queues", "list") == DONE)


def table_throttled(it: Incident) -> None:
    """Writes are refused; a call that is repeated with its key counts once."""
    (case,) = it.opened()
    refusal = Refusal("ProvisionedThroughputExceededException", message="Throughput exceeds the limit.")
    key = secrets.token_urlsafe(24)

    def offer() -> Response:
        return case.post("seller", "offers", _OFFER, key=key)

    with ExitStack() as fault:
        throttled = _in_front(it.world, fault, table_calls(*_WRITES), refusal, "make_offer", *_WORKERS)
        it.metrics.counted.throttled = lambda: throttled.refused
        it.broke()
        first = offer()
        it.moves()
        assert first.status >= 500

        def grown() -> None:
            throttled.is_open = True

        it.page.by_hand("it doubles its capacity within half an hour", grown)
        it.whole("the same call is accepted", lambda: offer().status == 201)
        assert offer().status == 201
        it.whole("no case is late", lambda: it.page.ops("cases", "list", "--overdue") == DONE)
        it.whole("no queue gave up", lambda: it.page.ops("queues", "list") == DONE)
    offers = case.read("buyer", f"{case.path}/offers")["items"]
    assert [it["refund"]["amount_minor"] for it in offers].count(1_000) == 1


def poison_case(it: Incident) -> None:
    """One case cannot be read: lists show all others, and a case beside it goes its way."""
    poisoned, other = it.opened(2)
    poisoned.await_parked("NEGOTIATION")
    # A mail that meets the poison waits for its next attempt, long after everything else is right.
    for party in ("BUYER", "SELLER"):
        poisoned.await_mail(party, "DISPUTE_OPENED")

    def shown() -> list[str]:
        """Every page of the buyer's list."""
        query: dict[str, str | int] = {"page_size": 50}
        found: list[str] = []
        while True:
            page = other.read("buyer", "/v1/disputes", query)
            found += [one["dispute_id"] for one in page["items"]]
            if "next_page_token" not in page:
                return found
            query["page_token"] = page["next_page_token"]

    with unreadable(it.world, f"CASE#{poisoned.dispute_id}", "STATE", "status", "BOGUS") as row:
        it.broke()
        it.moves(shown)
        it.whole("all others are listed", lambda: other.dispute_id in shown())
        other.act("seller", "accept-request")
        assert it.page.ops("case", "rows", poisoned.dispute_id) == DIFFERS
        it.page.by_hand("put the row back from the point-in-time backup", lambda: put_back(it.world, row))
        it.whole("the case is shown again", lambda: it.page.ops("case", "show", poisoned.dispute_id) == DONE)
        it.whole("it is listed", lambda: poisoned.dispute_id in shown())
    it.whole("nothing is late", it.nothing_is_late)


OF_TABLE = (
    Failure(
        "The table's key is disabled",
        "ApiBurnsFast",
        "the local table has no key: a front refuses what DynamoDB refuses then. The gateway's metric is counted by "
        "the caller",
        (),
        key_disabled,
    ),
    Failure(
        "The table is throttled",
        "TableThrottled",
        "the emulator throttles nothing: a front refuses writes, and counts them as DynamoDB does",
        (),
        table_throttled,
    ),
    Failure(
        "A poison case",
        "RowsUnreadable",
        "the status of one case is overwritten with a word that is none",
        (),
        poison_case,
    ),
)
