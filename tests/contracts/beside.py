"""What every implementation keeps beside a case: nothing of the case moves, and what a party does comes first."""

from dataclasses import replace
from datetime import datetime, timedelta

import pytest
from msgspec import structs

from buyer_protection.application.ports.beside import AlreadySo, Look, Note, ProposalTaken, RulingStep
from buyer_protection.application.ports.errors import ConflictingWriteError, IdempotencyRecordExistsError
from buyer_protection.domain import confirmations, messages, proposals
from buyer_protection.domain.agreement import Outcome
from buyer_protection.domain.dispute import Dispute
from buyer_protection.domain.enums import OfferStatus, OfferType, OutcomeCode, Role, Status
from buyer_protection.domain.money import Money
from buyer_protection.domain.rulings import KeptRuling, RulingStatus
from buyer_protection.domain.timeline import Actor
from tests.contracts.ports import Ports
from tests.contracts.scenes import HOUR, claimed, idempotency, stored
from tests.integration import people
from tests.integration.people import BUYER, OPENED, SELLER, days

FIRST, SECOND = Actor(Role.CASE_MANAGER, "m-1"), Actor(Role.CASE_MANAGER, "m-2")
NOW = OPENED + days(5)


def reviewed(ports: Ports) -> Dispute:
    """A claim under review."""
    claim = claimed(ports)
    given = people.statement(claim, NOW)
    ports.cases.commit(given, now=NOW)
    due = given.after.deadline
    assert due is not None
    review = people.next_step(given.after, due)
    ports.cases.commit(review, now=due)
    assert review.after.status is Status.UNDER_REVIEW
    return review.after


def ruling_of(case: Dispute) -> KeptRuling:
    outcome = Outcome(
        OutcomeCode.DECIDED_PARTIAL,
        Money(700, "USD"),
        False,
        Role.CASE_MANAGER,
        ("OTHER",),
        "Half.",
        ("ev-1",),
    )
    return confirmations.wait(case, FIRST, outcome, f"dc-{case.dispute_id}", later(case))


def later(case: Dispute) -> datetime:
    assert case.updated_at is not None
    return case.updated_at + HOUR


def waiting(ports: Ports, case: Dispute) -> KeptRuling:
    kept = ruling_of(case)
    ports.cases.keep_beside(RulingStep(case.dispute_id, kept, case.version), now=later(case))
    return kept


def ruling(ports: Ports, case: Dispute, decision_id: str) -> KeptRuling | None:
    loaded = ports.cases.load(case.dispute_id, decision_id=decision_id)
    assert loaded is not None
    return loaded.ruling


