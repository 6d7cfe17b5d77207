"""The return through its calls: address, shipment, the carrier, the seller's word, the team and the clock (R36)."""

from datetime import timedelta

import pytest

from buyer_protection.application.actions import claim, orders, returns
from buyer_protection.application.actions import evidence as giving
from buyer_protection.application.actions.execute import Caller
from buyer_protection.application.actions.reads import get_dispute
from buyer_protection.application.schemas.requests import (
    AssignRequest,
    EvidenceQuestionRequest,
    ReturnShipmentRequest,
    TrackingRequest,
)
from buyer_protection.domain.enums import (
    DecisionOutcome,
    EvidenceType,
    OutcomeCode,
    Reason,
    ReturnCondition,
    Role,
    Status,
    TrackingStatus,
)
from buyer_protection.domain.errors import (
    ConflictError,
    DisputeError,
    ForbiddenError,
    ImpossibleError,
    InvalidRequestError,
    LimitReachedError,
    NotFoundError,
)
from tests.support.builders import DAY, OPENED, order
from tests.support.fakes import World
from tests.unit.application.helpers import (
    BUYER,
    CASE,
    MANAGER,
    OTHER_BUYER,
    SELLER,
    SHOP,
    acknowledged,
    address_confirmed,
    call,
    case_of,
    decide,
    doc,
    escalate,
    evidence,
    return_delivered,
    return_shipped,
    roles_of,
    shipped_back,
    take_claim,
    tick,
    wait_until_due,
    world_in,
)

# Two evidence windows of the team's own after the first.
MAY_ASK = 2


def returning(*, decided: bool = False) -> World:
    """A case whose refund is owed against a return: of 10.00 where agreed, of 25.00 where decided."""
    if not decided:
        return world_in(Status.AWAITING_RETURN)
    of = world_in(Status.UNDER_REVIEW, Reason.NOT_AS_DESCRIBED)
    decide(of, with_return=True)
    return of


def refunded(of: World) -> int:
    refund, _ = of.refunds_kept.get(CASE, (None, None))
    return refund.amount.amount_minor if refund else 0


def actions(of: World, caller: Caller) -> dict[str, dict[str, object]]:
    return {
        one["action"]: one for one in doc(get_dispute(of.context, call(caller), CASE))["available_actions"]
    }


def test_r36_a_return_before_the_address_is_confirmed_is_a_conflict_and_changes_nothing() -> None:
    of = returning()
    writes = of.writes
    with pytest.raises(ConflictError) as refused:
        shipped_back(of)
    assert (refused.value.code, refused.value.rule) == ("RETURN_ADDRESS_UNCONFIRMED", "R36")
    assert of.writes == writes
    assert "REGISTER_RETURN_SHIPMENT" not in actions(of, BUYER)
    assert actions(of, SELLER)["CONFIRM_RETURN_ADDRESS"]["if_missed"] == "REFUND_WITHOUT_RETURN"


@pytest.mark.parametrize(("decided", "end", "paid"), [(False, "RESOLVED", 1000), (True, "DECIDED", 2500)])
def test_r36_address_shipment_and_acknowledgement_end_in_the_refund_and_finish_the_order(
    *, decided: bool, end: str, paid: int
) -> None:
    of = returning(decided=decided)
    confirmed = doc(address_confirmed(of))
    assert (confirmed["status"], refunded(of)) == ("AWAITING_RETURN", 0)
    assert actions(of, BUYER)["REGISTER_RETURN_SHIPMENT"]["mandatory"] is True
    assert doc(shipped_back(of))["status"] == "RETURN_SHIPPED"
    assert actions(of, SELLER)["ACKNOWLEDGE_RETURN"]["if_missed"] == "REFUND_ON_DELIVERY"
    closed = doc(acknowledged(of))
    assert (closed["status"], closed["outcome"]["refund"]["amount_minor"]) == (end, paid)
    assert (refunded(of), of.ledger("order-1").refunded_minor) == (paid, paid)
    assert of.ledger("order-1").finished_by == CASE


def test_r36_the_address_is_kept_line_by_line_and_the_parcel_with_its_instant() -> None:
    of = returning()
    address_confirmed(of)
    assert case_of(of).return_address == ("9 Quay", "2000 CN")
    sent_at = of.clock.at - timedelta(hours=3, microseconds=7)
    asked = ReturnShipmentRequest("Post", "RT-1", sent_at)
    returns.register_return_shipment(of.context, call(BUYER), CASE, asked)
    parcel = case_of(of).return_parcel
    assert parcel is not None
    assert parcel.shipped_at == of.clock.at - timedelta(hours=3, milliseconds=1)


