"""Offers in the table: the opening request and lapsed offers are read although no write of their own stores them."""

from typing import Any

import pytest

from buyer_protection.adapters.dynamodb.case_store import PynamoCaseStore
from buyer_protection.adapters.dynamodb.row import Row
from buyer_protection.adapters.dynamodb.tables import OfferRow
from buyer_protection.domain import negotiation, parcels
from buyer_protection.domain.dispute import Dispute
from buyer_protection.domain.enums import OfferStatus
from tests.integration import people
from tests.integration.people import DISPUTE_ID, OPENED, days


@pytest.fixture
def opened(cases: PynamoCaseStore) -> Dispute:
    """A case right after its opening."""
    change = people.opening()
    cases.commit(change, now=OPENED)
    return change.after


def offers_of(cases: PynamoCaseStore) -> list[tuple[str, OfferStatus, object]]:
    dossier = cases.dossier(DISPUTE_ID)
    assert dossier is not None
    assert dossier.offers == cases.offers(DISPUTE_ID)
    return [(offer.offer_id, offer.status, offer.closed_at) for offer in dossier.offers]


def rows() -> list[str]:
    return [row.offer_id for row in Row.collection(f"CASE#{DISPUTE_ID}") if isinstance(row, OfferRow)]


def test_r14_the_opening_request_is_read_before_it_has_a_row(cases: PynamoCaseStore, opened: Dispute) -> None:
    assert rows() == []
    assert cases.offers(DISPUTE_ID) == [people.opening().new_offer]


def test_r14_the_opening_request_gets_its_row_with_its_fate(cases: PynamoCaseStore, opened: Dispute) -> None:
    at = OPENED + days(1)
    declined = negotiation.decline_offer(opened, people.SELLER, "of-1", at)
    cases.commit(declined, now=at)
    assert rows() == ["of-1"]
    assert offers_of(cases) == [("of-1", OfferStatus.DECLINED, at)]
    made = people.opening().new_offer
    assert made is not None
    (kept,) = cases.offers(DISPUTE_ID)
    assert (kept.refund, kept.note, kept.made_at) == (made.refund, made.note, made.made_at)


def test_r15_what_stood_lapses_with_the_escalation_and_with_the_end(
    cases: PynamoCaseStore, opened: Dispute
) -> None:
    talked = people.counter_offer(opened, OPENED + days(1))
    cases.commit(talked, now=OPENED + days(1))
    escalated_at, offered_at, cancelled_at = OPENED + days(4), OPENED + days(5), OPENED + days(6)
    escalated = people.escalation(talked.after, escalated_at)
    cases.commit(escalated, now=escalated_at)
    lapsed = [("of-1", OfferStatus.LAPSED, escalated_at), ("of-2", OfferStatus.LAPSED, escalated_at)]
    assert offers_of(cases) == lapsed

    later = people.counter_offer(escalated.after, offered_at)
    cases.commit(later, now=offered_at)
    assert offers_of(cases) == [*lapsed, ("of-3", OfferStatus.OPEN, None)]

    cancelled = parcels.cancel(later.after, people.BUYER, acknowledge_consequences=True, now=cancelled_at)
    cases.commit(cancelled, now=cancelled_at)
    assert offers_of(cases) == [*lapsed, ("of-3", OfferStatus.LAPSED, cancelled_at)]
    assert rows() == ["of-2", "of-3"]


def test_r14_of_two_standing_proposals_one_is_accepted_and_one_lapses(
    cases: PynamoCaseStore, opened: Dispute
) -> None:
    talked = people.counter_offer(opened, OPENED + days(1))
    cases.commit(talked, now=OPENED + days(1))
    at = OPENED + days(2)
    cases.commit(negotiation.accept_offer(talked.after, people.BUYER, "of-2", at), now=at)
    assert offers_of(cases) == [("of-1", OfferStatus.LAPSED, at), ("of-2", OfferStatus.ACCEPTED, at)]


def test_r14_a_case_without_rows_has_no_proposals(cases: PynamoCaseStore) -> None:
    assert cases.offers("dp-unknown") == []


def test_what_a_read_left_over_is_read_again(
    table: Any, cases: PynamoCaseStore, opened: Dispute, monkeypatch: pytest.MonkeyPatch
) -> None:
    send, asked = table._make_api_call, []

    def call(operation: str, arguments: dict[str, Any]) -> Any:
        answer = send(operation, arguments)
        if operation != "BatchGetItem":
            return answer
        ((name, wanted),) = arguments["RequestItems"].items()
        asked.append(len(wanted["Keys"]))
        assert wanted["ConsistentRead"] is True
        first, *left = wanted["Keys"]
        kept = [
            item
            for item in answer["Responses"][name]
            if (item["pk"], item["sk"]) == (first["pk"], first["sk"])
        ]
        more = {"UnprocessedKeys": {name: {"Keys": left}}} if left else {}
        return {**answer, "Responses": {name: kept}, **more}

    monkeypatch.setattr(table, "_make_api_call", call)
    loaded = cases.load(DISPUTE_ID, idempotency_id="a" * 64)
    assert loaded is not None
    assert loaded.case == opened
    assert asked == [3, 2, 1]
