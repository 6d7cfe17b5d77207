"""Eligibility of each line (finding B5; R1, R2, R7, R9, R25): it never says no where an opening says yes."""

from typing import Any

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from buyer_protection.application.actions import negotiation, orders
from buyer_protection.application.actions.opening import open_dispute
from buyer_protection.application.schemas.queries import EligibilityQuery
from buyer_protection.application.schemas.requests import ItemChoice
from buyer_protection.domain.errors import DisputeError, InvalidRequestError
from buyer_protection.domain.ledger import disputable_items
from tests.support.builders import DAY, OPENED, PAID, SHIPPED, order, shipment
from tests.support.fakes import World
from tests.unit.application.helpers import BUYER, SELLER, call, cancel, doc, opened, wish, world
from tests.unit.application.order_calls import given_back, put
from tests.unit.application.parcel_calls import MUG, SPOON, report, sent_as


def eligibility(of: World, *item_ids: str) -> dict[str, Any]:
    query = EligibilityQuery(item_id=list(item_ids))
    return doc(orders.get_dispute_eligibility(of.context, call(BUYER), "order-1", query))


def by_item(of: World, *item_ids: str) -> dict[str, tuple[bool, str | None, str | None]]:
    items = eligibility(of, *item_ids)["items"]
    return {item["item_id"]: (item["eligible"], item["code"], item["opens_at"]) for item in items}


AT = "2026-03-06T12:00:00.000Z"


def test_b5_of_an_order_that_is_shipped_in_part_each_item_has_its_own_answer() -> None:
    of = world(order(shipments=(shipment(item_ids=MUG),)))
    body = eligibility(of)
    assert by_item(of) == {"mug": (True, None, AT), "spoon": (False, "NOT_SHIPPED", None)}
    assert (body["eligible"], body["code"], body["opens_at"]) == (True, None, AT)
    assert body["max_refundable"]["amount_minor"] == 2000
    assert open_dispute(of.context, call(BUYER), wish(100, items=[ItemChoice("mug", 1)])).status == 201


def test_b5_before_the_first_can_be_disputed_the_order_says_when_that_is() -> None:
    of = world(order(shipments=(shipment(item_ids=MUG),)), at=OPENED - DAY)
    body = eligibility(of)
    assert (body["eligible"], body["code"], body["rule"], body["opens_at"]) == (False, "TOO_EARLY", "R7", AT)
    assert by_item(of)["spoon"] == (False, "NOT_SHIPPED", None)


def test_b5_the_items_that_are_asked_about_are_answered_together() -> None:
    later = shipment(SHIPPED + 2 * DAY, "sh-2", item_ids=SPOON)
    of = world(order(shipments=(shipment(item_ids=MUG), later)))
    both, mug, spoon = eligibility(of, "mug", "spoon"), eligibility(of, "mug"), eligibility(of, "spoon")
    assert [one["code"] for one in (both, mug, spoon)] == ["TOO_EARLY", None, "TOO_EARLY"]
    assert [one["opens_at"] for one in (both, mug)] == ["2026-03-08T12:00:00.000Z", AT]
    assert [one["max_refundable"]["amount_minor"] for one in (both, mug, spoon)] == [PAID, 2000, 500]
    assert list(by_item(of, "spoon")) == ["spoon"]
    assert by_item(of, "spoon", "spoon") == by_item(of, "spoon")


def test_b5_what_is_not_on_the_order_cannot_be_asked_about() -> None:
    with pytest.raises(InvalidRequestError) as refused:
        eligibility(world(), "mug", "plate")
    assert refused.value.fields == (("/item_id", "NOT_ON_ORDER"),)


def test_b5_an_item_that_is_settled_says_so_and_the_other_is_open() -> None:
    of = world()
    open_dispute(of.context, call(BUYER), wish(100, items=[ItemChoice("mug", 2)]))
    assert {code for _, code, _ in by_item(of).values()} == {"DISPUTE_EXISTS"}
    negotiation.accept_request(of.context, call(SELLER), "dp-1")
    assert by_item(of) == {"mug": (False, "ITEM_SETTLED", AT), "spoon": (True, None, AT)}
    assert (eligibility(of)["eligible"], eligibility(of, "mug", "spoon")["code"]) == (True, "ITEM_SETTLED")


def test_b5_units_that_are_left_of_a_line_can_be_disputed() -> None:
    of = world()
    open_dispute(of.context, call(BUYER), wish(100, items=[ItemChoice("spoon", 1)]))
    negotiation.accept_request(of.context, call(SELLER), "dp-1")
    spoons = eligibility(of, "spoon")
    assert (spoons["eligible"], spoons["max_refundable"]["amount_minor"]) == (True, 333 + 1)


def test_b5_nothing_left_of_one_line_leaves_the_other() -> None:
    of = world()
    given_back(of, PAID - 500)
    assert eligibility(of)["eligible"] is True


steps = st.lists(
    st.sampled_from(["day", "settle mug", "cancel", "ship spoon", "give back", "delivered", "expired"]),
    max_size=6,
)


@settings(max_examples=60, deadline=None)
@given(steps)
def test_b5_eligibility_says_of_every_choice_what_opening_says(of_steps: list[str]) -> None:
    of = world(order(shipments=(shipment(item_ids=MUG),)), at=OPENED - 2 * DAY)
    for number, step in enumerate(of_steps):
        _take(of, step, number)
    for chosen in (("mug",), ("spoon",), ("mug", "spoon"), ()):
        asked = eligibility(of, *chosen)
        said = _opening_says(of, chosen)
        if chosen:
            assert asked["code"] == said, (chosen, of_steps)
        elif said is None:
            assert asked["eligible"], of_steps
        if asked["eligible"]:
            assert _opening_says(of, tuple(asked["item_ids"])) is None, (chosen, of_steps)
        assert asked["eligible"] is (asked["code"] is None)


def _take(of: World, step: str, number: int) -> None:
    try:
        match step:
            case "day":
                of.clock.at += 3 * DAY
            case "settle mug":
                dispute = doc(open_dispute(of.context, call(BUYER), wish(1, items=[ItemChoice("mug", 2)])))
                negotiation.accept_request(of.context, call(SELLER), dispute["dispute_id"])
            case "cancel":
                cancel(of, opened(of, refund=1))
            case "ship spoon":
                put(of, shipments=sent_as(("sh-1", "TN-1", MUG), ("sh-2", "TN-2", SPOON)))
            case "give back":
                given_back(of, 700, f"g-{number}")
            case "delivered":
                report(of, "sh-1")
            case _:
                put(of, completion_at=of.clock.at)
    except DisputeError:
        return


def _opening_says(of: World, chosen: tuple[str, ...]) -> str | None:
    """The code that an opening about all that is left of these lines is refused with; nothing of it is kept."""
    left = {item["item_id"]: item["quantity"] for item in _disputable(of)}
    items = [ItemChoice(item_id, left.get(item_id, 1)) for item_id in chosen]
    kept = dict(of.cases_kept), dict(of.ledgers), {name: list(them) for name, them in of.timeline.items()}
    try:
        open_dispute(of.context, call(BUYER), wish(1, items=items))
    except DisputeError as refusal:
        return refusal.code
    of.cases_kept, of.ledgers = kept[0], kept[1]
    of.timeline.clear()
    of.timeline.update(kept[2])
    return None


def _disputable(of: World) -> list[dict[str, Any]]:
    found = disputable_items(of.orders_kept["order-1"], of.ledger("order-1"))
    return [{"item_id": item.item_id, "quantity": item.quantity} for item in found]