def test_r36_a_parcel_cannot_have_been_sent_in_the_future() -> None:
    of = returning()
    address_confirmed(of)
    asked = ReturnShipmentRequest("Post", "RT-1", of.clock.at + timedelta(milliseconds=1))
    with pytest.raises(InvalidRequestError) as refused:
        returns.register_return_shipment(of.context, call(BUYER), CASE, asked)
    assert refused.value.fields == (("/shipped_at", "IN_THE_FUTURE"),)
    assert case_of(of).status is Status.AWAITING_RETURN


def test_r36_each_step_repeated_with_its_key_is_the_same_answer_and_one_effect() -> None:
    of = world_in(Status.RETURN_SHIPPED)
    first = acknowledged(of, key="k" * 16)
    writes = of.writes
    assert acknowledged(of, key="k" * 16) == first
    assert of.writes == writes
    with pytest.raises(ConflictError) as refused:
        acknowledged(of)
    assert refused.value.code == "DISPUTE_CLOSED"


def test_r36_a_seller_who_never_confirms_an_address_pays_without_a_return() -> None:
    of = returning()
    wait_until_due(of)
    case = case_of(of)
    assert case.outcome is not None
    assert (case.status, case.outcome.code) == (Status.RESOLVED, OutcomeCode.AGREED_REFUND_WITH_RETURN)
    assert refunded(of) == 1000


def test_r36_a_buyer_who_does_not_ship_gets_nothing_and_the_order_is_finished() -> None:
    of = returning(decided=True)
    address_confirmed(of)
    wait_until_due(of)
    case = case_of(of)
    assert case.outcome is not None
    assert (case.status, case.outcome.code) == (Status.DECIDED, OutcomeCode.RETURN_NOT_SHIPPED)
    assert (refunded(of), of.ledger("order-1").finished_by) == (0, CASE)


def test_r36_the_address_starts_the_window_anew_so_that_the_old_timer_does_nothing() -> None:
    of = returning()
    old = case_of(of).deadline
    assert old is not None
    of.clock.at = old - timedelta(hours=1)
    address_confirmed(of)
    of.clock.at = old
    assert case_of(of).deadline == old - timedelta(hours=1) + 10 * DAY
    shipped_back(of)


def test_r36_the_carriers_delivery_pays_where_the_seller_stays_silent() -> None:
    of = returning()
    return_shipped(of, delivered=True)
    assert (case_of(of).status, refunded(of)) == (Status.RETURN_SHIPPED, 0)
    wait_until_due(of)
    assert (case_of(of).status, refunded(of)) == (Status.RESOLVED, 1000)


def test_c1_r42_without_a_delivery_both_are_heard_and_the_team_looks_at_the_return() -> None:
    of = world_in(Status.RETURN_SHIPPED)
    wait_until_due(of)
    assert (case_of(of).status, refunded(of)) == (Status.CLAIM_EVIDENCE, 0)
    doc(evidence(of, BUYER))
    wait_until_due(of)
    assert (case_of(of).status, refunded(of)) == (Status.UNDER_REVIEW, 0)


@pytest.mark.parametrize("is_punctual", [True, False])
def test_r42_a_return_delivered_after_the_windows_end_is_paid_by_no_clock_however_late(
    is_punctual: bool,
) -> None:
    of = world_in(Status.RETURN_SHIPPED)
    due = case_of(of).deadline
    assert due is not None
    if is_punctual:
        wait_until_due(of)
    of.clock.at = due + timedelta(seconds=1)
    return_delivered(of)
    tick(of)
    assert (case_of(of).status, refunded(of)) == (Status.CLAIM_EVIDENCE, 0)
    assert case_of(of).return_delivered_at == of.clock.at


@pytest.mark.parametrize("is_punctual", [True, False])
def test_r41_r42_a_delivery_taken_back_after_the_windows_end_comes_too_late_for_it(is_punctual: bool) -> None:
    of = returning()
    return_shipped(of, delivered=True)
    due = case_of(of).deadline
    assert due is not None
    if is_punctual:
        wait_until_due(of)
    of.clock.at = due
    asked = TrackingRequest("r-2", f"return-{CASE}", TrackingStatus.DELIVERY_CORRECTED, of.clock.at)
    orders.record_tracking_event(of.context, call(SHOP), "order-1", asked)
    tick(of)
    assert (case_of(of).status, refunded(of)) == (Status.RESOLVED, 1000)


