"""Webhooks: who hears of what, what is tried again and for how long, and secrets that are shown once (H13)."""

import json
from dataclasses import replace
from datetime import timedelta

import pytest
from msgspec import structs

from buyer_protection.application.actions import webhooks as calls
from buyer_protection.application.ports.webhooks import Attempt
from buyer_protection.application.schemas.webhook_documents import DeliveriesQuery, WebhookRequest
from buyer_protection.application.workers.webhooks import Delivered, Outcome
from buyer_protection.domain.errors import (
    ConflictError,
    ForbiddenError,
    IdempotencyKeyReusedError,
    InvalidRequestError,
    NotFoundError,
)
from buyer_protection.domain.event_names import WEBHOOK_TEST, EventName
from buyer_protection.domain.webhooks import (
    ATTEMPTS,
    MAX_ENDPOINTS,
    RETRY_DELAYS,
    SECRETS_OVERLAP,
    SWITCH_OFF_AFTER,
    DeliveryStatus,
    SendError,
)
from tests.support.builders import DAY
from tests.unit.application.helpers import BUYER, SHOP, call, doc, world
from tests.unit.application.webhook_helpers import (
    KEY,
    URL,
    deliver,
    event,
    keeper,
    log_of,
    publish,
    put,
    refused,
    swept,
)


def test_h13_an_event_goes_to_the_bus_the_feed_and_whoever_wants_it() -> None:
    of = world()
    put(of)
    put(of, "some", types=[EventName.OFFER_MADE])
    put(of, "off", active=False)
    publish(of, event(1), event(2, "OfferMade"))
    assert [one.type for one in of.bus.published] == [row.type for row in of.feed.rows]
    assert sorted(webhook for webhook, _ in of.webhook_queue.asked) == ["erp", "erp", "some"]
    assert deliver(of) == [Delivered(Outcome.DELIVERED)] * 3
    bodies = {body for _, body, _, _ in of.sender.sent}
    assert bodies == {row.body for row in of.feed.rows}
    assert {event_id for _, _, event_id, _ in of.sender.sent} == {"dp-1-1-DisputeOpened", "dp-1-2-OfferMade"}


