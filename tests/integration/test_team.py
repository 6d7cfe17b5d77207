"""R47: what the team's adapter asks Cognito, by the service's own model, and what it makes of the answers."""

from __future__ import annotations

import socket
import time
from collections.abc import Iterator
from datetime import UTC, datetime
from typing import Any

import pytest
from botocore.exceptions import ClientError, ReadTimeoutError
from botocore.stub import Stubber

from buyer_protection.adapters.aws.clients import client
from buyer_protection.adapters.aws.team import CognitoTeam
from buyer_protection.adapters.dynamodb.row import configure

POOL, GROUP, SUB = "us-east-1_Team00000", "case_manager", "c0ffee00-6d3b-4acf-9f7f-0a1b2c3d4e5f"
ASKED = {"UserPoolId": POOL, "Username": SUB}
TEAM = CognitoTeam(POOL, GROUP)


@pytest.fixture
def cognito(table: Any) -> Iterator[Stubber]:
    """Cognito, which answers what a test lets it, in that order; all of it must be asked for."""
    client.cache_clear()
    with Stubber(client("cognito-idp")) as stubber:
        yield stubber
        stubber.assert_no_pending_responses()
    client.cache_clear()


def person(cognito: Stubber, *, enabled: bool = True) -> None:
    at = datetime(2026, 11, 26, tzinfo=UTC)
    user = {
        "Username": "ana",
        "Enabled": enabled,
        "UserStatus": "CONFIRMED",
        "UserCreateDate": at,
        "UserLastModifiedDate": at,
    }
    cognito.add_response("admin_get_user", user, ASKED)


def groups(cognito: Stubber, *names: str, after: str | None = None, then: str | None = None) -> None:
    page = {"Groups": [{"GroupName": name} for name in names], **({"NextToken": then} if then else {})}
    asked = {**ASKED, "Limit": 60, **({"NextToken": after} if after else {})}
    cognito.add_response("admin_list_groups_for_user", page, asked)


def test_who_is_enabled_and_in_the_group_is_a_member(cognito: Stubber) -> None:
    person(cognito)
    groups(cognito, "operator", GROUP)

    assert TEAM.has_member(SUB)


def test_who_was_disabled_is_none(cognito: Stubber) -> None:
    person(cognito, enabled=False)

    assert not TEAM.has_member(SUB)


@pytest.mark.parametrize("others", [(), ("operator", "case_managers")])
def test_who_was_taken_out_of_the_group_is_none(cognito: Stubber, others: tuple[str, ...]) -> None:
    person(cognito)
    groups(cognito, *others)

    assert not TEAM.has_member(SUB)


def test_every_question_is_asked_anew(cognito: Stubber) -> None:
    person(cognito)
    groups(cognito, GROUP)
    person(cognito, enabled=False)

    assert [TEAM.has_member(SUB), TEAM.has_member(SUB)] == [True, False]


def test_all_pages_of_the_groups_are_read(cognito: Stubber) -> None:
    person(cognito)
    groups(cognito, "operator", then="more")
    groups(cognito, GROUP, after="more")

    assert TEAM.has_member(SUB)


@pytest.mark.parametrize("code", ["UserNotFoundException", "InvalidParameterException"])
def test_who_never_was_is_none(cognito: Stubber, code: str) -> None:
    cognito.add_client_error("admin_get_user", code, expected_params=ASKED)

    assert not TEAM.has_member(SUB)


def test_a_user_pool_that_accepts_and_never_answers_is_given_up_while_the_caller_still_waits(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    """The function has ten seconds, and must have some left to answer."""
    configure("of-no-importance", "us-east-1", None)
    monkeypatch.setenv("AWS_ACCESS_KEY_ID", "nobody")
    monkeypatch.setenv("AWS_SECRET_ACCESS_KEY", "nothing")
    with socket.create_server(("127.0.0.1", 0)) as silent:
        monkeypatch.setenv(
            "AWS_ENDPOINT_URL_COGNITO_IDENTITY_PROVIDER", f"http://127.0.0.1:{silent.getsockname()[1]}"
        )
        client.cache_clear()
        begun = time.monotonic()
        with pytest.raises(ReadTimeoutError):
            TEAM.has_member(SUB)
    client.cache_clear()
    assert time.monotonic() - begun < 7


def test_when_cognito_fails_nobody_is_taken_for_a_member(cognito: Stubber) -> None:
    cognito.add_client_error("admin_get_user", "InternalErrorException", http_status_code=500)

    with pytest.raises(ClientError):
        TEAM.has_member(SUB)
