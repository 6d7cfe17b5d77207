"""The feed: thirty days of events, in the order of their writing, and none is passed over (H13)."""

import json
from datetime import timedelta
from typing import Any

import pytest

from buyer_protection.application.actions.feed import HIDDEN_FOR, list_events
from buyer_protection.application.ports.events import OutboundEvent
from buyer_protection.application.schemas.webhook_documents import FeedQuery
from buyer_protection.domain.errors import ForbiddenError, InvalidRequestError
from buyer_protection.domain.event_names import EventName
from buyer_protection.runtime.problems import problem_of
from tests.support.builders import DAY
from tests.support.fakes import World
from tests.unit.application.helpers import BUYER, SHOP, call, doc, world


def event(number: int, name: str = "DisputeOpened") -> OutboundEvent:
    at = world().clock.at
    return OutboundEvent(f"dp-1-{number}-{name}", name, at, {"dispute_id": "dp-1", "seq": number})


def read(of: World, cursor: str | None = None, **more: Any) -> dict[str, Any]:
    return doc(list_events(of.context, call(SHOP), of.feed, FeedQuery(cursor=cursor, **more)))


def seqs(found: dict[str, Any]) -> list[int]:
    return [item["seq"] for item in found["items"]]


def test_h13_the_feed_is_read_to_its_end_and_goes_on_from_there() -> None:
    of = world()
    of.feed.append([event(number) for number in range(1, 6)])
    of.clock.at += DAY
    first = read(of, page_size=2)
    second = read(of, first["next_cursor"], page_size=2)
    third = read(of, second["next_cursor"], page_size=2)
    assert [seqs(first), seqs(second), seqs(third)] == [[1, 2], [3, 4], [5]]
    assert [part["has_more"] for part in (first, second, third)] == [True, True, False]
    idle = read(of, third["next_cursor"])
    assert (idle["items"], idle["has_more"]) == ([], False)
    of.feed.append([event(6)])
    of.clock.at += timedelta(minutes=1)
    assert seqs(read(of, idle["next_cursor"])) == [6]
    assert first["items"][0] == event(1).document()


def test_h13_what_is_being_written_now_is_left_out_and_not_passed_over() -> None:
    of = world()
    of.feed.append([event(1)])
    early = read(of)
    assert early["items"] == []
    of.clock.at += HIDDEN_FOR
    still = read(of, early["next_cursor"])
    assert still["items"] == []
    of.clock.at += timedelta(milliseconds=1)
    assert seqs(read(of, still["next_cursor"])) == [1]


def test_h13_types_drop_the_others_and_the_cursor_passes_them() -> None:
    of = world()
    of.feed.append([event(number, "OfferMade" if number % 2 else "MessageSent") for number in range(1, 8)])
    of.clock.at += DAY
    only = [EventName.OFFER_MADE]
    first = read(of, types=only, page_size=3)
    assert (seqs(first), first["has_more"]) == ([1, 3, 5], True)
    rest = read(of, first["next_cursor"], types=only, page_size=3)
    assert (seqs(rest), rest["has_more"]) == ([7], False)
    assert read(of, types=[EventName.ORDER_HELD])["items"] == []


def test_h6_h13_a_cursor_that_is_none_or_too_old_is_refused_by_a_name_of_the_contract() -> None:
    of = world()
    kept = read(of)["next_cursor"]
    of.clock.at += 31 * DAY
    for cursor, code in (
        (kept, "EXPIRED"),
        ("abc", "NOT_OF_THIS_LIST"),
        ("_" * 20, "NOT_OF_THIS_LIST"),
        ("MjAyNi0xMy0wOVQxNDowNTowMC4wMDBa", "NOT_OF_THIS_LIST"),
    ):
        with pytest.raises(InvalidRequestError) as refusal:
            read(of, cursor)
        problem = json.loads(problem_of(refusal.value, "r-1").to_json())
        assert problem["status"] == 400
        assert [(one["parameter"], one["code"]) for one in problem["errors"]] == [("cursor", code)]
    assert read(of)["has_more"] is False


def test_h13_the_feed_is_the_shops_own_systems() -> None:
    of = world()
    with pytest.raises(ForbiddenError):
        list_events(of.context, call(BUYER), of.feed, FeedQuery())
