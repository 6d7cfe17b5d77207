"""Bad input of each sort is refused with the field that is wrong; nothing of it is a 500."""

import base64
import json
from collections.abc import Sequence
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from buyer_protection.application.schemas.queries import ListQuery, PageQuery, QueueQuery
from buyer_protection.application.schemas.requests import (
    DecisionRequest,
    EmptyRequest,
    EvidenceWindowRequest,
    MetadataRequest,
    OpenDisputeRequest,
    OrderRequest,
)
from buyer_protection.domain.enums import Status
from buyer_protection.domain.errors import FieldError, InvalidRequestError, NotFoundError
from buyer_protection.runtime import incoming

GOOD: dict[str, Any] = {
    "order_id": "A-1",
    "reason": "NOT_RECEIVED",
    "description": "Nothing came.",
    "requested_refund": {"amount_minor": 500, "currency": "USD"},
}
ITEM = {"item_id": "i-1", "quantity": 1}
CONTACT = {"email": "a@example.com", "name": "A"}
ORDER = {
    "buyer_id": "b",
    "seller_id": "s",
    "buyer": CONTACT,
    "seller": CONTACT,
    "currency": "USD",
    "items": [{"item_id": "i", "title": "t", "quantity": 1, "amount_minor": 1}],
    "placed_at": "2026-03-09T12:00:00Z",
    "guaranteed_delivery_days": 6,
}


def read(raw: bytes, model: type[Any] = OpenDisputeRequest) -> Any:
    return incoming.decoded(incoming.json_object(raw), model)


def wrong_field(raw: bytes, model: type[Any] = OpenDisputeRequest) -> FieldError:
    with pytest.raises(InvalidRequestError) as refused:
        read(raw, model)
    assert refused.value.code == "VALIDATION_FAILED"
    (field,) = refused.value.fields
    return field


def wrong_fields(raw: bytes, model: type[Any] = OpenDisputeRequest) -> Sequence[FieldError]:
    try:
        read(raw, model)
    except InvalidRequestError as refused:
        return refused.fields
    return ()


def test_a_good_body_is_read() -> None:
    assert read(json.dumps(GOOD).encode()).requested_refund.amount_minor == 500


@pytest.mark.parametrize(
    ("changes", "pointer", "code"),
    [
        ({"colour": 1}, "/colour", "UNKNOWN_FIELD"),
        ({"a/b~c": 1}, "/a~1b~0c", "UNKNOWN_FIELD"),
        ({"order_id": 5}, "/order_id", "WRONG_TYPE"),
        ({"order_id": None}, "/order_id", "WRONG_TYPE"),
        ({"order_id": "a b"}, "/order_id", "INVALID_FORMAT"),
        ({"order_id": "order-1\n"}, "/order_id", "INVALID_FORMAT"),
        ({"order_id": "a" * 65}, "/order_id", "TOO_LONG"),
        ({"description": ""}, "/description", "TOO_SHORT"),
        ({"description": " \n "}, "/description", "INVALID_FORMAT"),
        ({"reason": "BAD"}, "/reason", "NOT_ALLOWED"),
        ({"requested_refund": {"amount_minor": 5}}, "/requested_refund/currency", "REQUIRED"),
        (
            {"requested_refund": {"amount_minor": 5.5, "currency": "USD"}},
            "/requested_refund/amount_minor",
            "WRONG_TYPE",
        ),
        (
            {"requested_refund": {"amount_minor": True, "currency": "USD"}},
            "/requested_refund/amount_minor",
            "WRONG_TYPE",
        ),
        (
            {"requested_refund": {"amount_minor": -1, "currency": "USD"}},
            "/requested_refund/amount_minor",
            "TOO_SMALL",
        ),
        (
            {"requested_refund": {"amount_minor": 10**30, "currency": "USD"}},
            "/requested_refund/amount_minor",
            "TOO_LARGE",
        ),
        (
            {"requested_refund": {"amount_minor": 10**13, "currency": "USD"}},
            "/requested_refund/amount_minor",
            "TOO_LARGE",
        ),
        ({"items": []}, "/items", "TOO_SHORT"),
        ({"items": [ITEM, {"item_id": "i-2"}]}, "/items/1/quantity", "REQUIRED"),
        ({"items": [ITEM, {**ITEM, "size": 1}]}, "/items/1/size", "UNKNOWN_FIELD"),
        ({"seller_contacted": {"contacted": 1}}, "/seller_contacted/contacted", "WRONG_TYPE"),
    ],
)
def test_the_wrong_field_is_named(changes: dict[str, Any], pointer: str, code: str) -> None:
    found = wrong_field(json.dumps({**GOOD, **changes}).encode())
    assert found == FieldError(pointer, code)


