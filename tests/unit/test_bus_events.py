"""Findings H11: what the shop adds to its events refuses none of them, at whatever depth and in whatever form."""

import json
from typing import Any

import pytest

from buyer_protection.domain.errors import InvalidRequestError
from buyer_protection.runtime import bus_events

DETAIL = (
    '{"refund_id": "g-1", "order_id": "A-1", "kind": "GOODWILL", "occurred_at": "2026-03-10T12:00:00Z",'
    ' "amount": {"amount_minor": 100, "currency": "USD"%s}%s}'
)
DEEP = '"more": ' + '{"a": ' * 40 + "1" + "}" * 40
AMONG = {"in the event": 1, "inside an object of it": 0}


def read(detail: str) -> Any:
    body = (
        f'{{"id": "e-1", "detail-type": "OrderRefunded", "time": "2026-03-10T12:00:01Z", "detail": {detail}}}'
    )
    return bus_events.read(bus_events.envelope_of(body)).event


@pytest.mark.parametrize("place", AMONG)
@pytest.mark.parametrize(
    "unknown",
    [
        DEEP,
        '"more": [[[[[[[[[[[[[[[[[[[[1]]]]]]]]]]]]]]]]]]]]',
        '"more": 1, "more": 2',
        '"more": {"a": 1, "a": 2}',
        r'"more": "\ud800"',
        r'"\udc00": 1',
        '"more": 1e999',
    ],
    ids=[
        "nested objects",
        "nested lists",
        "a name twice",
        "a name twice inside",
        "half a character",
        "half a name",
        "infinite",
    ],
)
def test_h11_unknown_members_are_left_aside_whatever_is_in_them(place: str, unknown: str) -> None:
    more = ["", ""]
    more[AMONG[place]] = f", {unknown}"

    assert read(DETAIL % tuple(more)) == read(DETAIL % ("", ""))


@pytest.mark.parametrize(
    ("more", "pointer", "code"),
    [
        (("", ', "refund_id": "g-2"'), "/refund_id", "REPEATED"),
        ((', "amount_minor": 200', ""), "/amount/amount_minor", "REPEATED"),
        (("", r', "items": [{"item_id": "\ud800", "quantity": 1}]'), "", "INVALID_ENCODING"),
    ],
)
def test_h11_what_we_know_is_read_strictly(more: tuple[str, str], pointer: str, code: str) -> None:
    """Nobody can say which of two amounts is meant: the event waits with the dead letters for an operator."""
    with pytest.raises(InvalidRequestError) as refused:
        read(DETAIL % more)

    assert [(it.pointer, it.code) for it in refused.value.fields] == [(pointer, code)]


def test_h11_an_unknown_member_of_the_envelope_is_left_aside_too() -> None:
    envelope = json.loads('{"detail-type": "OrderRefunded", "time": "2026-03-10T12:00:01Z"}')
    envelope |= {"detail": json.loads(DETAIL % ("", "")), "more": {"deep": [[[[1]]]]}}

    assert bus_events.read(bus_events.envelope_of(json.dumps(envelope))).event == read(DETAIL % ("", ""))
