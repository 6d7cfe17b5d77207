"""R47: what the team's adapter asks Cognito, by the service's own model, and what it makes of the answers."""

from __future__ import annotations

import socket
import time
from collections.abc import Iterator
from datetime import UTC, datetime
from types import SimpleNamespace
from typing import Any

import pytest
from botocore.exceptions import ClientError, ReadTimeoutError
from botocore.stub import Stubber

from buyer_protection.adapters.aws.clients import client
from buyer_protection.adapters.aws.team import LONGEST_NAME, CognitoTeam
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


def listed(
    cognito: Stubber, *users: dict[str, Any], after: str | None = None, then: str | None = None
) -> None:
    page = {"Users": list(users), **({"NextToken": then} if then else {})}
    asked = {"UserPoolId": POOL, "GroupName": GROUP, "Limit": 60, **({"NextToken": after} if after else {})}
    cognito.add_response("list_users_in_group", page, asked)


def user(sub: str, name: str | None = None, *, enabled: bool = True) -> dict[str, Any]:
    given = {"sub": sub, "email": f"{sub}@example.com", **({} if name is None else {"name": name})}
    attributes = [{"Name": key, "Value": value} for key, value in given.items()]
    return {"Username": sub, "Enabled": enabled, "Attributes": attributes}


def test_members_have_the_name_that_the_pool_has(cognito: Stubber) -> None:
    listed(cognito, user("m-2", " Ana Ruiz "), user("m-3", enabled=False), then="more")
    listed(cognito, user("m-1"), user("m-4", "x" * 200), after="more")

    found = TEAM.members()

    assert found == [("m-1", None), ("m-2", "Ana Ruiz"), ("m-4", "x" * LONGEST_NAME)]


def test_names_are_those_of_whoever_was_disabled_too_and_are_kept_for_five_minutes(
    cognito: Stubber, monkeypatch: pytest.MonkeyPatch
) -> None:
    now = [1_000.0]
    monkeypatch.setattr("buyer_protection.adapters.aws.team.time", SimpleNamespace(monotonic=lambda: now[0]))
    team = CognitoTeam(POOL, GROUP)
    listed(cognito, user("m-1", "Ana Ruiz"), user("m-2"), user("m-3", "Bo Li", enabled=False))

    assert team.names() == {"m-1": "Ana Ruiz", "m-3": "Bo Li"}
    now[0] += 299
    assert team.names() == {"m-1": "Ana Ruiz", "m-3": "Bo Li"}
    cognito.assert_no_pending_responses()
    listed(cognito, user("m-1", "Ana Ruiz-Vidal"))
    now[0] += 1
    assert team.names() == {"m-1": "Ana Ruiz-Vidal"}


def test_a_pool_that_fails_costs_names_and_no_more_and_is_left_alone_for_a_while(
    cognito: Stubber, monkeypatch: pytest.MonkeyPatch
) -> None:
    now = [1_000.0]
    monkeypatch.setattr("buyer_protection.adapters.aws.team.time", SimpleNamespace(monotonic=lambda: now[0]))
    team = CognitoTeam(POOL, GROUP)
    cognito.add_client_error("list_users_in_group", "InternalErrorException", http_status_code=400)

    assert [team.names(), team.names()] == [{}, {}]
    listed(cognito, user("m-1", "Ana Ruiz"))
    now[0] += 300
    assert team.names() == {"m-1": "Ana Ruiz"}
    cognito.add_client_error("list_users_in_group", "TooManyRequestsException", http_status_code=400)
    now[0] += 300
    assert team.names() == {"m-1": "Ana Ruiz"}


def test_when_cognito_fails_nobody_is_taken_for_a_member(cognito: Stubber) -> None:
    cognito.add_client_error("admin_get_user", "InternalErrorException", http_status_code=500)

    with pytest.raises(ClientError):
        TEAM.has_member(SUB)