def test_r36_a_delivery_of_the_return_is_known_once_and_is_none_of_the_order() -> None:
    of = world_in(Status.RETURN_SHIPPED)
    first = return_delivered(of, "r-1")
    assert (first.status, doc(first)["duplicate"]) == (201, False)
    writes = of.writes
    again = return_delivered(of, "r-2")
    assert (again.status, doc(again)["duplicate"]) == (200, True)
    assert of.writes == writes
    assert case_of(of).return_delivered_at == of.clock.at
    assert case_of(of).delivered_at is None
    shown = doc(orders.get_order(of.context, call(BUYER), "order-1"))["shipments"]
    assert [parcel["tracking_status"] for parcel in shown] == [None]


def test_r36_other_news_of_the_return_change_nothing() -> None:
    of = world_in(Status.RETURN_SHIPPED)
    writes = of.writes
    asked = TrackingRequest("r-1", f"return-{CASE}", TrackingStatus.IN_TRANSIT, of.clock.at)
    assert orders.record_tracking_event(of.context, call(SHOP), "order-1", asked).status == 201
    assert of.writes == writes


def test_r29_r36_a_return_is_known_by_its_own_order_only_and_once_it_is_sent() -> None:
    of = world_in(Status.RETURN_SHIPPED)
    of.orders_kept["order-2"] = order(order_id="order-2")
    for order_id, shipment_id in (("order-2", f"return-{CASE}"), ("order-1", "return-dp-404")):
        asked = TrackingRequest("r-1", shipment_id, TrackingStatus.DELIVERED, of.clock.at)
        with pytest.raises(InvalidRequestError) as refused:
            orders.record_tracking_event(of.context, call(SHOP), order_id, asked)
        assert refused.value.fields == (("/shipment_id", "NOT_ON_ORDER"),)
    with pytest.raises(InvalidRequestError):
        return_delivered(returning())
    of.clock.at -= DAY
    late = TrackingRequest("r-1", f"return-{CASE}", TrackingStatus.DELIVERED, of.clock.at + DAY)
    with pytest.raises(InvalidRequestError) as refused:
        orders.record_tracking_event(of.context, call(SHOP), "order-1", late)
    assert refused.value.fields == (("/occurred_at", "IN_THE_FUTURE"),)


def test_r36_a_return_that_is_not_in_order_needs_the_sellers_own_evidence() -> None:
    of = world_in(Status.RETURN_SHIPPED)
    refusals: list[tuple[type[DisputeError], tuple[str, ...]]] = [(InvalidRequestError, ())]
    buyers = doc(evidence(of, BUYER))["evidence_id"]
    refusals += [(ImpossibleError, (buyers,)), (ImpossibleError, ("ev-404",))]
    for error, cites in refusals:
        with pytest.raises(error):
            acknowledged(of, ReturnCondition.DAMAGED, cites)
    assert case_of(of).status is Status.RETURN_SHIPPED
    sellers = doc(evidence(of, SELLER))["evidence_id"]
    reviewed = doc(acknowledged(of, ReturnCondition.DAMAGED, (sellers,)))
    assert (reviewed["status"], reviewed["stage"], refunded(of)) == ("CLAIM_EVIDENCE", "CLAIM", 0)
    of.deliver_stream()
    assert {(Role.BUYER, "RETURN_PROBLEM"), (Role.SELLER, "RETURN_PROBLEM")} <= set(roles_of(of))


def problem() -> World:
    of = world_in(Status.RETURN_SHIPPED)
    item = doc(evidence(of, SELLER))["evidence_id"]
    acknowledged(of, ReturnCondition.MISSING_ITEMS, (item,))
    wait_until_due(of)
    return of


@pytest.mark.parametrize(
    ("outcome", "stated", "paid"),
    [
        (DecisionOutcome.BUYER_FAVOUR, None, 1000),
        (DecisionOutcome.PARTIAL, 400, 400),
        (DecisionOutcome.SELLER_FAVOUR, None, 0),
    ],
)
def test_r36_the_decision_on_a_return_is_about_the_refund_that_was_settled(
    outcome: DecisionOutcome, stated: int | None, paid: int
) -> None:
    of = problem()
    with pytest.raises(ImpossibleError) as refused:
        decide(of, outcome, stated, with_return=True)
    assert (refused.value.code, refused.value.rule) == ("RETURN_NOT_APPLICABLE", "R36")
    decided = doc(decide(of, outcome, stated))
    assert (decided["status"], decided["outcome"]["refund"]["amount_minor"]) == ("DECIDED", paid)
    assert refunded(of) == paid