def test_an_integer_may_be_spelled_with_a_point_and_is_the_same_request() -> None:
    spelled = json.dumps(GOOD | {"requested_refund": {"amount_minor": 5.0, "currency": "USD"}}).encode()
    plain = json.dumps(GOOD | {"requested_refund": {"amount_minor": 5, "currency": "USD"}}).encode()
    assert read(spelled) == read(plain)
    assert incoming.json_object(spelled) == incoming.json_object(plain)
    assert incoming.body_hash(incoming.json_object(spelled)) == incoming.body_hash(
        incoming.json_object(plain)
    )


@pytest.mark.parametrize(
    ("raw", "code"),
    [
        (b'{"order_id": "A-1"', "INVALID_JSON"),
        (b"{} {}", "INVALID_JSON"),
        (b"\xef\xbb\xbf{}", "INVALID_JSON"),
        (b'{"a": NaN}', "INVALID_JSON"),
        (b'{"a": -Infinity}', "INVALID_JSON"),
        (b'{"a": ' + b"9" * 5000 + b"}", "INVALID_JSON"),
        (b'{"order_id": "\xff"}', "INVALID_ENCODING"),
        (b'{"order_id": "\\ud800"}', "INVALID_ENCODING"),
        (b"[]", "WRONG_TYPE"),
        (b"null", "WRONG_TYPE"),
        (b'"{}"', "WRONG_TYPE"),
        (b'{"a":' * 20 + b"1" + b"}" * 20, "TOO_DEEP"),
        (b"[" * 60_000, "TOO_DEEP"),
        (b'{"a":' * 10_000 + b"1" + b"}" * 10_000, "TOO_DEEP"),
    ],
)
def test_a_body_that_is_no_json_object_is_refused_as_a_whole(raw: bytes, code: str) -> None:
    assert wrong_field(raw) == FieldError("", code)


def test_a_name_that_stands_twice_is_refused_where_it_stands() -> None:
    assert wrong_field(b'{"order_id": "a", "order_id": "a"}') == FieldError("/order_id", "REPEATED")
    nested = b'{"items": [{"item_id": "a", "quantity": 1}, {"item_id": "a", "quantity": 1, "quantity": 2}]}'
    assert wrong_field(nested) == FieldError("/items/1/quantity", "REPEATED")


def test_nothing_at_all_is_an_empty_object_and_null_is_not() -> None:
    assert read(b"", EmptyRequest) == EmptyRequest()
    assert read(b" \n", EmptyRequest) == EmptyRequest()
    assert read(b"{}", EmptyRequest) == EmptyRequest()
    assert wrong_field(b"null", EmptyRequest).code == "WRONG_TYPE"
    assert wrong_field(b'{"a": 1}', EmptyRequest) == FieldError("/a", "UNKNOWN_FIELD")
    assert {field.code for field in wrong_fields(b"", DecisionRequest)} == {"REQUIRED"}


@pytest.mark.parametrize(
    ("due_at", "code"),
    [
        ("2026-03-09", "INVALID_FORMAT"),
        ("2026-03-09T12:00:00", "INVALID_FORMAT"),
        (1_772_000_000, "WRONG_TYPE"),
        ("0001-01-01T00:00:00+23:00", "OUT_OF_RANGE"),
        ("9999-12-31T23:59:59Z", "OUT_OF_RANGE"),
    ],
)
def test_instants_are_rfc_3339_with_a_zone_and_within_reason(due_at: object, code: str) -> None:
    assert wrong_field(json.dumps({"due_at": due_at}).encode(), EvidenceWindowRequest) == FieldError(
        "/due_at", code
    )


def test_instants_are_looked_at_wherever_they_are() -> None:
    shipment = {
        "shipment_id": "s",
        "carrier": "c",
        "tracking_number": "t",
        "shipped_at": "0001-01-01T00:00:00Z",
    }
    order = {**ORDER, "shipments": [shipment]}
    found = wrong_field(json.dumps(order).encode(), OrderRequest)
    assert found == FieldError("/shipments/0/shipped_at", "OUT_OF_RANGE")


def test_a_body_has_a_limit_and_may_be_base64() -> None:
    assert incoming.body_bytes(None, False) == b""
    assert incoming.body_bytes(base64.b64encode(b"{}").decode(), True) == b"{}"
    assert len(incoming.body_bytes("a" * incoming.MAX_BODY_BYTES, False)) == incoming.MAX_BODY_BYTES
    for body, is_base64 in (("a" * (incoming.MAX_BODY_BYTES + 1), False), ("é" * 40_000, False), ("!", True)):
        with pytest.raises(InvalidRequestError):
            incoming.body_bytes(body, is_base64)


