"""What the walk does besides the flows of the crash matrix: scenes, queries, and the flows that it takes in storms."""

from collections.abc import Callable, Mapping, Sequence

from tests.crash import flows
from tests.crash.flows import usd
from tests.crash.steps import (
    MANAGER,
    ORDER_ID,
    SELLER,
    SHOP,
    Ask,
    Dispatch,
    Json,
    Kill,
    Pass,
    Settle,
    Snapshot,
    Step,
    Sweep,
    Wait,
    written,
)
from tests.crash.wire import Mode
from tests.crash.world import World
from tests.support.calls import IDS

Query = Mapping[str, list[str]]

# The queries of a list that reach for another index, or for other rows.
QUERIES: Mapping[str, Sequence[Query]] = {
    "list_disputes": (
        {},
        {"role": ["SELLER"]},
        {"status": ["CLAIM_EVIDENCE", "UNDER_REVIEW"]},
        {"assigned_to": ["me"]},
        {"assigned_to": ["none"]},
        {"order_id": [ORDER_ID]},
        {"buyer_id": ["buyer-1"]},
        {"seller_id": ["seller-1"]},
        {"updated_since": ["2026-01-01T00:00:00Z"]},
        {"view": ["full"]},
    ),
    "list_orders": ({}, {"role": ["SELLER"]}),
    "get_mediation_queue": ({}, {"assigned_to": ["me"]}, {"assigned_to": ["none"]}, {"view": ["full"]}),
    "get_guide_before": ({"reason": ["NOT_RECEIVED"]},),
}
WEBHOOK = {"url": "https://shop.example.com/hooks"}
DELIVERED = Ask("record_tracking_event", SHOP, flows.report("DELIVERED"))
GRANTED = Ask("accept_request", SELLER)
UNCOLLECTED = Ask("record_tracking_event", SHOP, flows.report("COLLECTION_EXPIRED"))


def given_back(minor: int, **more: object) -> Callable[[World], Json]:
    """Money that the shop gave back outside of disputes."""
    return lambda world: {
        "refund_id": "shop-1",
        "kind": "GOODWILL",
        "amount": usd(minor),
        "occurred_at": written(world.now),
        **more,
    }


def moved(**order: object) -> Ask:
    """The shop stores the order anew, in the middle of its dispute."""
    return Ask("put_order", SHOP, {**flows.ORDER_BODY, **order})


# Beside the flows of the matrix: what is about an order and its case at once, and what nobody's flow begins with.
OTHERS: tuple[tuple[Step, ...], ...] = (
    (*flows.OPEN, moved(guaranteed_delivery_days=61)),
    (*flows.MISSING, moved(items=[{**flows.ORDER_BODY["items"][0], "amount_minor": 1500}])),
    # Only what is no matter of the ledger has changed: that nobody has opened a dispute meanwhile is looked at (R48).
    (*flows.ORDER, moved(buyer={"email": "other@example.com", "name": "Eve"})),
    (*flows.ORDER, Ask("record_refund", SHOP, given_back(100))),
    (*flows.OPEN, Ask("record_refund", SHOP, given_back(100))),
    (*flows.OPEN, Ask("record_refund", SHOP, given_back(flows.PAID))),
    (*flows.OPEN, Snapshot("OrderRefunded", given_back(100, order_id=ORDER_ID))),
    (*flows.OPEN, Ask("put_metadata", SHOP, {"metadata": {"ticket": "T-1"}})),
    (*flows.OPEN, Ask("move_test_clock", SHOP, {"advance": "P1D"})),
    (*flows.CLAIM, Ask("take_next_claim", MANAGER, when_repeated=404)),
    # The first of nobody's claims is late: another index says whether its window has ended, or it waits for a decision.
    (*flows.REVIEW[: -len(flows.TAKE)], Pass(90), Ask("take_next_claim", MANAGER, when_repeated=404)),
    (*flows.ORDER, Ask("put_template", MANAGER, {"name": "No proof", "texts": {"en": "None."}}, IDS)),
    (*flows.REVIEW, Ask("decide_claim", MANAGER, flows.decision("PARTIAL", 1200))),
    # What was agreed on is given back elsewhere before anybody asks for it: it is held, and then it fits again.
    (*flows.OPEN, GRANTED, Ask("record_refund", SHOP, given_back(flows.PAID)), Settle(), Pass(0.1), Sweep()),
    (
        *(*flows.OPEN, GRANTED, Ask("record_refund", SHOP, given_back(flows.PAID)), Settle()),
        Ask("record_refund", SHOP, given_back(flows.PAID, refund_id="shop-2", reverses="shop-1")),
        *(Settle(), Pass(0.1), Sweep()),
    ),
    # The execution dies before the claim is before the team.
    (*flows.OPEN, Wait(4), flows.ESCALATE, Dispatch(), Kill(), Pass(1), Sweep()),
)
# The same service at every call of the act, in each of these ways: what is done instead is a right, too.
IN_BAD_WEATHER = (Mode.ERROR, Mode.CUT, Mode.SILENT)
STORMS = (
    "the stream delivers an agreement and its refund",
    "mails go out from the queue",
    "the sweeper escalates",
)