def test_r36_what_was_settled_is_not_bargained_over_again() -> None:
    of = problem()
    for caller in (BUYER, SELLER):
        offered = actions(of, caller)
        # The sub-reason can be corrected as long as the reason may (C14).
        assert set(offered) == {"SEND_MESSAGE"} | ({"CHANGE_REASON"} if caller is BUYER else set())
    take_claim(of)
    assert set(actions(of, MANAGER)) == {
        "DECIDE",
        "SEND_MESSAGE",
        "ASSIGN",
        "UNASSIGN",
        "WRITE_NOTE",
        "REQUEST_EVIDENCE",
    }


def test_r24_a_claim_is_assigned_and_shown_to_the_team() -> None:
    of = world_in(Status.CLAIM_EVIDENCE)
    got = doc(claim.assign_claim(of.context, call(MANAGER), CASE, AssignRequest("manager-2")))
    assert got["version"] == case_of(of).version
    assert case_of(of).assigned_to == "manager-2"
    with pytest.raises(ConflictError) as refused:
        claim.assign_claim(of.context, call(MANAGER), CASE, AssignRequest("buyer-1"))
    assert refused.value.code == "ASSIGNEE_IS_PARTY"


def test_r23_r24_evidence_is_asked_for_twice_and_both_parties_are_mailed_each_time() -> None:
    of = world_in(Status.UNDER_REVIEW)
    for number in range(1, MAY_ASK + 2):
        of.clock.at += DAY
        asked = EvidenceQuestionRequest("SELLER", [EvidenceType.PHOTO], of.clock.at + 2 * DAY, "Where is it?")
        if number > MAY_ASK:
            with pytest.raises(LimitReachedError):
                claim.request_evidence(of.context, call(MANAGER), CASE, asked)
            assert "REQUEST_EVIDENCE" not in actions(of, MANAGER)
            break
        got = doc(claim.request_evidence(of.context, call(MANAGER), CASE, asked))
        assert (got["status"], case_of(of).deadline) == ("CLAIM_EVIDENCE", of.clock.at + 2 * DAY)
        wait_until_due(of)
    of.deliver_stream()
    asked_by_mail = [who for who, kind in roles_of(of) if kind == "EVIDENCE_REQUESTED"]
    assert sorted(asked_by_mail) == ["BUYER", "BUYER", "SELLER", "SELLER"]
    assert of.bus.published


def test_r26_an_item_is_withdrawn_by_its_owner_while_negotiating_and_stays_in_the_timeline() -> None:
    of = world_in(Status.NEGOTIATION)
    for caller in (BUYER, SELLER):
        evidence(of, caller)
    with pytest.raises(ForbiddenError) as foreign:
        giving.withdraw_evidence(of.context, call(SELLER), CASE, "ev-1")
    assert foreign.value.rule == "R26"
    giving.withdraw_evidence(of.context, call(BUYER), CASE, "ev-1")
    case = case_of(of)
    assert (case.evidence_by_buyer, case.evidence_by_seller, case.evidence_items) == (0, 1, 2)
    kept = of.evidence[CASE]["ev-1"]
    assert (kept.counts, kept.withdrawn_at, kept.text) == (False, of.clock.at, "So it was.")
    seen = [(one.type, one.data.get("evidence_id")) for one in of.timeline[CASE]]
    assert [kind for kind, which in seen if which == "ev-1"] == ["EVIDENCE_ADDED", "EVIDENCE_WITHDRAWN"]
    for gone in ("ev-1", "ev-404"):
        with pytest.raises(NotFoundError):
            giving.withdraw_evidence(of.context, call(BUYER), CASE, gone)


@pytest.mark.parametrize("status", [one for one in Status if one is not Status.NEGOTIATION])
def test_r26_nothing_is_withdrawn_once_the_negotiation_is_over(status: Status) -> None:
    of = world_in(status)
    writes = of.writes
    with pytest.raises(ConflictError):
        giving.withdraw_evidence(of.context, call(SELLER), CASE, "ev-1")
    assert of.writes == writes


def test_r22_a_claim_whose_only_evidence_was_withdrawn_before_is_cancelled_for_want_of_it() -> None:
    of = world_in(Status.NEGOTIATION)
    evidence(of, BUYER)
    giving.withdraw_evidence(of.context, call(BUYER), CASE, "ev-1")
    escalate(of)
    wait_until_due(of)
    outcome = case_of(of).outcome
    assert outcome is not None
    assert outcome.code is OutcomeCode.CANCELLED_NO_EVIDENCE


def test_r01_a_stranger_finds_no_return() -> None:
    of = returning()
    asked = ReturnShipmentRequest("Post", "RT-1")
    with pytest.raises(NotFoundError):
        returns.register_return_shipment(of.context, call(OTHER_BUYER), CASE, asked)
    assert case_of(of).opened_at == OPENED