def test_the_hash_is_of_the_content_not_of_its_spelling() -> None:
    one = incoming.json_object(b'{"a": 1, "b": {"c": [1, 2], "d": "\\u00e9"}}')
    same = incoming.json_object('{"b":{"d":"é","c":[1,2]},"a":1}'.encode())
    other = incoming.json_object(b'{"a": 1, "b": {"c": [2, 1], "d": "\\u00e9"}}')
    assert incoming.body_hash(one) == incoming.body_hash(same) != incoming.body_hash(other)


@pytest.mark.parametrize("key", ["a" * 16, "a" * 64, "A-Z_09-abcdefghij"])
def test_a_good_key_is_taken(key: str) -> None:
    assert incoming.idempotency_key(key) == key


@pytest.mark.parametrize(
    "key", [None, "", "a" * 15, "a" * 65, "a" * 15 + "é", "a" * 15 + "\n", "a" * 16 + "\n"]
)
def test_a_missing_or_malformed_key_is_refused(key: str | None) -> None:
    with pytest.raises(InvalidRequestError) as refused:
        incoming.idempotency_key(key)
    assert refused.value.code == "IDEMPOTENCY_KEY_REQUIRED"
    assert refused.value.fields[0].pointer == "/Idempotency-Key"


@pytest.mark.parametrize(
    ("value", "version"),
    [
        ('"7"', 7),
        ("7", 7),
        ('W/"7"', 7),
        (' "7" ', 7),
        ("*", None),
        (None, None),
        ('"0"', 0),
        ('"7-5f1c00aa5f1c00aa"', 7),
        ('W/"12-0"', 12),
    ],
)
def test_if_match_names_a_version(value: str | None, version: int | None) -> None:
    assert incoming.if_match(value) == version


@pytest.mark.parametrize(
    "value", ["", "x", '"x"', "-1", '"7', '"7", "8"', "7.0", "9" * 16, "٧", 'w/"7"', '"7-"', '"7-XY"']
)
def test_a_malformed_if_match_is_refused(value: str) -> None:
    with pytest.raises(InvalidRequestError) as refused:
        incoming.if_match(value)
    assert refused.value.fields == (FieldError("/If-Match", "INVALID_FORMAT"),)


@pytest.mark.parametrize("text", ["dp-01jp2n8k7q", "A.1:b_c-d", "a%3Ab", "a" * 64])
def test_an_id_of_the_path_is_decoded_once(text: str) -> None:
    assert incoming.path_id(text) == text.replace("%3A", ":")


@pytest.mark.parametrize("text", ["", "a b", "a%20b", "a%2Fb", "a" * 65, "é", "<a>", "a%253Ab", "a\n", "'--"])
def test_what_cannot_be_an_id_is_absent(text: str) -> None:
    with pytest.raises(NotFoundError):
        incoming.path_id(text)


def test_query_parameters_are_typed() -> None:
    assert incoming.query({}, PageQuery) == PageQuery(page_size=20, page_token=None)
    found = incoming.query(
        {
            "role": ["seller"],
            "status": ["UNDER_REVIEW"],
            "due_before": ["2026-03-09T12:00:00Z"],
            "action_required": ["true"],
            "page_size": ["50"],
            "order_id": ["123"],
        },
        ListQuery,
    )
    assert (found.role, found.status, found.action_required) == ("seller", [Status.UNDER_REVIEW], True)
    assert (found.page_size, found.order_id) == (50, "123")


@pytest.mark.parametrize(
    ("parameters", "pointer", "code"),
    [
        ({"colour": ["red"]}, "/colour", "UNKNOWN_FIELD"),
        ({"page_size": ["1", "1"]}, "/page_size", "REPEATED"),
        ({"page_size": ["0"]}, "/page_size", "TOO_SMALL"),
        ({"page_size": ["51"]}, "/page_size", "TOO_LARGE"),
        ({"page_size": ["ten"]}, "/page_size", "WRONG_TYPE"),
        ({"page_size": [""]}, "/page_size", "WRONG_TYPE"),
        ({"page_size": ["1e1"]}, "/page_size", "WRONG_TYPE"),
        ({"action_required": ["1"]}, "/action_required", "WRONG_TYPE"),
        ({"role": ["system"]}, "/role", "NOT_ALLOWED"),
        ({"role": ["Buyer"]}, "/role", "NOT_ALLOWED"),
        ({"status": ["null"]}, "/status/0", "NOT_ALLOWED"),
        ({"status": ["DECIDED", "null"]}, "/status/1", "NOT_ALLOWED"),
        ({"due_before": ["5"]}, "/due_before", "INVALID_FORMAT"),
        ({"due_before": ["9999-12-31T23:59:59Z"]}, "/due_before", "OUT_OF_RANGE"),
        ({"page_token": ["a b"]}, "/page_token", "INVALID_FORMAT"),
        ({"assignee": ["me"]}, "/assignee", "UNKNOWN_FIELD"),
    ],
)
def test_a_wrong_parameter_is_named(parameters: dict[str, list[str]], pointer: str, code: str) -> None:
    with pytest.raises(InvalidRequestError) as refused:
        incoming.query(parameters, ListQuery)
    assert refused.value.fields == (FieldError(pointer, code),)


