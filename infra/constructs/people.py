"""Sign-in: two user pools, the public's and the team's, each with the one client of the pages.

Nobody signs up by themselves. What may stand in a token is described in docs/identity.md.
"""

from __future__ import annotations

from typing import Any

from aws_cdk import Aws, Duration, SecretValue
from aws_cdk import aws_cognito as cognito
from constructs import Construct

from infra.acknowledge import acknowledge
from infra.constructs.storage import removal
from infra.sign_in import PLUS
from infra.stages import Stage

CASE_MANAGERS = "case_manager"
OPERATORS = "operator"
PROVIDER = "Marketplace"
# The attribute that holds the marketplace's own user id, where people come from its OpenID Connect provider.
USER_ID = "user_id"


class PublicPool(Construct):
    """Buyers, sellers and their staff: signed in by us, or by the marketplace's own OpenID Connect provider."""

    def __init__(self, scope: Construct, id: str, *, stage: Stage) -> None:
        super().__init__(scope, id)
        self.pool = cognito.UserPool(
            self,
            "Pool",
            **_pool_settings(stage),
            mfa=cognito.Mfa.OFF,
            custom_attributes={USER_ID: cognito.StringAttribute(mutable=True, max_len=256)},
        )
        acknowledge(
            self.pool, "AwsSolutions-COG2", "The marketplace asks its own people for a second factor."
        )
        _acknowledge_tier(self.pool, stage)
        provider = self._provider(stage) if stage.sign_in.federated else None
        self.client = self.pool.add_client(
            "Client",
            **_client_settings(stage),
            o_auth=_code_only(
                stage.sign_in.callback_urls or (f"{stage.site_url}/signed-in",), f"{stage.site_url}/"
            ),
            supported_identity_providers=[_signs_in_at(provider)],
            read_attributes=_account().with_custom_attributes(USER_ID),
            write_attributes=_writable(stage),
        )
        if provider is not None:
            self.client.node.add_dependency(provider)
        _add_domain(self.pool, stage, sign_in_prefix(stage, "people"))

    def _provider(self, stage: Stage) -> cognito.UserPoolIdentityProviderOidc:
        """The marketplace's own OpenID Connect provider; its client's secret is read by CloudFormation."""
        return cognito.UserPoolIdentityProviderOidc(
            self,
            "Provider",
            name=PROVIDER,
            user_pool=self.pool,
            issuer_url=stage.sign_in.oidc_issuer,
            client_id=stage.sign_in.oidc_client_id,
            client_secret=SecretValue.secrets_manager(stage.sign_in.oidc_secret).unsafe_unwrap(),
            scopes=["openid"],
            attribute_request_method=cognito.OidcAttributeRequestMethod.GET,
            attribute_mapping=cognito.AttributeMapping(
                custom={f"custom:{USER_ID}": cognito.ProviderAttribute.other(stage.sign_in.user_id_claim)}
            ),
        )


class TeamPool(Construct):
    """The Case Management Team and the operators: a second factor on every stage, the local one too."""

    def __init__(self, scope: Construct, id: str, *, stage: Stage) -> None:
        super().__init__(scope, id)
        self.pool = cognito.UserPool(
            self,
            "Pool",
            **_pool_settings(stage),
            mfa=cognito.Mfa.REQUIRED,
            mfa_second_factor=cognito.MfaSecondFactor(sms=False, otp=True),
        )
        _acknowledge_tier(self.pool, stage)
        for id_, name, text in (
            ("CaseManagers", CASE_MANAGERS, "The Case Management Team: reads every case, decides claims"),
            ("Operators", OPERATORS, "Operators: ids, statuses, instants, amounts and counts, never texts"),
        ):
            cognito.CfnUserPoolGroup(
                self, id_, user_pool_id=self.pool.user_pool_id, group_name=name, description=text
            )
        self.client = self.pool.add_client(
            "Client",
            **_client_settings(stage),
            o_auth=_code_only(
                stage.sign_in.team_callback_urls or (f"{stage.site_url}/desk/signed-in",),
                f"{stage.site_url}/desk",
            ),
            supported_identity_providers=[cognito.UserPoolClientIdentityProvider.COGNITO],
            read_attributes=_account(),
            write_attributes=cognito.ClientAttributes().with_standard_attributes(locale=True),
        )
        _add_domain(self.pool, stage, sign_in_prefix(stage, "team"))


