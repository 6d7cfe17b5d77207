"""Who calls: the claims of a verified ID token, its groups one by one (findings G4), or the backend's signature."""

import base64
import json
from typing import Any

import pytest

from buyer_protection.application.actions.execute import Caller
from buyer_protection.runtime import callers
from tests.support.api_events import BACKEND_ARN, backend, id_token, person

MANAGER = "case_manager"


def event(caller: dict[str, Any], *tokens: str, name: str = "Authorization") -> dict[str, Any]:
    headers = {name: list(tokens)} if tokens else {}
    return {
        "headers": {key: values[-1] for key, values in headers.items()},
        "multiValueHeaders": headers,
        "requestContext": caller,
    }


def groups(claim: Any, *tokens: str, name: str = "Authorization") -> frozenset[str]:
    return callers.caller_of(event(person("buyer-1", claim), *tokens, name=name)).groups


def test_a_person_is_the_subject_of_the_id_token() -> None:
    caller = callers.caller_of(event(person("buyer-1", "[case_manager]")))
    assert caller == Caller("buyer-1", frozenset({MANAGER}), is_system=False)


def test_a_signature_is_the_shops_backend_and_has_no_groups() -> None:
    assert callers.caller_of(event(backend())) == Caller(BACKEND_ARN, is_system=True)


def test_sessions_of_one_role_are_one_caller() -> None:
    arn = "arn:aws:sts::000000000000:assumed-role/path/backend"
    found = {callers.caller_of(event(backend(f"{arn}/{session}"))) for session in ("one", "two")}
    assert found == {Caller(arn, is_system=True)}


def test_a_group_whose_name_holds_a_separator_stays_one_group() -> None:
    for name in ("seller:acme,case_manager", "seller:acme case_manager", "[case_manager]"):
        found = callers.caller_of(event(person("buyer-1", f"[{name}]"), id_token("buyer-1", name)))
        assert found.groups == {name}
        assert not found.is_case_manager


def test_groups_are_the_tokens_one_by_one() -> None:
    token = id_token("buyer-1", MANAGER, "seller:s-1")
    assert groups("[case_manager seller:s-1]", token) == {MANAGER, "seller:s-1"}
    assert groups("[case_manager seller:s-1]", f"Bearer {token}") == {MANAGER, "seller:s-1"}
    assert groups("[case_manager seller:s-1]", token, name="authorization") == {MANAGER, "seller:s-1"}


@pytest.mark.parametrize(
    ("claim", "expected"),
    [
        (None, set()),
        ("", set()),
        ("[]", set()),
        (MANAGER, {MANAGER}),
        ("[case_manager]", {MANAGER}),
        ("[case_manager seller:s-1]", set()),
        ("case_manager,seller:s-1", set()),
        ("seller:acme,case_manager", set()),
        ("[[case_manager]]", set()),
        ([MANAGER], set()),
    ],
)
def test_without_the_token_a_single_group_counts_and_a_joined_list_does_not(
    claim: object, expected: set[str]
) -> None:
    assert groups(claim) == expected


def test_the_token_of_another_person_is_not_read() -> None:
    assert groups("[seller:s-1]", id_token("buyer-2", MANAGER)) == {"seller:s-1"}


def test_of_two_tokens_none_is_read_since_only_one_of_them_was_verified() -> None:
    forged = id_token("buyer-1", MANAGER, "seller:s-1")
    assert groups("[seller:s-1]", id_token("buyer-1", "seller:s-1"), forged) == {"seller:s-1"}


def test_a_token_gives_no_groups_that_the_authorizer_does_not_name() -> None:
    assert groups(None, id_token("buyer-1", MANAGER)) == frozenset()


@pytest.mark.parametrize(
    "payload",
    [
        b"",
        b"{",
        b"[]",
        b"null",
        b'{"sub": "buyer-1"}',
        b'{"sub": "buyer-1", "cognito:groups": "case_manager"}',
    ],
)
def test_what_is_no_list_of_groups_makes_nobody_a_manager(payload: bytes) -> None:
    token = f"e30.{base64.urlsafe_b64encode(payload).decode().rstrip('=')}.x"
    assert groups("[case_manager seller:s-1]", token) == frozenset()


@pytest.mark.parametrize("token", ["", "Bearer", "a.b", "a.b.c.d", "a.!.c", "a.\u00e9.c"])
def test_what_is_no_token_is_not_read(token: str) -> None:
    assert groups("[seller:s-1]", token) == {"seller:s-1"}


def test_the_tests_write_tokens_as_cognito_does() -> None:
    payload = id_token("buyer-1", "a").split(".")[1]
    assert json.loads(base64.urlsafe_b64decode(payload + "=="))["cognito:groups"] == ["a"]
