"""Opening a dispute: R1 to R12, at every edge."""

from dataclasses import replace
from datetime import timedelta

import pytest

from buyer_protection.domain.calendar import calendar
from buyer_protection.domain.eligibility import eligibility
from buyer_protection.domain.enums import (
    SUB_REASONS,
    EventType,
    OfferStatus,
    OfferType,
    Reason,
    Role,
    Status,
    SubReason,
    TrackingStatus,
)
from buyer_protection.domain.errors import (
    ConflictError,
    DisputeError,
    ImpossibleError,
    InvalidRequestError,
    LimitReachedError,
    WindowNotOpenError,
)
from buyer_protection.domain.order import CaseItem, DisputedItem, ParcelTracking
from buyer_protection.domain.sides import ContactRecord
from tests.support.builders import (
    BUYER,
    DAY,
    OPENED,
    PAID,
    POLICY,
    SECOND,
    SHIPPED,
    ledger,
    opening_change,
    order,
    request,
    shipment,
    usd,
)


def refusal(error: type[DisputeError], **how: object) -> DisputeError:
    with pytest.raises(error) as refused:
        opening_change(**how)  # type: ignore[arg-type]
    return refused.value


def test_r07_opening_at_ship_plus_5d_minus_1s_is_too_early_with_available_at() -> None:
    refused = refusal(WindowNotOpenError, now=SHIPPED + 5 * DAY - SECOND)
    assert (refused.code, refused.rule) == ("TOO_EARLY", "R7")
    assert refused.available_at == SHIPPED + 5 * DAY


def test_r07_opening_exactly_at_ship_plus_5d_is_allowed() -> None:
    assert opening_change(now=SHIPPED + 5 * DAY).after.status is Status.NEGOTIATION


def test_r07_the_last_parcel_of_the_disputed_items_counts() -> None:
    late = SHIPPED + 3 * DAY
    parcels = (shipment(item_ids=("mug",)), shipment(late, "sh-2", item_ids=("spoon",)))
    two = order(shipments=parcels)
    assert refusal(WindowNotOpenError, of=two).available_at == late + 5 * DAY
    only_mug = request(100, items=[DisputedItem("mug", 1)])
    assert opening_change(only_mug, of=two, now=OPENED).after.items == (
        CaseItem("mug", 1, "Blue mug", 1000, 0, 2000),
    )


def test_r08_a_promise_of_5_days_opens_at_the_shipment() -> None:
    assert opening_change(of=order(5), now=SHIPPED).after.opened_at == SHIPPED
    refused = refusal(WindowNotOpenError, of=order(5), now=SHIPPED - SECOND)
    assert refused.available_at == SHIPPED


def test_r08_a_promise_of_6_days_waits_five() -> None:
    assert refusal(WindowNotOpenError, of=order(6), now=SHIPPED).available_at == SHIPPED + 5 * DAY
    opening_change(of=order(6), now=SHIPPED + 5 * DAY)


def test_r09_what_is_not_shipped_cannot_be_disputed() -> None:
    refused = refusal(ConflictError, of=order(shipments=()))
    assert (refused.code, refused.rule) == ("NOT_SHIPPED", "R9")


def test_r09_one_unshipped_item_keeps_the_whole_order_from_being_disputed_but_not_the_shipped_one() -> None:
    half = order(shipments=(shipment(item_ids=("mug",)),))
    assert refusal(ConflictError, of=half).code == "NOT_SHIPPED"
    opening_change(request(100, items=[DisputedItem("mug", 2)]), of=half)


def test_r02_at_completion_at_the_order_is_completed_and_a_second_before_it_is_not() -> None:
    completion = SHIPPED + 40 * DAY
    refused = refusal(ConflictError, now=completion)
    assert (refused.code, refused.rule, refused.deadline) == ("ORDER_COMPLETED", "R2", completion)
    opening_change(now=completion - SECOND)


def test_r03_the_feeds_own_completion_wins() -> None:
    early = order(explicit_completion_at=OPENED)
    assert refusal(ConflictError, of=early, now=OPENED).code == "ORDER_COMPLETED"
    late = order(explicit_completion_at=SHIPPED + 50 * DAY)
    opening_change(of=late, now=SHIPPED + 50 * DAY - SECOND)


def test_r02_a_finished_order_cannot_be_disputed_whatever_its_dates() -> None:
    refused = refusal(ConflictError, books=ledger(finished_at=OPENED - DAY))
    assert (refused.code, refused.rule, refused.deadline) == ("ORDER_COMPLETED", "R2", OPENED - DAY)


def test_r12_a_second_dispute_names_the_first() -> None:
    refused = refusal(ConflictError, books=ledger(active_dispute_id="dp-0"))
    assert (refused.code, refused.rule, refused.dispute_id) == ("DISPUTE_EXISTS", "R12", "dp-0")


def test_r28_a_fourth_dispute_about_an_order_is_refused() -> None:
    opening_change(books=ledger(disputes_opened=2))
    refused = refusal(LimitReachedError, books=ledger(disputes_opened=3))
    assert (refused.code, refused.rule) == ("LIMIT_REACHED", "R28")


