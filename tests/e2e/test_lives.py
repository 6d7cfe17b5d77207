"""The lives of cases from the seller's shipment to the end, by the rules, as the API, the mails, the bus, the table
and the state machine show them."""

from __future__ import annotations

from collections.abc import Callable
from datetime import timedelta

import pytest

from tests.e2e.checks import check_closed_well, check_events, check_mails, matrix, path
from tests.e2e.stories import Snapshot, offers_by_id
from tests.e2e.waiting import instant

ResultOf = Callable[[str], Snapshot]


def test_r14_a_counter_offer_that_the_other_side_accepts_settles_the_case(result_of: ResultOf) -> None:
    story = result_of("settled_by_counter_offer")
    file = story.file
    check_closed_well(file, status="RESOLVED", outcome="AGREED_PARTIAL_REFUND", refund=3_500)
    assert file.buyer["outcome"]["decided_by"] == "SELLER"
    statuses = {name: offer["status"] for name, offer in offers_by_id(file).items()}
    assert statuses == dict(zip(story.seen["offers"], ("REPLACED", "LAPSED", "ACCEPTED"), strict=True))
    acts = [entry["type"] for entry in file.timeline if entry["actor"]["role"] != "SYSTEM"]
    assert acts == ["DISPUTE_OPENED", "OFFER_MADE", "OFFER_MADE", "OFFER_ACCEPTED"]
    assert [path(run) for run in file.runs] == [["AwaitSettlement", "NotifyOutcome", "Closed"]]
    check_mails(file, matrix(DISPUTE_OPENED="BS", OFFER_MADE="BS", OFFER_ACCEPTED="BS", MAY_ESCALATE="B"))
    check_events(
        story.case,
        *("DisputeOpened", "OrderHeld", "OfferMade", "OfferMade", "OfferAccepted"),
        *("DisputeResolved", "OrderReleased", "OrderCompleted", "RefundRequested"),
    )


def test_r14_nobody_accepts_their_own_offer_and_a_replaced_request_cannot_be_granted(
    result_of: ResultOf,
) -> None:
    answers = result_of("settled_by_counter_offer").answers
    assert (answers["own"].status, answers["own"].code, answers["own"].body["rule"]) == (
        403,
        "FORBIDDEN",
        "R14",
    )
    assert (answers["replaced"].status, answers["replaced"].code) == (409, "OFFER_NOT_CURRENT")
    assert answers["accepted"].status == 200


def test_r15_without_a_settlement_the_clock_escalates_and_the_team_decides_in_part(
    result_of: ResultOf,
) -> None:
    story = result_of("escalated_by_the_clock")
    file, claim = story.file, story.seen["claim"]
    check_closed_well(file, status="DECIDED", outcome="DECIDED_PARTIAL", refund=2_500)
    assert (claim["escalated_by"], claim["stage"]) == ("SYSTEM", "CLAIM")
    assert instant(claim["escalated_at"]) >= instant(claim["negotiation_due_at"])
    assert file.buyer["outcome"]["decided_by"] == "CASE_MANAGER"
    assert file.buyer["outcome"]["evidence_ids"] == [story.seen["evidence"]]
    assert [path(run) for run in file.runs] == [
        [
            *("AwaitSettlement", "OpenMediation", "NotifyParties", "AwaitEvidence"),
            *("AwaitDecision", "NotifyOutcome", "Closed"),
        ]
    ]
    check_events(
        story.case,
        *(
            "DisputeOpened",
            "OrderHeld",
            "EvidenceAdded",
            "DisputeEscalated",
            "ReviewStarted",
            "DisputeDecided",
            "OrderReleased",
            "OrderCompleted",
            "RefundRequested",
        ),
    )


def test_r23_both_parties_hear_of_the_claim_and_of_the_decision_once(result_of: ResultOf) -> None:
    check_mails(
        result_of("escalated_by_the_clock").file,
        matrix(
            DISPUTE_OPENED="BS",
            MAY_ESCALATE="B",
            REMINDER_NEGOTIATION="S",
            ESCALATED="BS",
            REMINDER_EVIDENCE="B",
            UNDER_REVIEW="BS",
            DECIDED="BS",
        ),
    )