def test_q31_a_delivery_that_the_queue_does_not_take_is_found_by_the_sweeper(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    of = world()
    put(of)

    def refuse(_deliveries: object) -> None:
        raise TimeoutError

    with monkeypatch.context() as patch:
        patch.setattr(of.webhook_queue, "enqueue", refuse)
        publish(of, event())
        publish(of, event())
    assert [one.type for one in of.bus.published] == ["DisputeOpened"] * 2, "the bus is not kept waiting"
    of.clock.at += timedelta(minutes=1)
    assert swept(of) == 1
    assert [one.outcome for one in deliver(of)] == [Outcome.DELIVERED]
    # What has been sent is not asked for again, though the queue fails once more.
    with monkeypatch.context() as patch:
        patch.setattr(of.webhook_queue, "enqueue", refuse)
        publish(of, event())
    of.clock.at += timedelta(hours=1)
    assert swept(of) == 0


def test_h13_an_event_that_is_published_twice_is_delivered_once() -> None:
    of = world()
    put(of)
    for _ in range(3):
        publish(of, event())
    assert [one.outcome for one in deliver(of)] == [Outcome.DELIVERED, Outcome.NOTHING, Outcome.NOTHING]
    assert len(of.sender.sent) == 1
    (line,) = log_of(of)
    assert (line["status"], line["attempts"], line["last_status"]) == ("DELIVERED", 1, 204)


def test_h13_a_delivery_that_fails_is_tried_ten_times_over_three_days_and_given_up() -> None:
    of = world()
    put(of)
    of.sender.answers = [refused() for _ in range(ATTEMPTS)]
    publish(of, event(of=of))
    began, waited = of.clock.at, []
    assert deliver(of) == [Delivered(Outcome.FAILED)]
    for _ in range(ATTEMPTS - 1):
        (kept,) = of.webhooks.sent.values()
        assert kept.next_attempt_at is not None
        waited.append(kept.next_attempt_at - of.clock.at)
        of.clock.at = kept.next_attempt_at - timedelta(milliseconds=1)
        assert swept(of) == 0
        of.clock.at = kept.next_attempt_at
        assert swept(of) == 1
        (done,) = deliver(of)
    assert done == Delivered(Outcome.GIVEN_UP)
    assert all(abs(one - planned) <= planned * 0.1 for one, planned in zip(waited, RETRY_DELAYS, strict=True))
    assert 2.7 * DAY < of.clock.at - began < 3.3 * DAY
    of.clock.at += 9 * DAY
    assert (swept(of), len(of.sender.sent)) == (0, ATTEMPTS)
    (line,) = log_of(of)
    assert (line["status"], line["last_status"], line["last_error"]) == ("GIVEN_UP", 503, "HTTP_STATUS")


def test_h13_a_message_that_comes_too_early_or_twice_makes_no_attempt() -> None:
    of = world()
    put(of)
    of.sender.answers = [refused()]
    publish(of, event())
    (asked,) = of.webhook_queue.asked
    deliver(of)
    of.webhook_queue.asked = [asked]
    assert deliver(of) == [Delivered(Outcome.NOTHING)]
    of.webhook_queue.asked = [("erp", "never"), ("gone", "never")]
    assert deliver(of) == [Delivered(Outcome.NOTHING)] * 2


@pytest.mark.parametrize("attempt", range(1, ATTEMPTS))
def test_h13_an_attempt_that_dies_without_a_word_is_followed_by_the_next(
    attempt: int, monkeypatch: pytest.MonkeyPatch
) -> None:
    of = world()
    put(of)
    of.sender.answers = [refused() for _ in range(attempt - 1)]
    publish(of, event(of=of))
    for _ in range(attempt - 1):
        deliver(of)
        (kept,) = of.webhooks.sent.values()
        of.clock.at = kept.next_attempt_at or of.clock.at
        assert swept(of) == 1
    (message,) = of.webhook_queue.asked
    with monkeypatch.context() as dying:
        dying.setattr(of.sender, "send", lambda *_: pytest.fail("killed"))
        with pytest.raises(pytest.fail.Exception):
            deliver(of)
    # The queue shows the message again once the killed function's time is over.
    of.clock.at += timedelta(seconds=30)
    of.webhook_queue.asked = [message]
    assert deliver(of) == [Delivered(Outcome.NOTHING)]
    of.clock.at += 2 * DAY
    assert swept(of) == 1
    assert deliver(of) == [Delivered(Outcome.DELIVERED)]


def test_h13_an_endpoint_is_switched_off_after_days_or_when_it_says_that_it_is_gone() -> None:
    of = world()
    put(of)
    of.sender.answers = [refused(), refused()]
    publish(of, event(1))
    deliver(of)
    assert of.webhooks.kept["erp"].failing_since == of.clock.at
    of.clock.at += SWITCH_OFF_AFTER
    publish(of, event(2))
    assert deliver(of) == [Delivered(Outcome.FAILED, switched_off=True)]
    assert (of.webhooks.kept["erp"].active, of.webhooks.kept["erp"].switched_off_at) == (False, of.clock.at)
    publish(of, event(3))
    assert of.webhook_queue.asked == []
    assert put(of)["switched_off_at"] is None
    of.sender.answers = [Attempt(410, SendError.HTTP_STATUS)]
    publish(of, event(4))
    assert deliver(of) == [Delivered(Outcome.FAILED, switched_off=True)]


def test_h13_what_arrives_ends_the_failing() -> None:
    of = world()
    put(of)
    of.sender.answers = [refused()]
    publish(of, event(1), event(2))
    deliver(of)
    assert of.webhooks.kept["erp"].failing_since is None


def test_h13_what_waits_for_an_endpoint_that_is_gone_or_off_is_dropped() -> None:
    of = world()
    for remove in (True, False):
        put(of)
        publish(of, event(1 if remove else 2))
        if remove:
            calls.delete_webhook(of.context, call(SHOP), of.webhooks, "erp")
        else:
            put(of, active=False)
        assert deliver(of) == [Delivered(Outcome.DROPPED)]
    assert of.sender.sent == []


def test_h13_a_secret_is_shown_when_it_is_made_and_never_again() -> None:
    of = world()
    assert put(of)["secret"] == "whsec_1"
    of.clock.at += DAY
    again = put(of, types=[EventName.ORDER_HELD, EventName.DISPUTE_OPENED])
    assert "secret" not in again
    assert again["types"] == ["DisputeOpened", "OrderHeld"]
    assert again["created_at"] < again["updated_at"]
    assert "whsec" not in json.dumps(doc(calls.list_webhooks(call(SHOP), of.webhooks)))


def test_h13_a_rotation_signs_with_both_secrets_for_a_day_and_is_made_once_a_key() -> None:
    of, rotating = world(), "rotate-0000000001"
    put(of)
    made = keeper(of)
    first = doc(calls.rotate_webhook(of.context, call(SHOP, rotating), made, "erp"))
    assert doc(calls.rotate_webhook(of.context, call(SHOP, rotating), made, "erp")) == first
    publish(of, event(1))
    deliver(of)
    assert of.sender.sent[-1][3] == (first["secret"], "whsec_1")
    of.clock.at += SECRETS_OVERLAP
    publish(of, event(2))
    deliver(of)
    assert of.sender.sent[-1][3] == (first["secret"],)
    second = doc(calls.rotate_webhook(of.context, call(SHOP, "rotate-0000000002"), made, "erp"))
    assert second["secret"] != first["secret"]
    # The first call again: its secret is no more, and nothing is rotated.
    late = doc(calls.rotate_webhook(of.context, call(SHOP, rotating), made, "erp"))
    assert "secret" not in late
    assert of.webhooks.signing["erp"].current == second["secret"]
    assert "whsec" not in str(of.idempotency_records)
    with pytest.raises(IdempotencyKeyReusedError):
        calls.rotate_webhook(of.context, call(SHOP, rotating, body="other"), made, "erp")


def test_h13_a_rotation_that_is_asked_for_again_says_nothing_of_what_the_endpoint_did_since() -> None:
    of = world()
    put(of)
    rotate = calls.rotate_webhook(of.context, call(SHOP, KEY), keeper(of), "erp")
    of.sender.answers = [refused()]
    publish(of, event())
    deliver(of)
    assert doc(calls.list_webhooks(call(SHOP), of.webhooks))["items"][0]["failing_since"] is not None
    again = calls.rotate_webhook(of.context, call(SHOP, KEY), keeper(of), "erp")
    assert again.body == rotate.body


def test_h13_a_test_is_one_delivery_a_key_and_goes_to_a_webhook_that_is_off() -> None:
    of = world()
    put(of, active=False)
    sent = [
        doc(calls.send_test(of.context, call(SHOP, KEY), of.webhooks, of.webhook_queue, "erp"))
        for _ in range(2)
    ]
    assert sent[0] == sent[1]
    assert deliver(of) == [Delivered(Outcome.DELIVERED)]
    _, body, event_id, _ = of.sender.sent[0]
    assert json.loads(body)["type"] == WEBHOOK_TEST
    assert json.loads(body)["subject"] == "erp"
    assert event_id == sent[0]["event_id"]


def test_h13_what_a_call_asks_for_is_sent_though_the_queue_has_lost_it() -> None:
    of = world()
    put(of)
    calls.send_test(of.context, call(SHOP, KEY), of.webhooks, of.webhook_queue, "erp")
    of.webhook_queue.asked.clear()
    of.clock.at += timedelta(minutes=1)
    assert swept(of) == 1
    assert deliver(of) == [Delivered(Outcome.DELIVERED)]


def test_h13_a_replay_sends_the_same_body_under_the_same_id() -> None:
    of = world()
    put(of)
    publish(of, event())
    deliver(of)
    (line,) = log_of(of)
    again = doc(
        calls.replay_webhook_delivery(
            of.context, call(SHOP, KEY), of.webhooks, of.webhook_queue, "erp", line["delivery_id"]
        )
    )
    assert (again["status"], again["attempts"]) == ("PENDING", 0)
    assert deliver(of) == [Delivered(Outcome.DELIVERED)]
    assert of.sender.sent[0][:3] == of.sender.sent[1][:3]


def test_h13_an_attempt_notes_nothing_over_a_replay_that_came_meanwhile() -> None:
    of = world()
    put(of)
    publish(of, event())
    (kept,) = of.webhooks.sent.values()
    begun = kept.begun(of.clock.at)
    assert of.webhooks.begin(kept, begun)
    of.webhooks.ask(begun.again(), begun, of.clock.at, None)
    of.webhooks.settle(begun, begun.succeeded(200))
    assert of.webhooks.sent["erp", kept.delivery_id].status is DeliveryStatus.PENDING


def test_h13_only_the_shops_own_systems_know_of_webhooks() -> None:
    of = world()
    put(of)
    person = call(BUYER, KEY)
    store, queue = of.webhooks, of.webhook_queue
    for refuse in (
        lambda: calls.list_webhooks(person, store),
        lambda: calls.put_webhook(of.context, person, keeper(of), "erp", WebhookRequest(URL)),
        lambda: calls.delete_webhook(of.context, person, store, "erp"),
        lambda: calls.rotate_webhook(of.context, person, keeper(of), "erp"),
        lambda: calls.send_test(of.context, person, store, queue, "erp"),
        lambda: calls.list_webhook_deliveries(person, store, "erp", DeliveriesQuery()),
        lambda: calls.replay_webhook_delivery(of.context, person, store, queue, "erp", "x"),
    ):
        with pytest.raises(ForbiddenError):
            refuse()


def test_h13_what_is_not_there_is_not_found() -> None:
    of = world()
    shop, store, queue = call(SHOP, KEY), of.webhooks, of.webhook_queue
    for absent in (
        lambda: calls.delete_webhook(of.context, shop, store, "erp"),
        lambda: calls.rotate_webhook(of.context, shop, keeper(of), "erp"),
        lambda: calls.send_test(of.context, shop, store, queue, "erp"),
        lambda: calls.list_webhook_deliveries(shop, store, "erp", DeliveriesQuery()),
        lambda: calls.replay_webhook_delivery(of.context, shop, store, queue, "erp", "x"),
    ):
        with pytest.raises(NotFoundError):
            absent()
    put(of)
    with pytest.raises(NotFoundError):
        calls.replay_webhook_delivery(of.context, shop, store, queue, "erp", "x")


@pytest.mark.parametrize(
    ("url", "code"),
    [
        ("https://private.example.com/", "NOT_ALLOWED"),
        ("https://shop.example.com:99999/", "INVALID_FORMAT"),
        ("https://shop.example.com:0/", "INVALID_FORMAT"),
        ("https://shop..example.com/", "INVALID_FORMAT"),
        (f"https://{'a' * 63}.example.com/", None),
        (f"https://{'a' * 64}.example.com/", "INVALID_FORMAT"),
        (f"https://{'a.' * 123}example.com/", "INVALID_FORMAT"),
    ],
)
def test_h13_a_url_that_leads_nowhere_is_refused(url: str, code: str | None) -> None:
    of = world()
    if code is None:
        put(of, url=url)
        return
    with pytest.raises(InvalidRequestError) as refusal:
        put(of, url=url)
    assert [(one.pointer, one.code) for one in refusal.value.fields] == [("/url", code)]


def test_h13_there_are_so_many_webhooks_and_no_more() -> None:
    of = world()
    for number in range(MAX_ENDPOINTS):
        put(of, f"w-{number}")
    with pytest.raises(ConflictError, match="endpoints") as refusal:
        put(of)
    assert refusal.value.code == "LIMIT_REACHED"
    put(of, "w-1", active=False)


def test_h13_the_log_is_paged_and_its_token_is_the_callers() -> None:
    of = world()
    put(of)
    publish(of, *(event(number) for number in range(1, 4)))
    first = doc(calls.list_webhook_deliveries(call(SHOP), of.webhooks, "erp", DeliveriesQuery(page_size=2)))
    query = DeliveriesQuery(page_size=2, page_token=first["next_page_token"])
    rest = doc(calls.list_webhook_deliveries(call(SHOP), of.webhooks, "erp", query))
    assert (len(first["items"]), len(rest["items"]), "next_page_token" in rest) == (2, 1, False)
    put(of, "other")
    with pytest.raises(InvalidRequestError):
        calls.list_webhook_deliveries(call(SHOP), of.webhooks, "other", query)
    other = call(structs.replace(SHOP, caller_id="another"))
    with pytest.raises(InvalidRequestError):
        calls.list_webhook_deliveries(other, of.webhooks, "erp", query)


def test_h13_the_jitter_is_that_of_the_delivery_and_stays_within_a_tenth() -> None:
    of = world()
    put(of)
    publish(of, *(event(number) for number in range(1, 60)))
    delays = {one.begun(of.clock.at).next_attempt_at for one in of.webhooks.sent.values()}
    assert len(delays) > 30
    one = next(iter(of.webhooks.sent.values()))
    last = replace(one, attempts=ATTEMPTS - 1).begun(of.clock.at)
    assert last == replace(one, attempts=ATTEMPTS - 1).begun(of.clock.at)