class BesideContract:
    def test_r45_notes_are_read_in_their_order_page_by_page_and_move_nothing(self, ports: Ports) -> None:
        case = claimed(ports)
        notes = [
            Note(case.dispute_id, f"nt-{n:026d}", "m-1", f"Note {n}", NOW + timedelta(hours=n))
            for n in range(1, 4)
        ]
        kept = idempotency(ports)
        for note in notes:
            ports.cases.keep_beside(note, now=NOW, idempotency=kept if note is notes[0] else None)
        other = Note(case.dispute_id, "nt-z", "m-1", "Twice", NOW)
        with pytest.raises(IdempotencyRecordExistsError):
            ports.cases.keep_beside(other, now=NOW, idempotency=kept)
        first = ports.cases.notes(case.dispute_id, limit=2)
        assert (first.items, first.next_key) == (notes[:2], {"after": notes[1].note_id})
        rest = ports.cases.notes(case.dispute_id, after=notes[1].note_id)
        assert (rest.items, rest.next_key) == (notes[2:], None)
        assert stored(ports, case) == case
        assert ports.cases.notes(claimed(ports).dispute_id).items == []

    def test_r45_a_look_is_kept_and_moves_nothing(self, ports: Ports) -> None:
        case = claimed(ports)
        look = Look(case.dispute_id, "lk-1", "m-1", case.buyer_id, NOW)
        ports.cases.keep_beside(look, now=NOW)
        ports.cases.keep_beside(structs.replace(look, look_id="lk-2", person_id=case.seller_id), now=NOW)
        assert stored(ports, case) == case
        assert ports.cases.notes(case.dispute_id).items == []

    def test_what_was_so_already_keeps_the_answer_alone(self, ports: Ports) -> None:
        case, kept = claimed(ports), idempotency(ports)
        ports.cases.keep_beside(AlreadySo(case.dispute_id), now=NOW, idempotency=kept)
        loaded = ports.cases.load(case.dispute_id, idempotency_id=kept.idempotency_id)
        assert loaded is not None
        assert (loaded.case, loaded.idempotency) == (case, kept)
        with pytest.raises(IdempotencyRecordExistsError):
            ports.cases.keep_beside(AlreadySo(case.dispute_id), now=NOW, idempotency=kept)

    def test_r14_r45_a_yes_to_the_proposal_moves_nothing_and_one_comes_first(self, ports: Ports) -> None:
        case = replace(claimed(ports), assigned_to=FIRST.actor_id)
        made = proposals.propose(case, FIRST, OfferType.REFUND, Money(700, "USD"), "Fair.", NOW)
        ports.cases.commit(made, now=NOW)
        standing = made.after.proposal
        assert standing is not None
        yes = replace(standing, taken_by=Role.BUYER)
        late = made.after.deadline
        assert late is not None
        with pytest.raises(ConflictingWriteError):
            ports.cases.keep_beside(ProposalTaken(case.dispute_id, standing, yes, True), now=late)
        ports.cases.keep_beside(ProposalTaken(case.dispute_id, standing, yes, True), now=NOW)
        read = stored(ports, case)
        assert (read.proposal, read.version, read.updated_at) == (yes, made.after.version, NOW)
        other = replace(standing, taken_by=Role.SELLER)
        with pytest.raises(ConflictingWriteError):
            ports.cases.keep_beside(ProposalTaken(case.dispute_id, standing, other, True), now=NOW)
        # What was read before the yes leaves it as it is.
        given = people.statement(made.after, NOW + HOUR)
        ports.cases.commit(given, now=NOW + HOUR)
        assert stored(ports, case).proposal == yes
        agreed = proposals.take(stored(ports, case), SELLER, NOW + 2 * HOUR)
        assert not isinstance(agreed, Dispute)
        ports.cases.commit(agreed, now=NOW + 2 * HOUR)
        ended = stored(ports, case)
        assert (ended.status, ended.proposal) == (Status.RESOLVED, None)
        offers = {
            offer.offer_id: (offer.made_by, offer.status) for offer in ports.cases.offers(case.dispute_id)
        }
        assert offers[standing.offer.offer_id] == (Role.CASE_MANAGER, OfferStatus.ACCEPTED)

    def test_r47_one_ruling_waits_and_moves_nothing(self, ports: Ports) -> None:
        case = reviewed(ports)
        kept = waiting(ports, case)
        read = stored(ports, case)
        assert read == confirmations.waiting(case, kept)
        assert ruling(ports, case, kept.decision_id) == kept
        assert ruling(ports, case, "dc-none") is None
        dossier = ports.cases.dossier(case.dispute_id)
        assert dossier is not None
        assert list(dossier.rulings) == [kept]
        another = replace(kept, decision_id="dc-other")
        with pytest.raises(ConflictingWriteError):
            ports.cases.keep_beside(RulingStep(case.dispute_id, another, case.version), now=later(case))
        refused = confirmations.refuse(read, SECOND, kept, later(case))
        ports.cases.keep_beside(RulingStep(case.dispute_id, refused), now=later(case))
        assert stored(ports, case) == case
        assert ruling(ports, case, kept.decision_id) == refused
        with pytest.raises(ConflictingWriteError):
            ports.cases.keep_beside(RulingStep(case.dispute_id, refused), now=later(case))

    def test_r47_a_ruling_is_made_on_the_case_as_it_was_read(self, ports: Ports) -> None:
        case = reviewed(ports)
        offered = people.counter_offer(case, later(case))
        ports.cases.commit(offered, now=later(case))
        with pytest.raises(ConflictingWriteError):
            waiting(ports, case)
        assert stored(ports, case) == offered.after

    def test_r47_a_step_of_a_party_that_did_not_read_of_the_ruling_voids_it(self, ports: Ports) -> None:
        case = reviewed(ports)
        kept = waiting(ports, case)
        # Decided on the case as it was before the ruling began to wait.
        offered = people.counter_offer(case, later(case))
        ports.cases.commit(offered, now=later(case))
        read = stored(ports, case)
        assert read.waiting_ruling is None
        assert confirmations.status_of(read, kept) is RulingStatus.VOID

    def test_r47_talk_and_the_clock_leave_a_ruling_as_it_is(self, ports: Ports) -> None:
        case = reviewed(ports)
        kept = waiting(ports, case)
        said = messages.send_message(case, BUYER, "When?", later(case))
        ports.cases.commit(said, now=later(case))
        due = case.deadline
        assert due is not None
        noted = people.next_step(stored(ports, case), due)
        ports.cases.commit(noted, now=due)
        read = stored(ports, case)
        assert (read.missed_noted, confirmations.status_of(read, kept)) == (True, RulingStatus.WAITING)
        confirmed = confirmations.confirm(read, SECOND, kept, due + HOUR)
        ports.cases.commit(confirmed, now=due + HOUR)
        ended = stored(ports, case)
        assert (ended.status, ended.waiting_ruling) == (Status.DECIDED, None)
        settled = ruling(ports, case, kept.decision_id)
        assert settled is not None
        assert (settled.status, settled.settled_by) == (RulingStatus.CONFIRMED, "m-2")

    def test_r47_confirming_loses_against_what_came_before(self, ports: Ports) -> None:
        case = reviewed(ports)
        kept = waiting(ports, case)
        read = stored(ports, case)
        confirmed = confirmations.confirm(read, SECOND, kept, later(case))
        withdrawn = confirmations.withdraw(read, FIRST, kept, later(case))
        ports.cases.keep_beside(RulingStep(case.dispute_id, withdrawn), now=later(case))
        with pytest.raises(ConflictingWriteError):
            ports.cases.commit(confirmed, now=later(case))
        assert stored(ports, case) == case