@pytest.mark.parametrize(
    ("story", "kinds"),
    [
        ("settled_by_counter_offer", {"DISPUTE_OPENED", "OFFER_MADE", "OFFER_ACCEPTED"}),
        ("escalated_by_the_clock", {"DISPUTE_OPENED", "ESCALATED", "UNDER_REVIEW", "DECIDED"}),
    ],
)
def test_r23_each_side_reads_all_its_mails_in_its_own_language_and_zone(
    story: str, kinds: set[str], result_of: ResultOf
) -> None:
    """The buyer in Portuguese of Brazil, the seller in English: what the orders of these cases say."""
    file = result_of(story).file
    rows = {row["message_id"]: row for row in file.outbox if row["status"] == "SENT"}
    read = {"BUYER": set[str](), "SELLER": set[str]()}
    for mail in file.mails:
        row = rows[mail.message_id]
        html = mail.html or ""
        if row["recipient"] == "BUYER":
            assert '<html lang="pt-BR" dir="ltr">' in html
            words = ("SE VOCÊ NÃO FIZER NADA", "Quando aconteceu: ", "Horário Padrão de Brasília")
            assert "(pedido " in mail.subject
        else:
            assert '<html lang="en" dir="ltr">' in html
            words = ("IF YOU DO NOTHING", "Happened: ", "China Standard Time")
            assert "(order " in mail.subject
        assert all(said in mail.text for said in (*words, " UTC")), mail.text
        read[row["recipient"]].add(row["mail"])
    assert kinds <= read["BUYER"]
    assert kinds <= read["SELLER"]


def test_r21_evidence_of_the_negotiation_is_in_the_brief_of_the_claim(result_of: ResultOf) -> None:
    story = result_of("escalated_by_the_clock")
    brief = story.seen["brief"]
    assert [item["evidence_id"] for item in brief["evidence"]["seller"]] == [story.seen["evidence"]]
    assert brief["evidence"]["buyer"] == []
    assert brief["prepared_at"] is not None
    assert story.case.dispute_id in {item["dispute_id"] for item in story.seen["queue"]["items"]}


def test_r22_evidence_after_its_window_comes_too_late(result_of: ResultOf) -> None:
    late = result_of("escalated_by_the_clock").answers["late evidence"]
    assert (late.status, late.code, late.body["rule"]) == (409, "TOO_LATE", "R22")
    assert late.body["deadline"]


def test_r24_only_the_team_decides_and_partial_is_neither_nothing_nor_all(result_of: ResultOf) -> None:
    answers = result_of("escalated_by_the_clock").answers
    assert answers["buyer decides"].status == 403
    for name in ("partial of nothing", "partial of all"):
        assert (answers[name].status, answers[name].code) == (422, "OUTCOME_MISMATCH")
    assert answers["decided"].status == 200


def test_r25_after_the_decision_every_write_is_refused(result_of: ResultOf) -> None:
    answers = result_of("escalated_by_the_clock").answers
    for name in ("offer after", "decision after", "cancel after"):
        assert (answers[name].status, answers[name].code) == (409, "DISPUTE_CLOSED"), name
        assert answers[name].body["rule"] == "R25"


def test_r22_a_claim_without_any_evidence_is_cancelled_and_both_get_a_mail(result_of: ResultOf) -> None:
    story = result_of("cancelled_for_want_of_evidence")
    file = story.file
    check_closed_well(file, status="CANCELLED", outcome="CANCELLED_NO_EVIDENCE")
    assert instant(file.buyer["closed_at"]) >= instant(file.buyer["evidence_due_at"])
    assert file.order["active_dispute_id"] is None
    assert [path(run) for run in file.runs] == [
        ["AwaitSettlement", "OpenMediation", "NotifyParties", "AwaitEvidence", "NotifyOutcome", "Closed"]
    ]
    check_mails(
        file,
        matrix(
            DISPUTE_OPENED="BS",
            MAY_ESCALATE="B",
            ESCALATED="BS",
            REMINDER_EVIDENCE="BS",
            CANCELLED_NO_EVIDENCE="BS",
        ),
    )
    check_events(
        story.case, "DisputeOpened", "OrderHeld", "DisputeEscalated", "DisputeCancelled", "OrderReleased"
    )


def test_r16_r19_escalating_waits_three_days_and_needs_the_confirmation(result_of: ResultOf) -> None:
    story = result_of("cancelled_for_want_of_evidence")
    early, unconfirmed = story.answers["early"], story.answers["unconfirmed"]
    assert (early.status, early.code, early.body["rule"]) == (409, "TOO_EARLY", "R16")
    assert early.body["available_at"] == story.file.buyer["escalation_available_at"]
    assert (unconfirmed.status, unconfirmed.body["rule"]) == (400, "R19")
    assert story.file.buyer["escalated_by"] == "BUYER"


def test_r28_a_cancelled_case_says_until_when_a_new_one_can_be_opened(result_of: ResultOf) -> None:
    story = result_of("cancelled_and_opened_anew")
    check_closed_well(story.file, status="CANCELLED", outcome="CANCELLED_BY_BUYER")
    answer = story.answers["cancelled"]
    assert answer.status == 200
    assert answer.body["can_reopen_until"] == story.seen["held"]["completion_at"]
    assert [path(run) for run in story.file.runs] == [["AwaitSettlement", "NotifyOutcome", "Closed"]]
    check_mails(story.file, matrix(DISPUTE_OPENED="BS", MAY_ESCALATE="B", CANCELLED_BY_BUYER="BS"))
    check_events(story.case, "DisputeOpened", "OrderHeld", "DisputeCancelled", "OrderReleased")


