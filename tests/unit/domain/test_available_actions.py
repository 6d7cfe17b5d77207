"""What each reader is shown in each status, whole: action, from and until when, if it presses, what the clock does.

Instants are days after the opening; "-" is none. A row that is not here is not shown.
"""

from dataclasses import replace
from datetime import datetime

import pytest

from buyer_protection.domain import claim, negotiation
from buyer_protection.domain.available_actions import available_actions
from buyer_protection.domain.claim import EvidenceQuestion
from buyer_protection.domain.dispute import Dispute
from buyer_protection.domain.enums import EvidenceType, OfferType, Role, Status
from tests.support import builders as b
from tests.support.builders import DAY, MANAGER, OPENED, POLICY, SELLER, usd


def asked_again() -> Dispute:
    """A return that nobody saw arrive; the team asks the seller, and no evidence was ever given."""
    case = b.case_return_reviewed()
    question = EvidenceQuestion(Role.SELLER, [EvidenceType.PHOTO], OPENED + 25 * DAY, "Did it come?")
    return claim.request_evidence(case, MANAGER, question, OPENED + 19 * DAY).after


def countered() -> Dispute:
    """Both sides' proposals stand, and the parcel has come."""
    case = negotiation.make_offer(
        b.case_negotiating(), SELLER, OfferType.REFUND, usd(5), "", OPENED + DAY
    ).after
    return replace(case, delivered_at=OPENED + DAY)


CASES = {
    "opened": b.case_negotiating,
    "countered": countered,
    "no offers left": lambda: replace(b.case_negotiating(), policy=replace(POLICY, max_offers_per_party=1)),
    "escalated": b.case_in_claim,
    "the buyer has shown all": lambda: replace(b.case_in_claim(evidence_by=b.BUYER), buyer_complete=True),
    "the seller has shown all": lambda: replace(b.case_in_claim(evidence_by=SELLER), seller_complete=True),
    "both have shown as much": lambda: b.with_evidence(
        b.case_in_claim(evidence_by=SELLER), b.BUYER, OPENED + 5 * DAY
    ),
    "under review": b.case_under_review,
    "asked twice already": lambda: replace(b.case_under_review(), evidence_requests=2),
    "to be sent back": b.case_awaiting_return,
    "the address is known": lambda: b.address_confirmed(b.case_awaiting_return()),
    "sent back": b.case_return_shipped,
    "the return is reviewed": b.case_return_reviewed,
    "asked about the return": asked_again,
    "decided": b.case_decided,
}


def shown(case: Dispute, reader: Role, now: datetime) -> list[str]:
    return [
        f"{it.action} {_day(it.available_from)} {_day(it.due_at)} {it.mandatory} {it.if_missed or '-'}"
        f" {it.offer_id or '-'}"
        for it in available_actions(case, reader, now)
    ]


def _day(at: datetime | None) -> str:
    return "-" if at is None else f"{(at - OPENED) / DAY:g}"


