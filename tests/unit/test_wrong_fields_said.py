"""Findings H6: each wrong field is named with where it lies, a code of the one enum, words, and what would be right."""

import ast
import json
from collections.abc import Iterator
from typing import Any

import pytest

from buyer_protection.application.actions.policies import get_guide_before
from buyer_protection.application.schemas.queries import GuideQuery, ListQuery
from buyer_protection.application.schemas.requests import EscalateRequest, OpenDisputeRequest
from buyer_protection.domain.enums import ClaimReason, EvidenceType, Reason, Status, SubReason
from buyer_protection.domain.errors import DisputeError, InvalidRequestError
from buyer_protection.domain.evidence import add_evidence
from buyer_protection.domain.field_codes import DETAILS, FieldCode
from buyer_protection.domain.order import DisputedItem
from buyer_protection.runtime import incoming
from buyer_protection.runtime.problems import problem_of
from tests.support.builders import BUYER, OPENED, opening_change, request
from tests.unit.application.helpers import world
from tools.contract.rules import PACKAGE


def said(attempt: Any, *arguments: Any) -> list[dict[str, Any]]:
    with pytest.raises(DisputeError) as refused:
        attempt(*arguments)
    return list(json.loads(problem_of(refused.value, "r-1").to_json())["errors"])


# What makes the error of a field, and which of its arguments is the code.
_PLACE_OF_CODE = {"FieldError": 1, "refuse": 1, "_refused": 0}


def _codes_raised() -> Iterator[str]:
    """The code in each `FieldError(…, code)`, `refuse(…, code, …)` and `_refused(code, …)` where it is text."""
    for path in PACKAGE.rglob("*.py"):
        for node in ast.walk(ast.parse(path.read_text(encoding="utf-8"))):
            name = ast.unparse(node.func).rsplit(".", 1)[-1] if isinstance(node, ast.Call) else ""
            if isinstance(node, ast.Call) and name in _PLACE_OF_CODE:
                yield from (
                    str(it.value)
                    for it in ast.walk(node.args[_PLACE_OF_CODE[name]])
                    if isinstance(it, ast.Constant) and str(it.value).isupper()
                )


def test_h6_every_code_of_a_field_is_of_the_enum_and_has_its_sentence() -> None:
    raised = set(_codes_raised())

    assert len(raised) > 15
    assert raised <= {code.value for code in FieldCode}
    assert set(DETAILS) == set(FieldCode)


def test_h6_what_the_rules_find_wrong_at_an_opening_is_named_at_once_too() -> None:
    asked = request(1, items=[DisputedItem("plate", 1), DisputedItem("mug", 9)])._replace(
        reason=Reason.NOT_RECEIVED,
        sub_reason=SubReason.DAMAGED,
        description="\u2800",
    )

    assert [(error["pointer"], error["code"]) for error in said(opening_change, asked)] == [
        ("/sub_reason", "NOT_OF_THIS_REASON"),
        ("/description", "NOTHING_VISIBLE"),
        ("/items/0/item_id", "NOT_ON_ORDER"),
        ("/items/1/quantity", "OUT_OF_RANGE"),
    ]


def test_h6_an_item_of_evidence_without_the_file_that_its_type_needs_says_so_beside_the_wrong_line() -> None:
    case = opening_change().after
    given = (case, BUYER, EvidenceType.PHOTO, "", "plate", OPENED)

    assert [(error["pointer"], error["code"]) for error in said(add_evidence, *given)] == [
        ("/type", "NEEDS_FILE"),
        ("/item_id", "NOT_IN_DISPUTE"),
    ]


def test_h6_a_sub_reason_of_the_query_is_a_parameter() -> None:
    query = GuideQuery(reason=Reason.NOT_RECEIVED, sub_reason=SubReason.DAMAGED)

    (error,) = said(get_guide_before, world().context, "aliexpress-classic", query)
    assert (error["parameter"], error["code"]) == ("sub_reason", "NOT_OF_THIS_REASON")


def test_h6_five_wrong_fields_of_a_body_are_five_errors_with_what_would_be_right() -> None:
    body = {
        "order_id": 5,
        "reason": "LOST",
        "description": "",
        "requested_refund": {"amount_minor": "1", "currency": "USD"},
        "more": 1,
    }
    found = {error["pointer"]: error for error in said(incoming.decoded, body, OpenDisputeRequest)}

    assert {pointer: error["code"] for pointer, error in found.items()} == {
        "/order_id": "WRONG_TYPE",
        "/reason": "NOT_ALLOWED",
        "/description": "TOO_SHORT",
        "/requested_refund/amount_minor": "WRONG_TYPE",
        "/more": "UNKNOWN_FIELD",
    }
    assert found["/reason"]["allowed"] == [reason.value for reason in Reason]
    assert all(error["detail"] for error in found.values())
    assert "allowed" not in found["/more"]


def test_h6_a_value_that_is_missing_names_what_it_can_be() -> None:
    (error,) = said(incoming.decoded, {"confirm_no_agreement": True}, EscalateRequest)

    assert (error["pointer"], error["code"]) == ("/claim_reason", "REQUIRED")
    assert error["allowed"] == [reason.value for reason in ClaimReason]


def test_h6_a_parameter_is_not_taken_for_a_field_of_the_body() -> None:
    parameters = {"status": ["OPEN"], "page_size": ["99"], "colour": ["red"]}
    found = {error["parameter"]: error for error in said(incoming.query, parameters, ListQuery)}

    assert {name: error["code"] for name, error in found.items()} == {
        "status": "NOT_ALLOWED",
        "page_size": "TOO_LARGE",
        "colour": "UNKNOWN_FIELD",
    }
    assert found["status"]["allowed"] == [status.value for status in Status]
    assert not any("pointer" in error for error in found.values())


def test_h6_a_name_that_is_a_list_in_one_call_is_one_value_in_another() -> None:
    listed = incoming.query({"reason": ["NOT_RECEIVED", "NOT_AS_DESCRIBED"]}, ListQuery)

    assert listed.reason == [Reason.NOT_RECEIVED, Reason.NOT_AS_DESCRIBED]
    assert incoming.query({"reason": ["NOT_RECEIVED"]}, GuideQuery).reason is Reason.NOT_RECEIVED
    assert said(incoming.query, {"reason": ["NOT_RECEIVED", "A"]}, GuideQuery)[0]["code"] == "REPEATED"


def test_h6_each_parameter_that_is_repeated_is_named() -> None:
    found = said(incoming.query, {"role": ["A", "B"], "order_id": ["1", "2"]}, ListQuery)

    assert [(error["parameter"], error["code"]) for error in found] == [
        ("role", "REPEATED"),
        ("order_id", "REPEATED"),
    ]


@pytest.mark.parametrize(
    ("read", "value", "header"),
    [
        (incoming.idempotency_key, None, "Idempotency-Key"),
        (incoming.idempotency_key, "short", "Idempotency-Key"),
        (incoming.if_match, "seven", "If-Match"),
    ],
)
def test_h6_a_header_is_named_as_one(read: Any, value: str | None, header: str) -> None:
    (error,) = said(read, value)

    assert error["header"] == header
    assert not {"pointer", "parameter"} & error.keys()


def test_h6_a_body_as_a_whole_has_the_pointer_of_the_whole() -> None:
    with pytest.raises(InvalidRequestError) as refused:
        incoming.json_object(b"[1]")
    (error,) = json.loads(problem_of(refused.value, "r").to_json())["errors"]

    assert (error["pointer"], error["code"]) == ("", "WRONG_TYPE")
