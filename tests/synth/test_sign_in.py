"""Sign-in as the templates say it: what the emulator does not enforce stands here (findings I4, I16; R47)."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

import pytest

from infra.constructs.people import PROVIDER
from infra.routes import SPECS, Kind
from infra.stages import STAGES, from_context
from tests.synth.assembly import Synthesis, body_of, readable
from tests.synth.settings import FEDERATION, OWN

ALL = tuple(STAGES)
USER_ID = "custom:user_id"
# Without this scope, no token changes an attribute of its owner.
SELF_SERVICE = "aws.cognito.signin.user.admin"
Synthesise = Callable[..., Synthesis]
Properties = dict[str, Any]


def of_pool(synthesis: Synthesis, type: str, pool: str) -> Properties:
    """The properties of the one resource of that type whose pool has that logical id (without its hash)."""
    (found,) = (
        it["Properties"]
        for it in synthesis.of(type).values()
        if readable(it["Properties"]["UserPoolId"]) == pool
    )
    return dict(found)


def pools(synthesis: Synthesis) -> dict[str, Properties]:
    return {
        readable({"Ref": id}): it["Properties"] for id, it in synthesis.of("AWS::Cognito::UserPool").items()
    }


def clients(synthesis: Synthesis) -> list[Properties]:
    return [it["Properties"] for it in synthesis.of("AWS::Cognito::UserPoolClient").values()]


@pytest.mark.parametrize("stage", ALL)
def test_the_team_proves_itself_twice_on_every_stage_and_the_public_is_not_asked_to(
    synthesise: Synthesise, stage: str
) -> None:
    found = pools(synthesise(stage))

    assert found.keys() == {"PeoplePool", "TeamPool"}
    assert found["TeamPool"]["MfaConfiguration"] == "ON"
    assert found["TeamPool"]["EnabledMfas"] == ["SOFTWARE_TOKEN_MFA"]
    assert found["PeoplePool"]["MfaConfiguration"] == "OFF"


@pytest.mark.parametrize("stage", ALL)
def test_nobody_signs_up_by_themselves(synthesise: Synthesise, stage: str) -> None:
    for pool in pools(synthesise(stage)).values():
        assert pool["AdminCreateUserConfig"]["AllowAdminCreateUserOnly"] is True


@pytest.mark.parametrize("stage", ALL)
def test_r47_the_groups_of_the_team_are_in_the_teams_pool(synthesise: Synthesise, stage: str) -> None:
    groups = [it["Properties"] for it in synthesise(stage).of("AWS::Cognito::UserPoolGroup").values()]

    assert {(it["GroupName"], readable(it["UserPoolId"])) for it in groups} == {
        ("case_manager", "TeamPool"),
        ("operator", "TeamPool"),
    }


@pytest.mark.parametrize(
    ("stage", "federation"),
    [*((stage, {}) for stage in ALL), ("local", FEDERATION), ("prod", OWN)],
    ids=[*ALL, "federated local", "federated prod"],
)
def test_clients_take_codes_only_and_passwords_on_ones_own_machine_only(
    synthesise: Synthesise, stage: str, federation: dict[str, str]
) -> None:
    for client in clients(synthesise(stage, **federation)):
        assert client["AllowedOAuthFlows"] == ["code"]
        assert client["AllowedOAuthFlowsUserPoolClient"] is True
        assert client["GenerateSecret"] is False
        assert set(client["ExplicitAuthFlows"]) == {"ALLOW_REFRESH_TOKEN_AUTH"} | (
            {"ALLOW_USER_PASSWORD_AUTH"} if stage == "local" else set()
        )
        assert all(
            url.startswith("http://localhost:" if stage == "local" else "https://")
            for url in (*client["CallbackURLs"], *client["LogoutURLs"])
        )


@pytest.mark.parametrize("stage", ALL)
def test_no_client_writes_the_claim_that_says_who_somebody_is(synthesise: Synthesise, stage: str) -> None:
    for client in clients(synthesise(stage)):
        assert client["WriteAttributes"] == ["locale"]
        assert SELF_SERVICE not in client["AllowedOAuthScopes"]


def test_with_federation_only_the_provider_writes_the_claim_that_says_who_somebody_is(own: Synthesis) -> None:
    """Cognito writes a mapped attribute with the client's own right, which no person can use.

    To change one's attributes takes the scope SELF_SERVICE: no code gives it, and an API sign-in, which would, is
    neither allowed nor possible for users without a password.
    """
    client = of_pool(own, "AWS::Cognito::UserPoolClient", "PeoplePool")
    team = of_pool(own, "AWS::Cognito::UserPoolClient", "TeamPool")

    assert client["WriteAttributes"] == [USER_ID, "locale"]
    assert USER_ID in client["ReadAttributes"]
    assert client["AllowedOAuthScopes"] == ["openid"]
    assert client["ExplicitAuthFlows"] == ["ALLOW_REFRESH_TOKEN_AUTH"]
    assert [readable(it) for it in client["SupportedIdentityProviders"]] == ["PeopleProvider"]
    assert team["SupportedIdentityProviders"] == ["COGNITO"]


def test_the_public_comes_from_the_marketplaces_own_provider(own: Synthesis) -> None:
    provider = of_pool(own, "AWS::Cognito::UserPoolIdentityProvider", "PeoplePool")
    # A mapped attribute that cannot be changed fails the second sign-in.
    (attribute,) = pools(own)["PeoplePool"]["Schema"]

    assert (provider["ProviderType"], provider["ProviderName"]) == ("OIDC", PROVIDER)
    assert provider["AttributeMapping"] == {USER_ID: "shop_user_id"}
    assert provider["ProviderDetails"]["oidc_issuer"] == FEDERATION["oidc_issuer"]
    assert provider["ProviderDetails"]["client_secret"] == (
        "{{resolve:secretsmanager:shop/oidc:SecretString:::}}"
    )
    assert (attribute["Name"], attribute["Mutable"]) == ("user_id", True)


@pytest.mark.parametrize(
    ("federation", "claim"), [({}, "sub"), (OWN, USER_ID)], ids=["own users", "federated"]
)
def test_the_functions_behind_the_api_know_both_pools_and_who_somebody_is(
    synthesise: Synthesise, federation: dict[str, str], claim: str
) -> None:
    synthesis = synthesise("prod", **federation)
    functions = synthesis.functions()
    for row in SPECS:
        variables = functions[row.id]["Properties"]["Environment"]["Variables"]
        if row.kind is not Kind.API:
            # The sweeper asks who has left the team (R47).
            assert ("TEAM_POOL_ID" in variables) is (row.kind is Kind.SCHEDULE)
            continue
        assert variables["USER_ID_CLAIM"] == claim
        named = (
            variables[name]
            for name in ("PUBLIC_POOL_ID", "PUBLIC_CLIENT_ID", "TEAM_POOL_ID", "TEAM_CLIENT_ID")
        )
        assert [synthesis.readable(it) for it in named] == [
            "PeoplePool",
            "PeoplePoolClient",
            "TeamPool",
            "TeamPoolClient",
        ]


@pytest.mark.parametrize("stage", ALL)
def test_the_gateway_takes_tokens_of_both_pools_on_every_route_of_people(
    synthesise: Synthesise, stage: str
) -> None:
    body = body_of(synthesise(stage))
    scheme = body["components"]["securitySchemes"]["people"]
    operations = [operation for item in body["paths"].values() for operation in item.values()]
    authorized = [it for it in operations if it["security"] == [{"people": []}]]

    assert scheme["x-amazon-apigateway-authorizer"]["providerARNs"] == ["PeoplePool.Arn", "TeamPool.Arn"]
    assert len(authorized) == sum(row.kind is Kind.API and row.is_for_people for row in SPECS)


def test_r47_only_who_acts_for_the_team_or_lists_it_looks_into_its_pool(prod: Synthesis) -> None:
    asked = {(owner, action, resource) for owner, action, resource in prod.grants() if "cognito" in action}

    one = {
        (owner, f"cognito-idp:{action}", "TeamPool.Arn")
        for owner in (
            "assign_claim",
            "confirm_decision",
            "decide_claim",
            "propose_settlement",
            "refuse_decision",
            "request_evidence",
            "send_message",
            "set_evidence_window",
            "sweep_deadlines",
            "take_next_claim",
            "unassign_claim",
            "withdraw_decision",
            "write_note",
        )
        for action in ("AdminGetUser", "AdminListGroupsForUser")
    }
    everybody = {
        (owner, "cognito-idp:ListUsersInGroup", "TeamPool.Arn")
        for owner in ("get_mediation_summary", "get_mediation_team", "list_notes", "sweep_deadlines")
    }
    assert asked == one | everybody


@pytest.mark.parametrize("stage", ALL)
def test_sign_in_pages_have_a_domain_but_on_ones_own_machine(synthesise: Synthesise, stage: str) -> None:
    domains = [
        readable(it["Properties"]["Domain"])
        for it in synthesise(stage).of("AWS::Cognito::UserPoolDomain").values()
    ]

    assert sorted(domains) == (
        []
        if stage == "local"
        else [
            f"buyer-protection-{stage}-people-<AWS::AccountId>",
            f"buyer-protection-{stage}-team-<AWS::AccountId>",
        ]
    )


def test_the_tier_is_essentials_unless_a_setting_says_plus(prod: Synthesis, own: Synthesis) -> None:
    assert {it["UserPoolTier"] for it in pools(prod).values()} == {"ESSENTIALS"}
    assert all("UserPoolAddOns" not in it for it in pools(prod).values())
    assert {it["UserPoolTier"] for it in pools(own).values()} == {"PLUS"}
    assert all(it["UserPoolAddOns"]["AdvancedSecurityMode"] == "ENFORCED" for it in pools(own).values())


@pytest.mark.parametrize(
    ("settings", "wrong"),
    [
        ({"oidc_issuer": "https://id.example.com"}, "go together"),
        ({**FEDERATION, "oidc_issuer": "http://id.example.com"}, "https"),
        ({"user_id_claim": "uid"}, "user_id_claim"),
        ({"user_pool_tier": "lite"}, "user_pool_tier"),
    ],
)
def test_settings_that_do_not_go_together_are_refused(settings: dict[str, str], wrong: str) -> None:
    with pytest.raises(ValueError, match=wrong):
        from_context({"stage": "prod", **settings}.get)


def test_callbacks_domains_and_tier_come_from_the_context() -> None:
    settings = {"callback_urls": "https://a.test/in, https://b.test/in", "team_sign_in_domain": "our-team"}
    sign_in = from_context({"stage": "prod", **settings}.get).sign_in

    assert sign_in.callback_urls == ("https://a.test/in", "https://b.test/in")
    assert sign_in.team_sign_in_domain == "our-team"
    assert not sign_in.federated
