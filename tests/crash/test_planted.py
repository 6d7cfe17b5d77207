"""The matrix is worth what it catches: each of these bugs is planted, and caught (Q2)."""

from collections.abc import Callable
from itertools import count
from typing import Any

import pytest

from buyer_protection.adapters.aws.event_bus import EventBridgeBus
from buyer_protection.adapters.dynamodb.refund_store import PynamoRefundStore
from buyer_protection.adapters.dynamodb.seller_metrics import PynamoSellerMetrics, add_to_metrics
from buyer_protection.adapters.dynamodb.transaction import Transaction
from buyer_protection.application.actions import execute
from buyer_protection.application.mails import delivery
from buyer_protection.application.workers import watch
from buyer_protection.domain.timeline import instant
from infra.routes import EMULATED_SPECS, SPECS
from tests.crash.flows import FLOWS
from tests.crash.matrix import MODES, cell, faults, right_run
from tests.crash.world import Kept, World
from tests.support import called
from tests.support.in_process import handler_of

pytestmark = pytest.mark.verify
Plant = Callable[[pytest.MonkeyPatch], None]


@pytest.fixture(scope="module")
def empty(world: World) -> Kept:
    """A world in which nothing has happened."""
    return world.keep()


def no_kept_answers(patch: pytest.MonkeyPatch) -> None:
    """A missing condition: nothing distinguishes a repeated call from a second one."""
    patch.setattr(execute, "idempotency_record_of", lambda *_: None)


def counted_without_a_mark(patch: pytest.MonkeyPatch) -> None:
    """A write that is not conditional: what the stream delivers twice counts twice."""

    def add(_: object, seller_id: str, dispute_id: str, counted: Any, _now: object) -> None:
        transaction = Transaction()
        add_to_metrics(transaction, seller_id, dispute_id, counted.adds, counted.day)
        transaction.commit()

    patch.setattr(PynamoSellerMetrics, "count", add)


def noted_before_it_is_sent(patch: pytest.MonkeyPatch) -> None:
    """The order turned round: a mail counts as sent, and then it is sent."""

    send = delivery._send

    def note_and_send(post: Any, mail: Any, dossier: Any, loaded: Any) -> str:
        post.outbox.settle(mail, post.clock.now(), message_id="m")
        return send(post, mail, dossier, loaded)

    patch.setattr(delivery, "_send", note_and_send)


def events_under_new_names(patch: pytest.MonkeyPatch) -> None:
    """An effect under another id each time: receivers cannot know it for the same."""
    numbers, entry = count(1), EventBridgeBus._entry

    def named(bus: EventBridgeBus, event: Any) -> Any:
        made = dict(entry(bus, event))
        return {
            **made,
            "Detail": str(made["Detail"]).replace(event.event_id, f"{event.event_id}-{next(numbers)}"),
        }

    patch.setattr(EventBridgeBus, "_entry", named)


def published_before_it_is_written(patch: pytest.MonkeyPatch) -> None:
    """An effect before the commit: the stream's reader is not asked, the case's own transaction may never come."""
    from buyer_protection.adapters.dynamodb.case_store import PynamoCaseStore
    from buyer_protection.application.ports.events import OutboundEvent
    from buyer_protection.composition import container

    commit = PynamoCaseStore.commit

    def publish_and_commit(store: Any, change: Any, *, now: Any, **more: Any) -> None:
        event_id = f"{change.after.dispute_id}-{change.after.version}-{instant(now)}"
        about = {"dispute_id": change.after.dispute_id}
        container.get().event_bus.publish([OutboundEvent(event_id, "DisputeOpened", now, about)])
        commit(store, change, now=now, **more)

    patch.setattr(PynamoCaseStore, "commit", publish_and_commit)


def not_kept_due(patch: pytest.MonkeyPatch) -> None:
    """As the sweeper once was: a round that dies behind the deadline leaves a case that nobody waits for."""

    def commit(kept: Any, change: Any, **more: Any) -> None:
        kept._cases.commit(change, **more)

    patch.setattr(watch.KeptDue, "commit", commit)


def noted_before_it_is_asked(patch: pytest.MonkeyPatch) -> None:
    """As the sweeper once was: an attempt is used up, and then the refund is asked for."""
    find = PynamoRefundStore.overdue

    def find_and_note(store: PynamoRefundStore, dispute_id: str, now: Any) -> Any:
        refund = find(store, dispute_id, now)
        return refund if refund is not None and store.note_asked(refund, now) else None

    patch.setattr(PynamoRefundStore, "overdue", find_and_note)


@pytest.mark.parametrize(
    ("plant", "name"),
    [
        (no_kept_answers, "the seller makes an offer"),
        (no_kept_answers, "a message is sent"),
        (counted_without_a_mark, "the stream delivers an opening"),
        (noted_before_it_is_sent, "mails go out from the queue"),
        (events_under_new_names, "the stream delivers a decision"),
        (published_before_it_is_written, "a dispute is opened"),
        (not_kept_due, "the sweeper escalates"),
        (noted_before_it_is_asked, "the sweeper asks for a failed refund again"),
    ],
)
def test_q2_a_planted_bug_is_caught(
    world: World, empty: Kept, monkeypatch: pytest.MonkeyPatch, plant: Plant, name: str
) -> None:
    # A module that is loaded while the bug is in place would keep it for all tests behind this one.
    for row in (*SPECS, *EMULATED_SPECS):
        handler_of(row.id)
    number, flow = next((n, flow) for n, flow in enumerate(FLOWS) if flow.name == name)
    plant(monkeypatch)
    right = right_run(world, flow, empty)
    # Most of these bugs are seen where a process dies: what dies comes first, at every call.
    tried = sorted(faults(right, number, whole=True), key=lambda fault: MODES.index(fault.mode))
    assert any(cell(world, right, fault).differences for fault in tried)
    # What a planted bug calls is no right of the function (Q33).
    called.take_not_allowed()
