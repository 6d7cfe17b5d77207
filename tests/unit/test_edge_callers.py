"""Who calls: from the verified ID token, or the signature, to a caller and to what their groups mean (R24, R47)."""

from collections.abc import Callable
from typing import Any

import pytest

from buyer_protection.application.actions.execute import Caller
from buyer_protection.runtime.callers import caller_of
from buyer_protection.runtime.problems import UnauthenticatedError
from buyer_protection.runtime.settings import SignInSettings
from tests.support import sign_in
from tests.support.api_events import BACKEND_ARN, backend, event, member, nobody, person, signed_in

SETTINGS = SignInSettings(**{name.lower(): value for name, value in sign_in.ENVIRONMENT.items()})
FEDERATED = SETTINGS._replace(user_id_claim="custom:user_id")


def called_by(who: dict[str, Any], settings: SignInSettings = SETTINGS, **more: Any) -> Caller:
    return caller_of(event("GET", "/v1/disputes", who, **more), settings)


def test_a_person_is_the_subject_of_the_id_token() -> None:
    assert called_by(person("buyer-1")) == Caller("buyer-1")


@pytest.mark.parametrize("of", [person, member])
def test_the_language_and_zone_are_those_of_the_account(of: Callable[..., dict[str, Any]]) -> None:
    said = called_by(of("p-1", locale="pt-BR", zoneinfo="America/Sao_Paulo"))
    assert (said.locale, said.zone) == ("pt-BR", "America/Sao_Paulo")
    for value in ("", 7, ["en"], None):
        said = called_by(of("p-1", locale=value, zoneinfo=value))
        assert (said.locale, said.zone) == (None, None)


def test_with_federation_a_person_is_the_marketplaces_own_user_id() -> None:
    who = person("sub-1", **{"custom:user_id": "user-42"})

    assert called_by(who, FEDERATED) == Caller("user-42")
    assert called_by(who) == Caller("sub-1")


@pytest.mark.parametrize("user_id", [None, "", 42, ["user-42"]])
def test_with_federation_who_has_no_user_id_is_nobody(user_id: Any) -> None:
    with pytest.raises(UnauthenticatedError, match="no id"):
        called_by(person("sub-1", **{"custom:user_id": user_id}), FEDERATED)


def test_a_member_of_the_team_is_the_subject_whatever_the_public_is_called_by() -> None:
    assert called_by(member("m-1"), FEDERATED) == Caller("m-1", frozenset({"case_manager"}))


@pytest.mark.parametrize(
    ("who", "groups"),
    [
        (person("p-1", "case_manager", "operator", "seller:s-1"), {"seller:s-1"}),
        (member("m-1", "case_manager", "operator", "seller:s-1"), {"case_manager", "operator"}),
        (person("p-1", "us-east-1_Public000_Marketplace", "sellers", "Seller:s-1"), set()),
        (member("m-1", "case_managers", "CASE_MANAGER", " case_manager"), set()),
        (person("p-1", "seller:a", "seller:b"), {"seller:a", "seller:b"}),
    ],
)
def test_groups_mean_something_in_the_pool_they_belong_to_only(who: dict[str, Any], groups: set[str]) -> None:
    assert called_by(who).groups == groups


@pytest.mark.parametrize("name", ["seller:acme,case_manager", "seller:acme case_manager", "[case_manager]"])
def test_a_groups_name_is_one_group_whatever_it_holds(name: str) -> None:
    """Findings G4: the gateway joins the list; what was joined is never taken apart."""
    assert called_by(member("m-1", name)).groups == set()
    assert not called_by(person("p-1", name)).is_case_manager


@pytest.mark.parametrize("groups", ["case_manager", {"case_manager": 1}, [["case_manager"]], None])
def test_groups_that_are_no_list_of_names_are_none(groups: Any) -> None:
    assert called_by(member("m-1", **{"cognito:groups": groups})).groups == set()


@pytest.mark.parametrize(
    "claims",
    [
        {"iss": "https://cognito-idp.us-east-1.amazonaws.com/us-east-1_Foreign00"},
        {"aud": "another-client"},
        {"aud": sign_in.ENVIRONMENT["TEAM_CLIENT_ID"]},
        {"aud": [sign_in.ENVIRONMENT["PUBLIC_CLIENT_ID"]]},
        {"token_use": "access"},
    ],
)
def test_a_token_of_another_pool_client_or_kind_is_nobodys(claims: dict[str, Any]) -> None:
    with pytest.raises(UnauthenticatedError):
        called_by(person("buyer-1", **claims))


@pytest.mark.parametrize("who", [person(""), member("")])
def test_a_token_without_a_subject_is_nobodys(who: dict[str, Any]) -> None:
    with pytest.raises(UnauthenticatedError, match="no id"):
        called_by(who)


def test_one_pools_token_is_not_taken_for_the_others_client() -> None:
    with pytest.raises(UnauthenticatedError):
        called_by(member("m-1", aud=sign_in.ENVIRONMENT["PUBLIC_CLIENT_ID"]))


def test_only_the_token_that_was_verified_counts() -> None:
    who = person("buyer-1")
    another = sign_in.token_of(sign_in.claims_of("buyer-2"))
    with pytest.raises(UnauthenticatedError, match="not the token"):
        called_by(who, headers={"Authorization": another})
    sent = event("GET", "/v1/disputes", who)
    sent["multiValueHeaders"]["authorization"] = [another]
    with pytest.raises(UnauthenticatedError, match="one token"):
        caller_of(sent, SETTINGS)


@pytest.mark.parametrize("token", ["", "Bearer", "a.b.c", "a", "a.e30.c", "a.bnVsbA.c"])
def test_what_is_no_token_is_nobodys(token: str) -> None:
    with pytest.raises(UnauthenticatedError):
        called_by(person("buyer-1"), headers={"Authorization": token})


@pytest.mark.parametrize("prefix", ["", "Bearer ", "bearer "])
def test_the_token_may_come_with_its_scheme_or_without(prefix: str) -> None:
    token = sign_in.token_of(claims := sign_in.claims_of("buyer-1"))
    assert called_by(signed_in(claims), headers={"Authorization": prefix + token}).caller_id == "buyer-1"


def test_a_signature_is_the_shops_backend_and_has_no_groups() -> None:
    assert called_by(backend()) == Caller(BACKEND_ARN, is_system=True)


def test_sessions_of_one_role_are_one_caller() -> None:
    arn = "arn:aws:sts::000000000000:assumed-role/path/backend"
    callers = {called_by(backend(f"{arn}/{session}")) for session in ("one", "two")}
    assert callers == {Caller(arn, is_system=True)}


def test_nobody_is_refused() -> None:
    with pytest.raises(UnauthenticatedError, match="no token and no signature"):
        called_by(nobody())
