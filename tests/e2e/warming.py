"""Every function's first process, started one after the other before any clock runs: what the tests are about is the
rules, not thirty cold starts at once on two cores."""

from __future__ import annotations

from concurrent.futures import ThreadPoolExecutor

from infra.routes import SPECS, FunctionSpec, Kind
from local.client import BACKEND
from tests.e2e.case import Case
from tests.e2e.world import FUNCTION_PREFIX, World

NOWHERE = {
    "dispute_id": "dp-00000000000000000000000000",
    "offer_id": "of-1",
    "evidence_id": "ev-1",
    "order_id": "order-0",
    "seller_id": "seller-0",
    "profile": "none",
    "decision_id": "rl-00000000000000000000000000",
    "template_id": "none",
    "webhook_id": "none",
    "delivery_id": "0000000000000-00000000000000000000",
    "person_id": "nobody",
}
AT_ONCE = 2


def warm_up(world: World) -> None:
    """Call every function once, with what changes nothing; then open and cancel a case, which wakes the readers."""
    with ThreadPoolExecutor(AT_ONCE) as pool:
        list(pool.map(lambda row: _call(world, row), SPECS))
    case = Case.opened(world)
    case.await_mail("BUYER", "DISPUTE_OPENED")
    case.act("buyer", "cancel", {"acknowledge_consequences": True})


def _call(world: World, row: FunctionSpec) -> None:
    if row.kind is Kind.API:
        who = BACKEND if not row.is_for_people else "buyer"
        body = None if row.method == "GET" else {}
        answer = world.client.call(who, row.method, row.path.format(**NOWHERE), body=body)
        assert answer.status < 500, (row.id, answer)
    else:
        world.functions.invoke(FunctionName=FUNCTION_PREFIX + row.id, Payload=b'{"Records": []}')
