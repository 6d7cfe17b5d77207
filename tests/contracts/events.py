"""The contract of the feed and of the webhooks."""

from dataclasses import replace
from datetime import datetime
from typing import Any

import pytest
from msgspec import structs

from buyer_protection.application.ports.errors import ConflictingWriteError, IdempotencyRecordExistsError
from buyer_protection.application.ports.events import OutboundEvent
from buyer_protection.application.ports.mails import subject_of_webhook
from buyer_protection.domain.timeline import instant
from buyer_protection.domain.webhooks import (
    ATTEMPTS,
    Delivery,
    DeliveryStatus,
    Endpoint,
    Secrets,
    SendError,
    delivery_id_of,
)
from tests.contracts.ports import Ports
from tests.contracts.scenes import HOUR, MINUTE, MS, idempotency
from tests.integration.people import OPENED, days

URL = "https://shop.example.com/hooks"


def event(ports: Ports, name: str = "DisputeOpened") -> OutboundEvent:
    dispute_id = ports.dispute_id()
    return OutboundEvent(f"{dispute_id}-1-{name}", name, OPENED, {"dispute_id": dispute_id})


def endpoint(ports: Ports, **changes: Any) -> Endpoint:
    made = Endpoint(ports.dispute_id(), URL, ("OfferMade",), True, OPENED, OPENED)
    return replace(made, **changes)


def created(ports: Ports) -> Endpoint:
    made = endpoint(ports)
    assert ports.webhooks.create(made, Secrets("whsec_b25l"))
    return made


def delivery(ports: Ports, webhook_id: str, minutes: int = 0) -> Delivery:
    sent, at = event(ports), OPENED + minutes * MINUTE
    return Delivery(webhook_id, delivery_id_of(sent.event_id, at), sent.event_id, sent.type, "{}", at)


class FeedContract:
    def test_h13_the_feed_gives_events_in_the_order_of_their_writing_over_days(self, ports: Ports) -> None:
        written = [event(ports) for _ in range(4)]
        ports.clock.at = OPENED
        ports.feed.append(written[:2])
        ports.clock.at = OPENED + days(1)
        ports.feed.append(written[2:3])
        ports.clock.at = OPENED + days(3)
        ports.feed.append(written[3:])

        until = OPENED + days(4)
        found = self._mine(ports, written, instant(OPENED - MS), until)
        assert found == [one.event_id for one in written]
        # Behind each of its positions comes the rest, and before an instant nothing that was written at it.
        rows = ports.feed.read(instant(OPENED - MS), until, limit=500)
        positions = [row.position for row in rows if row.position.split("#")[1] == written[1].event_id]
        assert self._mine(ports, written, positions[0], until) == found[2:]
        assert self._mine(ports, written, instant(OPENED - MS), OPENED + days(3)) == found[:3]
        assert len(ports.feed.read(instant(OPENED - MS), until, limit=2)) == 2

    def test_h13_the_feed_keeps_an_event_as_it_was_published(self, ports: Ports) -> None:
        written = event(ports)
        ports.clock.at = OPENED + days(9)
        ports.feed.append([written])
        rows = ports.feed.read(instant(OPENED + days(9) - MS), OPENED + days(10), limit=500)
        (row,) = [row for row in rows if written.event_id in row.position]
        assert (row.type, row.position[:24]) == ("DisputeOpened", instant(OPENED + days(9)))
        assert structs.asdict(row)["body"].startswith(f'{{"id":"{written.event_id}","schema_version":1,')

    def _mine(self, ports: Ports, written: list[OutboundEvent], after: str, until: datetime) -> list[str]:
        ids = {one.event_id for one in written}
        rows = ports.feed.read(after, until, limit=500)
        return [found for row in rows if (found := row.position.split("#", 1)[1]) in ids]


