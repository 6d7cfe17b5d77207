"""Each worker function broken when its moment comes, then repaired: the case ends right, no mail twice, none lost.

Broken means that the function cannot even start: its handler is configured to one that does not exist.
"""

from __future__ import annotations

from datetime import timedelta

import pytest

from tests.e2e.case import Case
from tests.e2e.checks import check_closed_well, check_events, check_mails, matrix, path
from tests.e2e.faults import broken
from tests.e2e.waiting import until, utc_now
from tests.e2e.world import FUNCTION_PREFIX, World

pytestmark = [pytest.mark.usefixtures("quiet"), pytest.mark.verify]


def until_entered(case: Case, state: str) -> None:
    until(
        f"{case.dispute_id} entered {state}",
        lambda: any(state in run.states for run in case.world.runs(case.dispute_id)),
    )


def claim(world: World) -> Case:
    """A case in its evidence window; both parties have the mail about it."""
    case = Case.opened(world)
    case.escalate()
    case.await_parked("CLAIM_EVIDENCE")
    for party in ("BUYER", "SELLER"):
        case.await_mail(party, "ESCALATED")
    return case


CLAIM_MAILS = {
    "DISPUTE_OPENED": "BS",
    "MAY_ESCALATE": "B",
    "ESCALATED": "BS",
    "EVIDENCE_WINDOW_SET": "BS",
    "REMINDER_EVIDENCE": "BS",
    "CANCELLED_NO_EVIDENCE": "BS",
}
CLAIM_EVENTS = ("DisputeOpened", "OrderHeld", "DisputeEscalated", "DisputeCancelled", "OrderReleased")


def test_close_window_broken_at_the_end_of_a_window_delays_it_and_loses_nothing(world: World) -> None:
    """R22: the execution backs off and looks again until the function works."""
    case = claim(world)
    with broken(world, "close_window"):
        case.set_evidence_window(utc_now() + timedelta(seconds=3 * world.day))
        # The step tries again by itself, with growing pauses.
        until_entered(case, "CloseWindow")
    file = case.finished()
    check_closed_well(file, status="CANCELLED", outcome="CANCELLED_NO_EVIDENCE")
    check_mails(file, matrix(**CLAIM_MAILS))
    check_events(case, *CLAIM_EVENTS, again=True)


def test_open_mediation_broken_at_the_escalation_delays_the_brief_and_loses_nothing(world: World) -> None:
    """R23: both parties get one mail about the claim, as soon as the mediation is open."""
    case = Case.opened(world)
    with broken(world, "open_mediation"):
        case.escalate()
        until_entered(case, "OpenMediation")
        assert not case.row("STATE").get("mediation_opened_at")
    until("the desk is open", lambda: case.row("STATE").get("mediation_opened_at"))
    for party in ("BUYER", "SELLER"):
        case.await_mail(party, "ESCALATED")
    case.await_parked("CLAIM_EVIDENCE")
    assert case.read("case_manager", f"{case.path}/claim/brief")["prepared_at"]
    case.set_evidence_window(utc_now() + timedelta(seconds=3 * world.day))
    file = case.finished()
    check_closed_well(file, status="CANCELLED", outcome="CANCELLED_NO_EVIDENCE")
    assert file.happened.count("MEDIATION_OPENED") == 1
    check_mails(file, matrix(**CLAIM_MAILS))
    check_events(case, *CLAIM_EVENTS, again=True)


def test_notify_parties_broken_holds_no_case_up_and_every_mail_leaves_once_afterwards(world: World) -> None:
    """R23: what the queue could not deliver leaves with the case's next mail, or when the queue brings its message
    again."""
    case = Case(world)
    case.ship()
    with broken(world, "notify_parties"):
        case.open()
        case.offer("seller", 1_000)
        until("three mails wait", lambda: _waiting(case, "DISPUTE_OPENED", "OFFER_MADE") == 3)
    case.offer("buyer", 2_000)
    for recipient, kind in matrix(DISPUTE_OPENED="BS", OFFER_MADE="BS"):
        case.await_mail(recipient, kind)
    with broken(world, "notify_parties"):
        case.act("seller", "offers/of-3/accept")
        until_entered(case, "Closed")
        # The notice that the case may be escalated waits beside them, where its instant fell into the outage.
        until("both closing mails wait", lambda: _waiting(case, "OFFER_ACCEPTED") == 2)
    world.ask_for_mails(case.dispute_id)
    file = case.finished()
    check_closed_well(file, status="RESOLVED", outcome="AGREED_PARTIAL_REFUND", refund=2_000)
    assert [path(run) for run in file.runs] == [["AwaitSettlement", "NotifyOutcome", "Closed"]]
    check_mails(file, matrix(DISPUTE_OPENED="BS", OFFER_MADE="BS", MAY_ESCALATE="B", OFFER_ACCEPTED="BS"))


def test_dispatch_changes_broken_makes_up_for_everything_once_it_works_again(world: World) -> None:
    """Executions are started and woken, mails sent and events published: each once, only later."""
    case = Case(world)
    case.ship()
    with broken(world, "dispatch_changes"):
        case.open()
        until("the stream's batch has failed", lambda: _stream_fails(world))
        assert world.runs(case.dispute_id) == []
        assert case.outbox() == []
    case.await_parked("NEGOTIATION")
    for party in ("BUYER", "SELLER"):
        case.await_mail(party, "DISPUTE_OPENED")
    with broken(world, "dispatch_changes"):
        case.act("seller", "accept-request")
        until("the stream's batch has failed", lambda: _stream_fails(world))
        assert _waiting(case, "OFFER_ACCEPTED") == 0
    file = case.finished()
    check_closed_well(file, status="RESOLVED", outcome="AGREED_FULL_REFUND", refund=5_000)
    check_mails(file, matrix(DISPUTE_OPENED="BS", MAY_ESCALATE="B", OFFER_ACCEPTED="BS"))
    check_events(
        case,
        *(
            "DisputeOpened",
            "OrderHeld",
            "OfferAccepted",
            "DisputeResolved",
            "OrderReleased",
            "OrderCompleted",
            "RefundRequested",
        ),
        again=True,
    )


def _waiting(case: Case, *kinds: str) -> int:
    """How many mails of these kinds are written and not sent. By kind: reminders come when their instant comes."""
    return sum(row["status"] == "PENDING" and row["mail"] in kinds for row in case.outbox())


def _stream_fails(world: World) -> bool:
    mappings = world.functions.list_event_source_mappings(FunctionName=FUNCTION_PREFIX + "dispatch_changes")
    return any(mapping.get("LastProcessingResult") == "FAILED" for mapping in mappings["EventSourceMappings"])