# Every reader of every open case is shown these, and the team the last, too; the table holds the others.
ALWAYS = ["SEND_MESSAGE 0 - False - -", "WRITE_NOTE 0 - False - -"]
TABLE = {
    ("opened", "BUYER"): """
        MAKE_OFFER 0 15 False AUTO_ESCALATE -
        WITHDRAW_OFFER 0 15 False - of-1
        ESCALATE 3 15 False AUTO_ESCALATE -
        ADD_EVIDENCE 0 15 False - -
        CHANGE_REASON 0 - False - -
        CANCEL 0 - False - -
    """,
    ("opened", "SELLER"): """
        ACCEPT_OFFER 0 15 True AUTO_ESCALATE of-1
        DECLINE_OFFER 0 15 True AUTO_ESCALATE of-1
        ACCEPT_REQUEST 0 15 False AUTO_ESCALATE -
        MAKE_OFFER 0 15 False AUTO_ESCALATE -
        ADD_EVIDENCE 0 15 False - -
    """,
    ("opened", "CASE_MANAGER"): """
    """,
    ("countered", "BUYER"): """
        ACCEPT_OFFER 1 15 True AUTO_ESCALATE of-2
        DECLINE_OFFER 1 15 True AUTO_ESCALATE of-2
        MAKE_OFFER 0 15 False AUTO_ESCALATE -
        WITHDRAW_OFFER 0 15 False - of-1
        ESCALATE 3 15 False AUTO_ESCALATE -
        ADD_EVIDENCE 0 15 False - -
        CHANGE_REASON 0 6 False REASON_CHANGE_CLOSES -
        CANCEL 0 - False - -
    """,
    ("countered", "SELLER"): """
        ACCEPT_OFFER 0 15 False AUTO_ESCALATE of-1
        DECLINE_OFFER 0 15 False AUTO_ESCALATE of-1
        ACCEPT_REQUEST 0 15 False AUTO_ESCALATE -
        MAKE_OFFER 0 15 False AUTO_ESCALATE -
        WITHDRAW_OFFER 1 15 False - of-2
        ADD_EVIDENCE 0 15 False - -
    """,
    ("countered", "CASE_MANAGER"): """
    """,
    ("no offers left", "BUYER"): """
        WITHDRAW_OFFER 0 15 False - of-1
        ESCALATE 3 15 False AUTO_ESCALATE -
        ADD_EVIDENCE 0 15 False - -
        CHANGE_REASON 0 - False - -
        CANCEL 0 - False - -
    """,
    ("no offers left", "SELLER"): """
        ACCEPT_OFFER 0 15 True AUTO_ESCALATE of-1
        DECLINE_OFFER 0 15 True AUTO_ESCALATE of-1
        ACCEPT_REQUEST 0 15 False AUTO_ESCALATE -
        MAKE_OFFER 0 15 False AUTO_ESCALATE -
        ADD_EVIDENCE 0 15 False - -
    """,
    ("no offers left", "CASE_MANAGER"): """
    """,
    ("escalated", "BUYER"): """
        MAKE_OFFER 0 11 False CLAIM_CANCELLED -
        ADD_EVIDENCE 0 11 True CLAIM_CANCELLED -
        EVIDENCE_COMPLETE 4 11 False CLAIM_CANCELLED -
        CHANGE_REASON 0 - False - -
        CANCEL 0 - False - -
    """,
    ("escalated", "SELLER"): """
        ACCEPT_REQUEST 0 11 False CLAIM_CANCELLED -
        MAKE_OFFER 0 11 False CLAIM_CANCELLED -
        ADD_EVIDENCE 0 11 False CLAIM_CANCELLED -
        EVIDENCE_COMPLETE 4 11 False CLAIM_CANCELLED -
    """,
    ("escalated", "CASE_MANAGER"): """
        SET_EVIDENCE_WINDOW 4 11 False CLAIM_CANCELLED -
        PROPOSE 4 11 False CLAIM_CANCELLED -
        ASSIGN 4 - False - -
        UNASSIGN 4 - False - -
    """,
    ("the buyer has shown all", "BUYER"): """
        MAKE_OFFER 0 11 False DECIDED_WITHOUT_YOU -
        ADD_EVIDENCE 0 11 False DECIDED_WITHOUT_YOU -
        CHANGE_REASON 0 - False - -
        CANCEL 0 - False - -
    """,
    ("the buyer has shown all", "SELLER"): """
        ACCEPT_REQUEST 0 11 False DECIDED_WITHOUT_YOU -
        MAKE_OFFER 0 11 False DECIDED_WITHOUT_YOU -
        ADD_EVIDENCE 0 11 True DECIDED_WITHOUT_YOU -
        EVIDENCE_COMPLETE 4 11 False DECIDED_WITHOUT_YOU -
    """,
    ("the buyer has shown all", "CASE_MANAGER"): """
        SET_EVIDENCE_WINDOW 4 11 False DECIDED_WITHOUT_YOU -
        PROPOSE 4 11 False DECIDED_WITHOUT_YOU -
        ASSIGN 4 - False - -
        UNASSIGN 4 - False - -
    """,
    ("the seller has shown all", "BUYER"): """
        MAKE_OFFER 0 11 False DECIDED_WITHOUT_YOU -
        ADD_EVIDENCE 0 11 True DECIDED_WITHOUT_YOU -
        EVIDENCE_COMPLETE 4 11 False DECIDED_WITHOUT_YOU -
        CHANGE_REASON 0 - False - -
        CANCEL 0 - False - -
    """,
    ("the seller has shown all", "SELLER"): """
        ACCEPT_REQUEST 0 11 False DECIDED_WITHOUT_YOU -
        MAKE_OFFER 0 11 False DECIDED_WITHOUT_YOU -
        ADD_EVIDENCE 0 11 False DECIDED_WITHOUT_YOU -
    """,
    ("the seller has shown all", "CASE_MANAGER"): """
        SET_EVIDENCE_WINDOW 4 11 False DECIDED_WITHOUT_YOU -
        PROPOSE 4 11 False DECIDED_WITHOUT_YOU -
        ASSIGN 4 - False - -
        UNASSIGN 4 - False - -
    """,
    ("both have shown as much", "BUYER"): """
        MAKE_OFFER 0 11 False DECIDED_WITHOUT_YOU -
        ADD_EVIDENCE 0 11 False DECIDED_WITHOUT_YOU -
        EVIDENCE_COMPLETE 4 11 False DECIDED_WITHOUT_YOU -
        CHANGE_REASON 0 - False - -
        CANCEL 0 - False - -
    """,
    ("both have shown as much", "SELLER"): """
        ACCEPT_REQUEST 0 11 False DECIDED_WITHOUT_YOU -
        MAKE_OFFER 0 11 False DECIDED_WITHOUT_YOU -
        ADD_EVIDENCE 0 11 False DECIDED_WITHOUT_YOU -
        EVIDENCE_COMPLETE 4 11 False DECIDED_WITHOUT_YOU -
    """,
    ("both have shown as much", "CASE_MANAGER"): """
        SET_EVIDENCE_WINDOW 4 11 False DECIDED_WITHOUT_YOU -
        PROPOSE 4 11 False DECIDED_WITHOUT_YOU -
        ASSIGN 4 - False - -
        UNASSIGN 4 - False - -
    """,
    ("under review", "BUYER"): """
        MAKE_OFFER 0 - False - -
        CHANGE_REASON 0 - False - -
        CANCEL 0 - False - -
    """,
    ("under review", "SELLER"): """
        ACCEPT_REQUEST 0 - False - -
        MAKE_OFFER 0 - False - -
    """,
    ("under review", "CASE_MANAGER"): """
        DECIDE 11 18 True DEADLINE_MISSED -
        PROPOSE 4 18 False DEADLINE_MISSED -
        ASSIGN 4 - False - -
        UNASSIGN 4 - False - -
        REQUEST_EVIDENCE 11 18 False DEADLINE_MISSED -
    """,
    ("asked twice already", "BUYER"): """
        MAKE_OFFER 0 - False - -
        CHANGE_REASON 0 - False - -
        CANCEL 0 - False - -
    """,
    ("asked twice already", "SELLER"): """
        ACCEPT_REQUEST 0 - False - -
        MAKE_OFFER 0 - False - -
    """,
    ("asked twice already", "CASE_MANAGER"): """
        DECIDE 11 18 True DEADLINE_MISSED -
        PROPOSE 4 18 False DEADLINE_MISSED -
        ASSIGN 4 - False - -
        UNASSIGN 4 - False - -
    """,
    ("to be sent back", "BUYER"): """
        ADD_EVIDENCE 0 12 False - -
        CHANGE_REASON 0 - False - -
    """,
    ("to be sent back", "SELLER"): """
        ADD_EVIDENCE 0 12 False - -
        CONFIRM_RETURN_ADDRESS 2 12 True REFUND_WITHOUT_RETURN -
    """,
    ("to be sent back", "CASE_MANAGER"): """
    """,
    ("the address is known", "BUYER"): """
        ADD_EVIDENCE 0 12 False - -
        CHANGE_REASON 0 - False - -
        REGISTER_RETURN_SHIPMENT 2 12 True RETURN_NOT_SHIPPED -
    """,
    ("the address is known", "SELLER"): """
        ADD_EVIDENCE 0 12 False - -
        CONFIRM_RETURN_ADDRESS 2 12 False - -
    """,
    ("the address is known", "CASE_MANAGER"): """
    """,
    ("sent back", "BUYER"): """
        ADD_EVIDENCE 0 13 False - -
        CHANGE_REASON 0 - False - -
    """,
    ("sent back", "SELLER"): """
        ADD_EVIDENCE 0 13 False - -
        ACKNOWLEDGE_RETURN 3 13 True REFUND_ON_DELIVERY -
    """,
    ("sent back", "CASE_MANAGER"): """
    """,
    ("the return is reviewed", "BUYER"): """
        CHANGE_REASON 0 - False - -
    """,
    ("the return is reviewed", "SELLER"): """
    """,
    ("the return is reviewed", "CASE_MANAGER"): """
        DECIDE 18 25 True DEADLINE_MISSED -
        ASSIGN 18 - False - -
        UNASSIGN 18 - False - -
        REQUEST_EVIDENCE 18 25 False DEADLINE_MISSED -
    """,
    ("asked about the return", "BUYER"): """
        ADD_EVIDENCE 0 25 False DECIDED_WITHOUT_YOU -
        EVIDENCE_COMPLETE 19 25 False DECIDED_WITHOUT_YOU -
        CHANGE_REASON 0 - False - -
    """,
    ("asked about the return", "SELLER"): """
        ADD_EVIDENCE 0 25 True DECIDED_WITHOUT_YOU -
        EVIDENCE_COMPLETE 19 25 False DECIDED_WITHOUT_YOU -
    """,
    ("asked about the return", "CASE_MANAGER"): """
        SET_EVIDENCE_WINDOW 19 25 False DECIDED_WITHOUT_YOU -
        ASSIGN 19 - False - -
        UNASSIGN 19 - False - -
    """,
    ("decided", "BUYER"): """
    """,
    ("decided", "SELLER"): """
    """,
    ("decided", "CASE_MANAGER"): """
    """,
}


@pytest.mark.parametrize(("case", "reader"), TABLE)
def test_r16_r22_r24_r27_r36_each_reader_sees_exactly_what_they_can_do(case: str, reader: str) -> None:
    found = CASES[case]()
    expected = [line.strip() for line in TABLE[case, reader].splitlines() if line.strip()]
    lines = shown(found, Role(reader), found.updated_at or OPENED)
    assert [line for line in lines if line not in ALWAYS] == expected
    always = ALWAYS if reader == Role.CASE_MANAGER else ALWAYS[:1]
    assert [line for line in lines if line in ALWAYS] == ([] if found.is_closed else always)


def test_r15_the_table_holds_every_status_that_is_open() -> None:
    assert {CASES[case]().status for case, _ in TABLE} >= set(Status) - {Status.RESOLVED, Status.CANCELLED}