@pytest.mark.parametrize("minor", [0, -1, PAID + 1])
def test_r11_a_refund_of_nothing_or_above_what_was_paid_is_impossible(minor: int) -> None:
    refused = refusal(ImpossibleError, asked=request(minor))
    assert (refused.code, refused.rule) == ("AMOUNT_OUT_OF_RANGE", "R11")


@pytest.mark.parametrize("minor", [1, PAID])
def test_r11_from_one_cent_to_all_that_was_paid_is_possible(minor: int) -> None:
    assert opening_change(request(minor)).after.requested_refund == usd(minor)


def test_r11_another_currency_is_a_mismatch() -> None:
    refused = refusal(ImpossibleError, asked=request(100, currency="EUR"))
    assert (refused.code, refused.rule) == ("CURRENCY_MISMATCH", "R11")


def test_r11_part_of_a_line_is_worth_its_share_rounded_down() -> None:
    two_spoons = [DisputedItem("spoon", 2)]
    assert opening_change(request(333, items=two_spoons)).after.max_refundable == usd(333)
    assert refusal(ImpossibleError, asked=request(334, items=two_spoons)).code == "AMOUNT_OUT_OF_RANGE"


def test_r11_earlier_refunds_lower_what_is_left() -> None:
    assert opening_change(request(500), books=ledger(refunded_minor=2000)).after.max_refundable == usd(500)
    assert refusal(ImpossibleError, asked=request(501), books=ledger(refunded_minor=2000)).rule == "R11"


@pytest.mark.parametrize(
    ("items", "pointer", "code"),
    [
        ([DisputedItem("plate", 1)], "/items/0/item_id", "NOT_ON_ORDER"),
        ([DisputedItem("mug", 1), DisputedItem("mug", 1)], "/items/1/item_id", "DUPLICATE"),
        ([DisputedItem("mug", 3)], "/items/0/quantity", "OUT_OF_RANGE"),
        ([DisputedItem("mug", 0)], "/items/0/quantity", "OUT_OF_RANGE"),
    ],
)
def test_r01_disputed_items_are_on_the_order_once_and_no_more_than_ordered(
    items: list[DisputedItem], pointer: str, code: str
) -> None:
    refused = refusal(InvalidRequestError, asked=request(1, items=items))
    assert refused.rule == "R1"
    assert refused.fields == ((pointer, code),)


def test_r01_no_named_items_means_the_whole_order() -> None:
    mugs = CaseItem("mug", 2, "Blue mug", 2000, 0, 2000)
    spoons = CaseItem("spoon", 3, "Tea spoon", 500, 0, 500)
    assert opening_change().after.items == (mugs, spoons)


def test_r10_each_sub_reason_belongs_to_exactly_one_reason() -> None:
    assert SUB_REASONS[Reason.NOT_RECEIVED] | SUB_REASONS[Reason.NOT_AS_DESCRIBED] == set(SubReason)
    assert not SUB_REASONS[Reason.NOT_RECEIVED] & SUB_REASONS[Reason.NOT_AS_DESCRIBED]


@pytest.mark.parametrize("reason", Reason)
@pytest.mark.parametrize("sub_reason", SubReason)
def test_r10_a_sub_reason_of_the_other_reason_is_malformed(reason: Reason, sub_reason: SubReason) -> None:
    asked = request(reason=reason, sub_reason=sub_reason)
    if sub_reason in SUB_REASONS[reason]:
        assert opening_change(asked).after.sub_reason is sub_reason
    else:
        refused = refusal(InvalidRequestError, asked=asked)
        assert (refused.rule, refused.fields) == ("R10", (("/sub_reason", "NOT_OF_THIS_REASON"),))


def test_r05_whether_and_how_the_seller_was_contacted_is_kept() -> None:
    change = opening_change()
    assert change.after.seller_contacted is not None
    assert change.after.seller_contacted.how == "by message"
    assert change.entry.data["seller_contacted"] is True


def test_r06_not_having_contacted_the_seller_blocks_nothing() -> None:
    asked = request()
    change = opening_change(type(asked)(asked.reason, None, "x", usd(1)))
    assert change.after.seller_contacted is None
    assert change.entry.data["seller_contacted"] is None
    assert POLICY.contact_seller_first_hours == 0


WITH_CONTACT = replace(POLICY, contact_seller_first_hours=48)


@pytest.mark.parametrize("declared", [None, ContactRecord(False, "by message")])
def test_r06_a_policy_may_ask_for_contact_and_then_it_must_be_declared(
    declared: ContactRecord | None,
) -> None:
    asked = request()._replace(seller_contacted=declared)
    refused = refusal(InvalidRequestError, asked=asked, policy=WITH_CONTACT)
    assert (refused.rule, refused.fields) == ("R6", (("/seller_contacted", "MUST_BE_TRUE"),))
    assert opening_change(policy=WITH_CONTACT).after.seller_contacted is not None


