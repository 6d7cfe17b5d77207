"""What every implementation of the stores must do: conditions and who refuses, receipts, order, leases, what is due.

A class whose `ports` is a fixture of whoever inherits it. Ids are new in each test, so that a table may be shared.
"""

from dataclasses import replace
from typing import Any

import pytest
from msgspec import structs

from buyer_protection.application.ports.cases import Assignment
from buyer_protection.application.ports.errors import (
    ConflictingWriteError,
    IdempotencyRecordExistsError,
    OrderHeldError,
    RefundExceedsPaidError,
)
from buyer_protection.domain import evidence, messages, negotiation, parcels
from buyer_protection.domain.claim import set_evidence_window
from buyer_protection.domain.dispute import Change
from buyer_protection.domain.enums import OfferStatus, OfferType, Role, Status
from buyer_protection.domain.money import Money
from buyer_protection.domain.order import OrderLedger
from buyer_protection.domain.proof import sealed
from buyer_protection.domain.sides import PartyNames
from buyer_protection.domain.timeline import Actor, SaltedText, first_break
from tests.contracts.beside import BesideContract
from tests.contracts.events import FeedContract, WebhooksContract
from tests.contracts.lists import ListsContract
from tests.contracts.orders import OrdersContract
from tests.contracts.outbox import OutboxContract
from tests.contracts.ports import Ports
from tests.contracts.scenes import (
    HOUR,
    MS,
    agreed,
    books,
    claimed,
    due_of,
    idempotency,
    opened,
    stored,
)
from tests.contracts.templates import TemplatesContract
from tests.contracts.workers import RefundsContract, TimersContract
from tests.integration import people
from tests.integration.people import BUYER, OPENED, PAID, SELLER, days


