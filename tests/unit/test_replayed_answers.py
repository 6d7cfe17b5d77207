"""What an answer that was given before is, and is not (Q4)."""

from datetime import UTC, datetime, timedelta

from buyer_protection.adapters.dynamodb.mapping import IDEMPOTENCY_LIFE
from buyer_protection.application.actions.execute import Command, stored_response
from buyer_protection.application.ports.idempotency import Answer, IdempotencyRecord
from tests.unit.application.helpers import BUYER

GIVEN = Answer(200, b"{}", 7, "/v1/disputes/dp-1")


def test_a_stored_answer_is_the_same_answer_and_says_that_it_was_given_before() -> None:
    again = stored_response(Command(BUYER, "id", "hash"), IdempotencyRecord("id", "hash", GIVEN))

    assert again is not None
    assert again.replayed
    assert not GIVEN.replayed
    assert again == GIVEN
    assert hash(again) == hash(GIVEN)


def test_answers_that_differ_in_anything_that_was_said_are_not_the_same() -> None:
    others = (Answer(201, b"{}", 7, GIVEN.location), Answer(200, b"[]", 7, GIVEN.location))
    others += (Answer(200, b"{}", 8, GIVEN.location), Answer(200, b"{}", 7, None))
    for other in others:
        assert other != GIVEN


def test_a_key_lives_for_thirty_days() -> None:
    now = datetime(2026, 3, 10, tzinfo=UTC)

    assert now + IDEMPOTENCY_LIFE == now + timedelta(days=30)