def _pool_settings(stage: Stage) -> dict[str, Any]:
    plus = stage.sign_in.user_pool_tier == PLUS
    return {
        "self_sign_up_enabled": False,
        "sign_in_aliases": cognito.SignInAliases(username=True, email=True),
        "password_policy": cognito.PasswordPolicy(
            min_length=12,
            require_lowercase=True,
            require_uppercase=True,
            require_digits=True,
            require_symbols=True,
            temp_password_validity=Duration.days(3),
        ),
        "feature_plan": cognito.FeaturePlan.PLUS if plus else cognito.FeaturePlan.ESSENTIALS,
        "standard_threat_protection_mode": (
            cognito.StandardThreatProtectionMode.FULL_FUNCTION if plus else None
        ),
        "account_recovery": cognito.AccountRecovery.EMAIL_ONLY,
        "deletion_protection": stage.protected,
        "removal_policy": removal(stage),
    }


def _client_settings(stage: Stage) -> dict[str, Any]:
    """A public client of pages, without a secret.

    No password goes through the API, but on the local stage, where scripts sign people in.
    """
    return {
        "auth_flows": cognito.AuthFlow(user_password=stage.local),
        "generate_secret": False,
        "prevent_user_existence_errors": True,
        "enable_token_revocation": True,
        "id_token_validity": Duration.hours(1),
        "access_token_validity": Duration.hours(1),
        "refresh_token_validity": Duration.days(1),
    }


def _code_only(callback_urls: tuple[str, ...], logout_url: str) -> cognito.OAuthSettings:
    """The authorization code flow, to which the pages add PKCE.

    `openid` alone puts every attribute into the ID token that the client may read. Without the scope
    `aws.cognito.signin.user.admin`, a token changes no attribute of its owner.
    """
    return cognito.OAuthSettings(
        flows=cognito.OAuthFlows(authorization_code_grant=True),
        scopes=[cognito.OAuthScope.OPENID],
        callback_urls=list(callback_urls),
        logout_urls=[logout_url],
    )


def _signs_in_at(
    provider: cognito.UserPoolIdentityProviderOidc | None,
) -> cognito.UserPoolClientIdentityProvider:
    if provider is None:
        return cognito.UserPoolClientIdentityProvider.COGNITO
    return cognito.UserPoolClientIdentityProvider.custom(provider.provider_name)


def _account() -> cognito.ClientAttributes:
    """What both clients read of an account: its address, and the language and zone that `GET /me` answers."""
    return cognito.ClientAttributes().with_standard_attributes(
        email=True, email_verified=True, locale=True, timezone=True
    )


def _writable(stage: Stage) -> cognito.ClientAttributes:
    """What the public's client may write: who somebody is only where the provider says so.

    Cognito writes a mapped attribute with the rights of the client through which the person signs in, so that a
    federated client must have that right. No person can use it: see `_code_only`; and a password, which would give a
    token with the scope that is missing there, does not exist for those who come from the provider.
    """
    attributes = cognito.ClientAttributes().with_standard_attributes(locale=True)
    return attributes.with_custom_attributes(USER_ID) if stage.sign_in.federated else attributes


def sign_in_prefix(stage: Stage, whose: str) -> str:
    """The prefix of the domain of a pool's sign-in pages; `whose` is "people" or "team".

    A prefix is taken by one account of a region: the account's number makes it ours.
    """
    given = {"people": stage.sign_in.sign_in_domain, "team": stage.sign_in.team_sign_in_domain}[whose]
    return given or f"buyer-protection-{stage.name}-{whose}-{stage.account or Aws.ACCOUNT_ID}"


def _add_domain(pool: cognito.UserPool, stage: Stage, prefix: str) -> None:
    # The sign-in pages of the emulator stand at its own address, and a domain would send people to AWS's.
    if not stage.local:
        pool.add_domain("Domain", cognito_domain=cognito.CognitoDomainOptions(domain_prefix=prefix))


def _acknowledge_tier(pool: cognito.UserPool, stage: Stage) -> None:
    if stage.sign_in.user_pool_tier != PLUS:
        acknowledge(
            pool, "AwsSolutions-COG8", "The plus tier costs more than the rest of a stage; it is a setting."
        )