class CasesContract:
    def test_g6_texts_are_read_back_with_their_salts_beside_entries_that_have_their_digests(
        self, ports: Ports
    ) -> None:
        start = opened(ports)
        said = people.escalation(start, OPENED + days(4), "He does not answer.")
        given = people.statement(said.after, OPENED + days(5))
        written = sealed(
            messages.send_message(given.after, BUYER, "Where is it?", OPENED + days(5)), people.salt
        )
        for change in (said, given, written):
            ports.cases.commit(change, now=change.entry.at)
        found = ports.cases.dossier(start.dispute_id)
        assert found is not None
        assert found.case.salts == start.salts != {}
        assert [item.salt for item in found.evidence] == [people.salt()]
        assert [(one.text, one.salt) for one in found.messages] == [("Where is it?", people.salt())]
        (_, escalated, *_) = found.timeline
        assert escalated.texts == {"claim_text": SaltedText("He does not answer.", people.salt())}
        assert escalated.data["claim_text"] == ""
        assert first_break(found.timeline) is None
        assert ports.cases.timeline(start.dispute_id).items[1].said["claim_text"] == "He does not answer."

    def test_q1_what_is_committed_is_read_back(self, ports: Ports) -> None:
        kept = idempotency(ports)
        change = people.opening(ports.dispute_id(), order_id=ports.order_id()).from_call("call-1")
        assert ports.cases.load(change.after.dispute_id) is None
        ports.cases.commit(change, now=OPENED, idempotency=kept)
        loaded = ports.cases.load(change.after.dispute_id, idempotency_id=kept.idempotency_id)
        assert loaded is not None
        assert (loaded.case, loaded.idempotency, loaded.evidence) == (change.after, kept, None)
        assert ports.cases.timeline(change.after.dispute_id).items == [change.entry]
        assert [it.correlation_id for it in ports.cases.timeline(change.after.dispute_id).items] == ["call-1"]
        assert ports.cases.offers(change.after.dispute_id) == [change.new_offer]

    def test_q1_an_order_is_held_by_one_dispute(self, ports: Ports) -> None:
        case, kept = opened(ports), idempotency(ports)
        other = people.opening(ports.dispute_id(), order_id=case.order_id)
        with pytest.raises(OrderHeldError):
            ports.cases.commit(other, now=OPENED, idempotency=kept)
        assert ports.cases.load(other.after.dispute_id) is None
        assert ports.timers.timer(other.after.dispute_id) is None
        seen = ports.cases.load(case.dispute_id, idempotency_id=kept.idempotency_id)
        assert seen is not None
        assert seen.idempotency is None
        held = OrderLedger(case.order_id, case.dispute_id, 1, version=1, currency="USD")
        assert books(ports, case) == held

    def test_q1_a_known_receipt_comes_before_every_other_refusal(self, ports: Ports) -> None:
        kept = idempotency(ports)
        case = opened(ports)
        change = people.counter_offer(case, OPENED + HOUR)
        ports.cases.commit(change, now=OPENED + HOUR, idempotency=kept)
        with pytest.raises(IdempotencyRecordExistsError):
            ports.cases.commit(change, now=OPENED + HOUR, idempotency=kept)
        other = people.opening(ports.dispute_id(), order_id=case.order_id)
        with pytest.raises(IdempotencyRecordExistsError):
            ports.cases.commit(other, now=OPENED, idempotency=kept)

    def test_q1_a_stale_version_writes_nothing(self, ports: Ports) -> None:
        case, kept = opened(ports), idempotency(ports)
        first = people.counter_offer(case, OPENED + HOUR)
        ports.cases.commit(first, now=OPENED + HOUR)
        with pytest.raises(ConflictingWriteError):
            ports.cases.commit(people.statement(case, OPENED + HOUR), now=OPENED + HOUR, idempotency=kept)
        with pytest.raises(ConflictingWriteError):
            agreed(ports, case)
        loaded = ports.cases.load(case.dispute_id, idempotency_id=kept.idempotency_id, evidence_ids=["ev-1"])
        assert loaded is not None
        assert (loaded.case, loaded.idempotency, loaded.evidence) == (first.after, None, {})
        assert [entry.seq for entry in ports.cases.timeline(case.dispute_id).items] == [1, 2]
        assert books(ports, case).active_dispute_id == case.dispute_id
        assert due_of(ports, case, OPENED + days(1)) == []

    def test_q1_a_person_and_the_clock_never_both_end_a_window(self, ports: Ports) -> None:
        case = opened(ports)
        due = case.negotiation_due_at
        ended = people.next_step(case, due)
        with pytest.raises(ConflictingWriteError):
            ports.cases.commit(ended, now=due - MS)
        with pytest.raises(ConflictingWriteError):
            ports.cases.commit(people.counter_offer(case, due - MS), now=due)
        ports.cases.commit(ended, now=due)
        assert stored(ports, case).status is Status.CLAIM_EVIDENCE
        other = opened(ports)
        ports.cases.commit(people.counter_offer(other, due - MS), now=due - MS)

    def test_c7_r45_an_assignment_moves_nothing_of_the_case_and_is_taken_once(self, ports: Ports) -> None:
        claim, kept, now = claimed(ports), idempotency(ports), OPENED + days(4)
        step = Assignment(claim.dispute_id, "manager-1", "manager-2", None)
        ports.cases.keep_assignment(step, now=now, idempotency=kept)
        loaded = ports.cases.load(claim.dispute_id, idempotency_id=kept.idempotency_id)
        assert loaded is not None
        assert (loaded.case, loaded.idempotency) == (replace(claim, assigned_to="manager-2"), kept)
        assert len(ports.cases.timeline(claim.dispute_id).items) == claim.timeline_seq
        with pytest.raises(IdempotencyRecordExistsError):
            ports.cases.keep_assignment(
                structs.replace(step, previous="manager-2"), now=now + HOUR, idempotency=kept
            )
        with pytest.raises(ConflictingWriteError):
            ports.cases.keep_assignment(step, now=now + HOUR)
        # What was read before it is changed without a word of it.
        given = people.statement(claim, now + HOUR)
        ports.cases.commit(given, now=now + HOUR)
        assert stored(ports, claim) == replace(given.after, assigned_to="manager-2")
        ports.cases.keep_assignment(structs.replace(step, previous="manager-2"), now=now + 2 * HOUR)

    def test_c7_r45_only_an_open_claim_is_assigned(self, ports: Ports) -> None:
        case = opened(ports)
        with pytest.raises(ConflictingWriteError):
            ports.cases.keep_assignment(Assignment(case.dispute_id, "m-1", "m-2", None), now=OPENED + HOUR)

    def test_c7_r45_who_of_the_team_acted_lies_beside_the_entry(self, ports: Ports) -> None:
        claim, now = claimed(ports), OPENED + days(4)
        ports.cases.keep_assignment(Assignment(claim.dispute_id, "m-1", "m-1", None), now=now)
        claim = replace(claim, assigned_to="m-1")
        moved = set_evidence_window(claim, Actor(Role.CASE_MANAGER, "m-1"), now + days(2), now)
        ports.cases.commit(moved, now=now)
        entry = ports.cases.timeline(claim.dispute_id).items[-1]
        assert (entry.actor.actor_id, entry.person_id, entry.hash) == ("team", "m-1", moved.entry.hash)

    def test_q1_a_reminder_and_mediation_wait_for_no_window(self, ports: Ports) -> None:
        case = opened(ports)
        reminded = people.next_step(case, case.escalation_available_at)
        ports.cases.commit(reminded, now=case.escalation_available_at)
        claim = people.escalation(reminded.after, OPENED + days(4))
        ports.cases.commit(claim, now=OPENED + days(4))
        seen = people.mediation_opened(claim.after, OPENED + days(4))
        ports.cases.commit(seen, now=OPENED + days(4), brief={"a": [1, "two", None]})
        dossier = ports.cases.dossier(case.dispute_id)
        assert dossier is not None
        assert (dossier.case, dossier.brief) == (seen.after, {"a": [1, "two", None]})

    def test_q1_a_refund_above_what_was_paid_writes_nothing(self, ports: Ports) -> None:
        case = opened(ports)
        change = negotiation.accept_request(case, SELLER, OPENED + HOUR)
        assert change.refund is not None
        greedy = replace(change, refund=replace(change.refund, amount=PAID + Money(1, "USD")))
        with pytest.raises(RefundExceedsPaidError):
            ports.cases.commit(greedy, now=OPENED + HOUR)
        assert stored(ports, case) == case
        assert books(ports, case).refunded_minor == 0
        assert ports.refunds.overdue(case.dispute_id, OPENED + days(9)) is None
        ports.cases.commit(change, now=OPENED + HOUR)
        assert books(ports, case).refunded_minor == PAID.amount_minor

    def test_q1_a_closed_case_gives_its_order_back_or_finishes_it(self, ports: Ports) -> None:
        order_id = ports.order_id()
        for number in (1, 2):
            case = opened(ports, order_id)
            left = parcels.cancel(case, BUYER, acknowledge_consequences=True, now=OPENED + HOUR)
            ports.cases.commit(left, now=OPENED + HOUR)
            free = OrderLedger(order_id, None, number, version=2 * number, currency="USD")
            assert books(ports, case) == free
        case = opened(ports, order_id)
        change = agreed(ports, case)
        ended = books(ports, case)
        assert (ended.active_dispute_id, ended.finished_by, ended.finished_at) == (
            None,
            case.dispute_id,
            change.entry.at,
        )
        with pytest.raises(OrderHeldError):
            ports.cases.commit(people.opening(ports.dispute_id(), order_id=order_id), now=OPENED)

    def test_q1_an_order_has_so_many_disputes_and_no_more(self, ports: Ports) -> None:
        order_id = ports.order_id()
        for _ in range(3):
            case = opened(ports, order_id)
            left = parcels.cancel(case, BUYER, acknowledge_consequences=True, now=OPENED + HOUR)
            ports.cases.commit(left, now=OPENED + HOUR)
        with pytest.raises(OrderHeldError):
            ports.cases.commit(people.opening(ports.dispute_id(), order_id=order_id), now=OPENED)

    def test_q1_a_whole_life_is_kept(self, ports: Ports) -> None:
        dispute_id, order_id = ports.dispute_id(), ports.order_id()
        case = people.opening(dispute_id, order_id=order_id).after
        for change, now in people.contested():
            ours = _renamed(change, dispute_id, order_id)
            ports.cases.commit(ours, now=now)
            case = ours.after
            assert stored(ports, case) == case
        dossier = ports.cases.dossier(dispute_id)
        assert dossier is not None
        assert [entry.seq for entry in dossier.timeline] == list(range(1, case.timeline_seq + 1))
        assert case.version < case.timeline_seq
        assert [offer.status for offer in dossier.offers] == [OfferStatus.LAPSED, OfferStatus.DECLINED]
        assert list(dossier.evidence) == list(ports.cases.evidence(dispute_id))
        first = ports.cases.timeline(dispute_id, limit=4)
        rest = ports.cases.timeline(dispute_id, after_seq=(first.next_key or {})["after_seq"], limit=50)
        assert [*first.items, *rest.items] == list(dossier.timeline)
        assert rest.next_key is None

    def test_q1_the_chain_holds_after_it_was_stored(self, ports: Ports) -> None:
        case = opened(ports)
        for number in range(3):
            change = messages.send_message(case, SELLER, f"No {number}", OPENED + HOUR)
            ports.cases.commit(change, now=OPENED + HOUR)
            case = change.after
        assert first_break(ports.cases.timeline(case.dispute_id).items) is None
        assert (case.version, case.timeline_seq) == (1, 4)
        page = ports.cases.messages(case.dispute_id, after=1, limit=1)
        assert [one.message_id for one in page.items] == ["ms-2"]
        assert page.next_key == {"after": 2}

    def test_the_shops_keys_are_replaced_whole_beside_every_change(self, ports: Ports) -> None:
        case, now = opened(ports), OPENED + HOUR
        assert case.names != PartyNames()
        assert ports.cases.replace_metadata(case.dispute_id, {"ticket": "CS-1", "shelf": "A"})
        assert ports.cases.replace_metadata(case.dispute_id, {"ticket": "CS-2"})
        assert stored(ports, case) == replace(case, metadata={"ticket": "CS-2"})
        # Whoever read the case before changes it all the same, and leaves them as they are.
        written = messages.send_message(case, BUYER, "Hello", now)
        ports.cases.commit(written, now=now)
        kept = stored(ports, written.after)
        assert kept == replace(written.after, metadata={"ticket": "CS-2"})
        assert (kept.thread.last_at, kept.thread.seller_unread, kept.names) == (now, 1, case.names)
        assert ports.cases.replace_metadata(case.dispute_id, {})
        assert stored(ports, written.after) == written.after
        assert not ports.cases.replace_metadata(f"{case.dispute_id}-absent", {"ticket": "CS-3"})

    def test_r49_copies_that_are_made_later_move_no_version_and_overwrite_none(self, ports: Ports) -> None:
        case, item = people.with_photo(ports.cases, opened(ports))
        files = [file.with_copies(people.COPIES) for file in item.files]
        first, second = [files[0], item.files[1]], [item.files[0], files[1]]
        assert ports.cases.replace_files(case.dispute_id, item, first)
        assert not ports.cases.replace_files(case.dispute_id, item, second)
        (kept,) = ports.cases.evidence(case.dispute_id)
        assert kept == replace(item, files=tuple(first))
        assert ports.cases.replace_files(case.dispute_id, kept, files)
        assert stored(ports, case) == case
        now = case.updated_at + HOUR
        taken = evidence.withdraw_evidence(case, BUYER, ports.cases.evidence(case.dispute_id)[0], now)
        ports.cases.commit(taken, now=now)
        assert not ports.cases.replace_files(case.dispute_id, kept, files)

    def test_r5_what_moves_no_version_still_takes_the_next_place_alone(self, ports: Ports) -> None:
        case, now = opened(ports), OPENED + HOUR
        first, second = (messages.send_message(case, who, "At once", now) for who in (BUYER, SELLER))
        ports.cases.commit(first, now=now)
        offer = negotiation.make_offer(case, SELLER, OfferType.NO_REFUND, None, "", now)
        for late in (second, offer):
            with pytest.raises(ConflictingWriteError):
                ports.cases.commit(late, now=now)
        again = messages.send_message(first.after, SELLER, "At once", now)
        ports.cases.commit(again, now=now)
        kept = stored(ports, again.after)
        assert (kept.version, kept.timeline_seq, kept.messages) == (case.version, 3, 2)


class PortsContract(
    CasesContract,
    ListsContract,
    BesideContract,
    RefundsContract,
    TimersContract,
    OutboxContract,
    OrdersContract,
    FeedContract,
    WebhooksContract,
    TemplatesContract,
):
    """The whole contract."""

    @pytest.fixture
    def ports(self) -> Ports:
        raise NotImplementedError


def _renamed(change: Change, dispute_id: str, order_id: str) -> Change:
    """The same change of a case and an order of other names; its hashes stay those of the first."""
    names: dict[str, Any] = {"dispute_id": dispute_id, "order_id": order_id}
    refund = change.refund and replace(change.refund, **names, refund_id=f"rf-{dispute_id}")
    return replace(
        change,
        before=replace(change.before, **names),
        after=replace(change.after, **names),
        entry=replace(change.entry, dispute_id=dispute_id),
        refund=refund,
    )