class WebhooksContract:
    def test_h13_an_endpoint_is_made_once_with_its_secret(self, ports: Ports) -> None:
        made = created(ports)
        assert not ports.webhooks.create(replace(made, url=f"{URL}/2"), Secrets("whsec_dHdv"))
        assert ports.webhooks.endpoint(made.webhook_id) == made
        assert ports.webhooks.secrets(made.webhook_id) == Secrets("whsec_b25l")
        assert made in ports.webhooks.endpoints()
        assert ports.webhooks.endpoint("absent") is ports.webhooks.secrets("absent") is None

    def test_h13_an_endpoint_is_replaced_as_it_was_read_or_not_at_all(self, ports: Ports) -> None:
        made = created(ports)
        after = replace(made, types=(), active=False, updated_at=OPENED + HOUR)
        assert ports.webhooks.replace(after, made)
        assert not ports.webhooks.replace(replace(made, updated_at=OPENED + 2 * HOUR), made)
        assert ports.webhooks.endpoint(made.webhook_id) == after

    def test_h13_a_removed_endpoint_is_no_more_and_can_be_made_anew(self, ports: Ports) -> None:
        made = created(ports)
        assert ports.webhooks.remove(made, OPENED + HOUR)
        assert not ports.webhooks.remove(made, OPENED + HOUR)
        assert ports.webhooks.endpoint(made.webhook_id) is ports.webhooks.secrets(made.webhook_id) is None
        assert made.webhook_id not in {one.webhook_id for one in ports.webhooks.endpoints()}
        ports.webhooks.note_failing(made.webhook_id, OPENED)
        assert not ports.webhooks.switch_off(made.webhook_id, OPENED)
        assert ports.webhooks.create(made, Secrets("whsec_dHdv"))
        assert ports.webhooks.endpoint(made.webhook_id) == made
        assert ports.webhooks.secrets(made.webhook_id) == Secrets("whsec_dHdv")

    def test_h13_since_when_an_endpoint_fails_is_kept_until_something_arrives(self, ports: Ports) -> None:
        made = created(ports)
        for since in (OPENED + HOUR, OPENED + 2 * HOUR):
            ports.webhooks.note_failing(made.webhook_id, since)
        assert ports.webhooks.endpoint(made.webhook_id) == replace(made, failing_since=OPENED + HOUR)
        ports.webhooks.note_working(made.webhook_id)
        assert ports.webhooks.endpoint(made.webhook_id) == made
        assert ports.webhooks.switch_off(made.webhook_id, OPENED + days(5))
        assert not ports.webhooks.switch_off(made.webhook_id, OPENED + days(6))
        off = replace(made, active=False, switched_off_at=OPENED + days(5))
        assert ports.webhooks.endpoint(made.webhook_id) == off

    def test_h13_secrets_are_rotated_once_a_call(self, ports: Ports) -> None:
        made, kept = created(ports), idempotency(ports)
        before = Secrets("whsec_b25l")
        after = before.rotated("whsec_dHdv", OPENED, kept.idempotency_id)
        ports.webhooks.rotate(made.webhook_id, before, after, OPENED, kept)
        assert ports.webhooks.secrets(made.webhook_id) == after
        assert ports.webhooks.stored(kept.idempotency_id) == kept
        with pytest.raises(IdempotencyRecordExistsError):
            ports.webhooks.rotate(made.webhook_id, after, before, OPENED, kept)
        with pytest.raises(ConflictingWriteError):
            ports.webhooks.rotate(made.webhook_id, before, after, OPENED, idempotency(ports))

    def test_h13_a_delivery_is_written_once_and_taken_once(self, ports: Ports) -> None:
        made = created(ports)
        one = delivery(ports, made.webhook_id)
        for _ in range(2):
            ports.webhooks.add(one)
        begun = one.begun(OPENED)
        assert ports.webhooks.begin(one, begun)
        assert not ports.webhooks.begin(one, begun)
        assert ports.webhooks.delivery(made.webhook_id, one.delivery_id) == begun
        # What lies in the queue is not due.
        assert self._due(ports, made, OPENED + days(9)) == []
        done = begun.succeeded(204)
        ports.webhooks.settle(begun, done)
        ports.webhooks.add(one)
        assert ports.webhooks.delivery(made.webhook_id, one.delivery_id) == done
        assert not ports.webhooks.begin(begun, begun.begun(OPENED))

    def test_h13_a_failed_attempt_is_due_when_the_next_one_is(self, ports: Ports) -> None:
        made = created(ports)
        one = delivery(ports, made.webhook_id)
        ports.webhooks.add(one)
        begun = one.begun(OPENED)
        assert ports.webhooks.begin(one, begun)
        failed = begun.failed(SendError.HTTP_STATUS, 503)
        ports.webhooks.settle(begun, failed)
        assert failed.next_attempt_at is not None
        assert self._due(ports, made, failed.next_attempt_at - MS) == []
        assert self._due(ports, made, failed.next_attempt_at) == [f"DELIVERY#{one.delivery_id}"]
        due = next(
            row
            for row in ports.timers.due(failed.next_attempt_at, limit=500)
            if row.dispute_id == subject_of_webhook(made.webhook_id)
        )
        assert ports.timers.postpone(due, due.due_at + HOUR)
        assert not ports.timers.postpone(due, due.due_at + 2 * HOUR)
        assert self._due(ports, made, failed.next_attempt_at) == []
        # The attempt itself takes it out of what is due, and the last one leaves it out.
        last = replace(failed.begun(OPENED + days(3)), attempts=ATTEMPTS)
        assert ports.webhooks.begin(failed, last)
        assert self._due(ports, made, OPENED + days(9)) == []
        ports.webhooks.settle(last, last.failed(SendError.TIMED_OUT, None))
        assert self._due(ports, made, OPENED + days(9)) == []
        kept = ports.webhooks.delivery(made.webhook_id, one.delivery_id)
        assert kept is not None
        assert (kept.status, kept.next_attempt_at) == (DeliveryStatus.GIVEN_UP, None)

    def test_h13_what_a_call_asks_for_is_due_soon_and_once(self, ports: Ports) -> None:
        made, kept = created(ports), idempotency(ports)
        one = delivery(ports, made.webhook_id)
        ports.webhooks.ask(one, None, OPENED, kept)
        assert self._due(ports, made, OPENED + MINUTE - MS) == []
        assert self._due(ports, made, OPENED + MINUTE) == [f"DELIVERY#{one.delivery_id}"]
        assert ports.webhooks.stored(kept.idempotency_id) == kept
        with pytest.raises(IdempotencyRecordExistsError):
            ports.webhooks.ask(one.again(), one, OPENED, kept)
        with pytest.raises(ConflictingWriteError):
            ports.webhooks.ask(one, None, OPENED, idempotency(ports))
        begun = one.begun(OPENED)
        assert ports.webhooks.begin(one, begun)
        with pytest.raises(ConflictingWriteError):
            ports.webhooks.ask(one.again(), one, OPENED, idempotency(ports))
        ports.webhooks.ask(begun.again(), begun, OPENED + HOUR, idempotency(ports))
        # The attempt that was being made meanwhile notes nothing any more.
        ports.webhooks.settle(begun, begun.succeeded(200))
        assert ports.webhooks.delivery(made.webhook_id, one.delivery_id) == begun.again()

    def test_h13_the_log_is_read_newest_first_and_in_pages(self, ports: Ports) -> None:
        made = created(ports)
        sent = [delivery(ports, made.webhook_id, minutes) for minutes in range(5)]
        for one in sent:
            ports.webhooks.add(one)
        newest_first, pages, start = sent[::-1], [], None
        while True:
            page = ports.webhooks.deliveries(made.webhook_id, limit=2, start=start)
            pages.append(list(page.items))
            start = page.next_key
            if start is None:
                break
        assert pages == [newest_first[:2], newest_first[2:4], newest_first[4:]]

    def _due(self, ports: Ports, of: Endpoint, at: datetime) -> list[str]:
        subject = subject_of_webhook(of.webhook_id)
        rows = ports.timers.due(at, limit=500)
        return [row.sort_key for row in rows if row.dispute_id == subject]