def test_r06_the_sellers_time_to_answer_runs_from_the_shipment() -> None:
    opens = SHIPPED + 2 * DAY
    refused = refusal(WindowNotOpenError, of=order(5), now=opens - SECOND, policy=WITH_CONTACT)
    assert (refused.code, refused.rule, refused.available_at) == ("TOO_EARLY", "R6", opens)
    opening_change(of=order(5), now=opens, policy=WITH_CONTACT)
    assert eligibility(order(5), ledger(), WITH_CONTACT, opens - SECOND).opens_at == opens
    assert calendar(WITH_CONTACT, SHIPPED, 5, None, None).dispute_opens_at == opens


def test_r06_r07_of_two_waits_the_longer_one_holds_and_names_its_rule() -> None:
    shorter = refusal(WindowNotOpenError, now=SHIPPED + 3 * DAY, policy=WITH_CONTACT)
    assert (shorter.rule, shorter.available_at) == ("R7", SHIPPED + 5 * DAY)
    longer = replace(POLICY, contact_seller_first_hours=144)
    refused = refusal(WindowNotOpenError, now=SHIPPED + 5 * DAY, policy=longer)
    assert (refused.rule, refused.available_at) == ("R6", SHIPPED + 6 * DAY)


def test_r06_an_hour_is_a_24th_of_the_policys_day() -> None:
    fast = replace(WITH_CONTACT, day_seconds=10)
    opens = SHIPPED + timedelta(seconds=20)
    of = order(5, explicit_completion_at=OPENED)
    assert refusal(WindowNotOpenError, of=of, now=SHIPPED, policy=fast).available_at == opens


def test_r14_the_opening_request_is_proposal_number_one() -> None:
    change = opening_change(request(1200))
    offer = change.new_offer
    assert offer is not None
    assert (offer.offer_id, offer.made_by, offer.type, offer.refund) == (
        "of-1",
        Role.BUYER,
        OfferType.REFUND,
        usd(1200),
    )
    assert (offer.status, offer.note, offer.made_at) == (OfferStatus.OPEN, "", OPENED)
    standing = change.after.buyer_offer
    assert standing is not None
    assert (standing.offer_id, standing.refund) == ("of-1", usd(1200))
    assert change.after.offers_by_buyer == 1
    assert change.after.offers_by_seller == 0


def test_r01_an_opened_case_knows_its_parties_its_order_and_its_first_entry() -> None:
    change = opening_change(request(1200, sub_reason=SubReason.IN_TRANSIT))
    case = change.after
    assert change.is_opening
    assert (case.dispute_id, case.order_id, case.buyer_id, case.seller_id) == (
        "dp-1",
        "order-1",
        "buyer-1",
        "seller-1",
    )
    assert (case.version, case.epoch, case.timeline_seq, case.updated_at) == (1, 1, 1, OPENED)
    assert (case.order_paid, case.policy, case.reminded_until) == (usd(PAID), POLICY, OPENED)
    assert (change.entry.type, change.entry.actor, change.entry.seq) == (EventType.DISPUTE_OPENED, BUYER, 1)
    assert dict(change.entry.data) == {
        "order_id": "order-1",
        "reason": "NOT_RECEIVED",
        "sub_reason": "IN_TRANSIT",
        "requested_refund_minor": 1200,
        "currency": "USD",
        "seller_contacted": True,
        "policy": "aliexpress-classic/1",
    }


def test_r27_a_delivery_registered_before_the_opening_is_known_to_the_case() -> None:
    seen = {"sh-1": ParcelTracking(TrackingStatus.DELIVERED, OPENED - DAY, OPENED - DAY)}
    case = opening_change(books=ledger(tracking=seen)).after
    assert case.delivered_at == OPENED - DAY
    assert case.reason_change_due_at == OPENED + 4 * DAY


def test_r11_all_refusals_come_in_one_order_so_that_the_first_reason_is_the_one_named() -> None:
    broken = request(PAID + 1, sub_reason=SubReason.DAMAGED, items=[DisputedItem("plate", 1)])
    assert refusal(InvalidRequestError, asked=broken).rule == "R10"
    books = ledger(finished_at=OPENED, active_dispute_id="dp-0", disputes_opened=3)
    assert refusal(ConflictError, books=books).rule == "R2"
    held = ledger(active_dispute_id="dp-0", disputes_opened=3)
    assert refusal(ConflictError, books=held, now=SHIPPED + 41 * DAY).rule == "R12"
    used_up = ledger(disputes_opened=3)
    assert refusal(WindowNotOpenError, books=used_up, now=OPENED - timedelta(milliseconds=1)).rule == "R7"


def test_r28_a_case_knows_until_when_another_could_follow_it() -> None:
    promised = SHIPPED + 40 * DAY
    assert opening_change(of=order(40)).after.reopen_until == promised
    assert opening_change(of=order(40), books=ledger(disputes_opened=1)).after.reopen_until == promised
    assert opening_change(of=order(40), books=ledger(disputes_opened=2)).after.reopen_until is None
