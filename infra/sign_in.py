"""How a stage's people sign in, as data: a part of `infra.stages`."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass, fields

ESSENTIALS = "essentials"
PLUS = "plus"


@dataclass(frozen=True, slots=True)
class SignIn:
    """The settings of both user pools; each is a key of the CDK's context, lists comma separated.

    With `oidc_issuer` the public comes from the marketplace's own OpenID Connect provider, to which we are the client
    `oidc_client_id`, with the secret that Secrets Manager keeps under the name `oidc_secret`; orders then name people
    by that provider's claim `user_id_claim`, otherwise by Cognito's `sub`. Choose before the first order: ids in the
    table are never rewritten. An empty domain prefix is made of stage and account, an empty list of callbacks of the
    site.
    """

    oidc_issuer: str = ""
    oidc_client_id: str = ""
    oidc_secret: str = ""
    user_id_claim: str = "sub"
    user_pool_tier: str = ESSENTIALS
    sign_in_domain: str = ""
    team_sign_in_domain: str = ""
    callback_urls: tuple[str, ...] = ()
    team_callback_urls: tuple[str, ...] = ()

    def __post_init__(self) -> None:
        given = (self.oidc_issuer, self.oidc_client_id, self.oidc_secret)
        if any(given) and not all(given):
            raise ValueError("oidc_issuer, oidc_client_id and oidc_secret go together")
        if self.oidc_issuer and not self.oidc_issuer.startswith("https://"):
            raise ValueError("oidc_issuer must be an https address")
        if not self.oidc_issuer and self.user_id_claim != "sub":
            raise ValueError("user_id_claim is a claim of the provider that oidc_issuer names")
        if self.user_pool_tier not in (ESSENTIALS, PLUS):
            raise ValueError(f"user_pool_tier must be {ESSENTIALS} or {PLUS}, not {self.user_pool_tier!r}")

    @property
    def federated(self) -> bool:
        """Whether the public signs in at the marketplace's own provider."""
        return bool(self.oidc_issuer)


def from_context(read: Callable[[str], object]) -> SignIn:
    """What the CDK's context says. Raises ValueError for settings that do not go together."""
    given: dict[str, str | tuple[str, ...]] = {}
    for setting in fields(SignIn):
        if (value := read(setting.name)) is not None:
            text = str(value).strip()
            several = setting.name.endswith("_urls")
            given[setting.name] = (
                tuple(it.strip() for it in text.split(",") if it.strip()) if several else text
            )
    return SignIn(**given)  # type: ignore[arg-type]