def test_the_queue_can_be_asked_for_one_case_manager() -> None:
    assert incoming.query({"assigned_to": ["me"]}, QueueQuery).assigned_to == "me"


@given(st.binary(max_size=200))
def test_no_bytes_make_more_than_a_refusal(raw: bytes) -> None:
    pointers = [field.pointer for field in wrong_fields(raw)]
    assert len(set(pointers)) == len(pointers), "no field is named twice"


def test_h6_every_wrong_field_is_named_at_once_in_the_order_of_the_contract() -> None:
    body = {
        "order_id": "no id",
        "reason": "LOST",
        "requested_refund": {"amount_minor": "five", "currency": "usd", "tax": 1},
        "items": [{"item_id": "i-1"}, {"item_id": "i-2", "quantity": 0}, 7],
        "colour": "red",
    }
    assert [tuple(field) for field in wrong_fields(json.dumps(body).encode())] == [
        ("/order_id", "INVALID_FORMAT"),
        ("/reason", "NOT_ALLOWED"),
        ("/description", "REQUIRED"),
        ("/requested_refund/amount_minor", "WRONG_TYPE"),
        ("/requested_refund/currency", "INVALID_FORMAT"),
        ("/requested_refund/tax", "UNKNOWN_FIELD"),
        ("/items/0/quantity", "REQUIRED"),
        ("/items/1/quantity", "TOO_SMALL"),
        ("/items/2", "WRONG_TYPE"),
        ("/colour", "UNKNOWN_FIELD"),
    ]


def test_h6_a_list_that_is_too_long_is_named_beside_what_is_wrong_inside() -> None:
    body = {**GOOD, "items": [{**ITEM, "item_id": f"i-{number}", "quantity": 0} for number in range(1_001)]}
    found = [tuple(field) for field in wrong_fields(json.dumps(body).encode())]
    assert found[:2] == [("/items", "TOO_LONG"), ("/items/0/quantity", "TOO_SMALL")]
    assert len(found) == 100, "a mistake that is made a thousand times is not named a thousand times"


def test_h6_every_instant_that_no_order_has_is_named() -> None:
    order = {**ORDER, "placed_at": "1900-01-01T00:00:00Z", "completion_at": "3001-01-01T00:00:00Z"}
    found = [tuple(field) for field in wrong_fields(json.dumps(order).encode(), OrderRequest)]
    assert found == [("/placed_at", "OUT_OF_RANGE"), ("/completion_at", "OUT_OF_RANGE")]


JSON = st.recursive(
    st.none() | st.booleans() | st.integers() | st.floats() | st.text(st.characters(codec=None)),
    lambda inner: st.lists(inner, max_size=3) | st.dictionaries(st.text(max_size=5), inner, max_size=3),
    max_leaves=8,
)


@given(st.dictionaries(st.sampled_from([*GOOD, "items", "seller_contacted", "x"]), JSON))
def test_no_json_makes_more_than_a_refusal(changes: dict[str, Any]) -> None:
    for field in wrong_fields(json.dumps({**GOOD, **changes}).encode()):
        assert not field.pointer or field.pointer.startswith("/")


@pytest.mark.parametrize(
    "metadata",
    [
        {f"key-{number}": "" for number in range(21)},
        {"a b": "x"},
        {"": "x"},
        {"k" * 41: "x"},
        {"ticket\n": "x"},
        {"ticket": "x" * 501},
        {"ticket": "\x00"},
        {"ticket": 7},
        {"ticket": None},
        {"ticket": {"nested": "x"}},
        [],
    ],
)
def test_the_shops_own_keys_have_their_bounds(metadata: object) -> None:
    with pytest.raises(InvalidRequestError):
        incoming.decoded({"metadata": metadata}, MetadataRequest)


@pytest.mark.parametrize(
    "metadata", [{}, {f"key-{number}": "x" * 500 for number in range(20)}, {"A.b_c-9": "ü\n"}, {"k" * 40: ""}]
)
def test_the_shops_own_keys_are_taken_within_their_bounds(metadata: dict[str, str]) -> None:
    assert incoming.decoded({"metadata": metadata}, MetadataRequest).metadata == metadata