def test_r13_the_order_is_held_while_disputed_and_given_back_by_the_cancelling(result_of: ResultOf) -> None:
    story = result_of("cancelled_and_opened_anew")
    assert story.seen["held"]["active_dispute_id"] == story.case.dispute_id
    assert story.file.order["active_dispute_id"] is None
    assert story.file.order["finished_at"] is None


def test_r28_a_new_dispute_about_the_same_order_lives_its_own_life(result_of: ResultOf) -> None:
    story = result_of("cancelled_and_opened_anew")
    file = story.seen["second"]
    check_closed_well(file, status="RESOLVED", outcome="AGREED_FULL_REFUND", refund=5_000)
    assert file.dispute_id != story.case.dispute_id
    assert file.ledger["disputes_opened"] == 2
    check_mails(file, matrix(DISPUTE_OPENED="BS", MAY_ESCALATE="B", OFFER_ACCEPTED="BS"))
    check_events(
        story.seen["second case"],
        *(
            "DisputeOpened",
            "OrderHeld",
            "OfferAccepted",
            "DisputeResolved",
            "OrderReleased",
            "OrderCompleted",
            "RefundRequested",
        ),
    )


def test_r2_after_an_agreement_the_order_is_completed_and_cannot_be_disputed_again(
    result_of: ResultOf,
) -> None:
    third = result_of("cancelled_and_opened_anew").answers["third"]
    assert (third.status, third.code, third.body["rule"]) == (409, "ORDER_COMPLETED", "R2")


def test_r30_the_first_delivered_writes_one_mail_and_closes_nothing(result_of: ResultOf) -> None:
    story = result_of("delivered_while_not_received")
    known = story.seen["known"]
    assert known["status"] == "NEGOTIATION"
    assert abs(instant(known["delivered_at"]) - story.seen["delivered at"]) < timedelta(milliseconds=1)
    assert story.file.happened.count("DELIVERED") == 1
    check_mails(
        story.file,
        matrix(DISPUTE_OPENED="BS", DELIVERED="B", REASON_CHANGED="S", MAY_ESCALATE="B", OFFER_ACCEPTED="BS"),
    )


def test_r29_a_carriers_duplicates_and_late_scans_change_nothing(result_of: ResultOf) -> None:
    story = result_of("delivered_while_not_received")
    answers = story.answers
    assert (answers["first"].status, answers["duplicate"].status) == (201, 200)
    assert answers["duplicate"].body["duplicate"] is True
    assert (answers["again"].status, answers["late"].status) == (201, 201)
    parcel = story.file.order["shipments"][0]
    assert parcel["tracking_status"] == "DELIVERED"
    assert abs(instant(parcel["delivered_at"]) - story.seen["delivered at"]) < timedelta(milliseconds=1)


def test_r27_after_the_delivery_the_reason_changes_forwards_and_never_back(result_of: ResultOf) -> None:
    story = result_of("delivered_while_not_received")
    changed, backwards = story.answers["changed"], story.answers["backwards"]
    assert (changed.status, changed.body["reason"]) == (200, "NOT_AS_DESCRIBED")
    assert changed.body["sub_reason"] == "DAMAGED"
    assert (backwards.status, backwards.code, backwards.body["rule"]) == (409, "REASON_CHANGE_CLOSED", "R27")
    check_closed_well(story.file, status="RESOLVED", outcome="AGREED_FULL_REFUND", refund=5_000)
    assert story.file.buyer["negotiation_due_at"] == story.seen["known"]["negotiation_due_at"], "R17"
    check_events(
        story.case,
        *(
            "DisputeOpened",
            "OrderHeld",
            "ParcelDelivered",
            "DisputeReasonChanged",
            "OfferAccepted",
            "DisputeResolved",
            "OrderReleased",
            "OrderCompleted",
            "RefundRequested",
        ),
    )


def test_r22_the_team_sets_another_date_and_the_old_timer_does_nothing(result_of: ResultOf) -> None:
    story = result_of("window_extended")
    file, due = story.file, story.seen["due"]
    assert story.answers["extended"].status == 200
    assert story.seen["meanwhile"]["status"] == "CLAIM_EVIDENCE"
    assert abs(instant(story.seen["meanwhile"]["evidence_due_at"]) - due) < timedelta(milliseconds=1)
    check_closed_well(file, status="CANCELLED", outcome="CANCELLED_NO_EVIDENCE")
    assert instant(file.buyer["closed_at"]) >= due - timedelta(milliseconds=1)
    assert story.seen["after"]["epoch"] > story.seen["before"]["epoch"]
    assert [path(run) for run in file.runs] == [
        ["AwaitSettlement", "OpenMediation", "NotifyParties", "AwaitEvidence", "NotifyOutcome", "Closed"]
    ]
    check_mails(
        file,
        matrix(
            DISPUTE_OPENED="BS",
            MAY_ESCALATE="B",
            ESCALATED="BS",
            EVIDENCE_WINDOW_SET="BS",
            REMINDER_EVIDENCE="BS",
            CANCELLED_NO_EVIDENCE="BS",
        ),
    )
    check_events(
        story.case, "DisputeOpened", "OrderHeld", "DisputeEscalated", "DisputeCancelled", "OrderReleased"
    )


def test_r36_a_return_that_no_address_was_given_for_ends_by_the_clock_with_the_refund(
    result_of: ResultOf,
) -> None:
    story = result_of("return_never_shipped")
    file, agreed = story.file, story.answers["agreed"]
    assert (agreed.status, agreed.body["status"]) == (200, "AWAITING_RETURN")
    check_closed_well(file, status="RESOLVED", outcome="AGREED_REFUND_WITH_RETURN", refund=4_000)
    assert instant(file.buyer["closed_at"]) >= instant(agreed.body["return_shipment_due_at"])
    assert file.timeline[-1]["type"] == "RETURN_CLOSED"
    assert file.timeline[-1]["data"]["cause"] == "ADDRESS_NEVER_CONFIRMED"
    assert [path(run) for run in file.runs] == [
        ["AwaitSettlement", "AwaitReturnShipment", "NotifyOutcome", "Closed"]
    ]
    check_mails(
        file,
        matrix(
            DISPUTE_OPENED="BS",
            OFFER_MADE="B",
            MAY_ESCALATE="B",
            OFFER_ACCEPTED="BS",
            REMINDER_RETURN_SHIPMENT="S",
            RETURN_CLOSED="BS",
        ),
    )
    check_events(
        story.case,
        *("DisputeOpened", "OrderHeld", "OfferMade", "OfferAccepted", "ReturnClosed"),
        *("DisputeResolved", "OrderReleased", "OrderCompleted", "RefundRequested"),
    )


def test_r28_a_case_with_a_return_under_way_cannot_be_cancelled(result_of: ResultOf) -> None:
    cancel = result_of("return_never_shipped").answers["cancel"]
    assert (cancel.status, cancel.code, cancel.body["rule"]) == (409, "WRONG_STATUS", "R28")


def test_a_case_whose_execution_was_killed_is_carried_on_by_the_schedule_of_the_sweeper(
    result_of: ResultOf,
) -> None:
    """R15 is met by `sweep_deadlines` on its own schedule; the next generation of the execution goes on from there."""
    file = result_of("killed_while_negotiating").file
    check_closed_well(file, status="CANCELLED", outcome="CANCELLED_NO_EVIDENCE")
    assert file.buyer["escalated_by"] == "SYSTEM"
    assert [run.status for run in file.runs] == ["ABORTED", "SUCCEEDED"]
    check_mails(
        file,
        matrix(
            DISPUTE_OPENED="BS",
            MAY_ESCALATE="B",
            REMINDER_NEGOTIATION="S",
            ESCALATED="BS",
            EVIDENCE_WINDOW_SET="BS",
            REMINDER_EVIDENCE="BS",
            CANCELLED_NO_EVIDENCE="BS",
        ),
    )
    check_events(
        result_of("killed_while_negotiating").case,
        *("DisputeOpened", "OrderHeld", "DisputeEscalated", "DisputeCancelled", "OrderReleased"),
    )


def test_a_claim_whose_execution_was_killed_is_ended_by_the_sweeper(result_of: ResultOf) -> None:
    """R22 without any execution, and both parties hear of it once (R23)."""
    story = result_of("killed_in_a_claim")
    check_closed_well(story.file, status="CANCELLED", outcome="CANCELLED_NO_EVIDENCE", by_sweeper=True)
    # The sweeper ends it alone; a new generation is there only if it came by for the reminder before that.
    statuses = [run.status for run in story.file.runs]
    assert statuses in (["ABORTED"], ["ABORTED", "SUCCEEDED"])
    check_mails(
        story.file,
        matrix(
            DISPUTE_OPENED="BS",
            MAY_ESCALATE="B",
            ESCALATED="BS",
            REMINDER_EVIDENCE="BS",
            CANCELLED_NO_EVIDENCE="BS",
        ),
    )
    check_events(
        story.case, "DisputeOpened", "OrderHeld", "DisputeEscalated", "DisputeCancelled", "OrderReleased"
    )
