"""The people and systems of a fresh stack: the public's, the team's, the shop's backend, the mail sender's identity."""

from __future__ import annotations

import json
import re
import secrets
from collections.abc import Mapping
from dataclasses import replace
from types import MappingProxyType
from typing import Any, Final

from buyer_protection.application.actions.execute import CASE_MANAGERS, OPERATORS
from buyer_protection.domain.actions import ACTIONS, TEST_ACTIONS, Caller
from infra.stages import LOCAL
from local import aws
from local.sign_in import set_up_second_factor
from local.state import Backend, Person
from local.workspace import ACCOUNT, REGION, STAGE, Workspace

PUBLIC: Final = ("buyer", "other_buyer", "seller", "other_seller")
# Members of the team, and the group of each.
TEAM: Final[Mapping[str, str]] = MappingProxyType(
    {"case_manager": CASE_MANAGERS, "second_case_manager": CASE_MANAGERS, "operator": OPERATORS}
)
# What they are called.
NAMES: Final[Mapping[str, str]] = MappingProxyType(
    {"case_manager": "Mara Lindqvist", "second_case_manager": "Tomás Okoye", "operator": "Ines Farkas"}
)
# The names of the shop's systems on the bus (`infra.stages`).
SHOP_SOURCES: Final = (*LOCAL.shop_sources, *LOCAL.payment_sources)
PEOPLE: Final = (*PUBLIC, *TEAM)
BACKEND_USER: Final = "buyer-protection-backend"
# The IAM-signed routes of either API, and nothing else.
BACKEND_CALLS: Final[Mapping[Caller, tuple[str, ...]]] = MappingProxyType(
    {
        api: tuple(
            f"{action.method}{re.sub('{.*?}', '*', action.path)}"
            for action in (*ACTIONS, *TEST_ACTIONS)
            if action.is_for_backend and (api is Caller.SYSTEM or not action.is_for_people)
        )
        for api in Caller
    }
)


def verify_sender(workspace: Workspace, sender: str) -> None:
    """Verify the address that mails are sent from, as an operator does once on AWS."""
    aws.client(workspace, "ses").verify_email_identity(EmailAddress=sender)


def create_people(workspace: Workspace, outputs: Mapping[str, str]) -> dict[str, Person]:
    """Create everyone of PUBLIC and TEAM with a generated, permanent password.

    `outputs` are the stacks' own: `UserPoolId`, `TeamPoolId`, `TeamPoolClientId`.
    """
    cognito = aws.client(workspace, "cognito-idp")
    public = {name: create_person(cognito, outputs["UserPoolId"], name) for name in PUBLIC}
    return public | create_team(workspace, outputs)


def create_team(workspace: Workspace, outputs: Mapping[str, str]) -> dict[str, Person]:
    """Create the members of TEAM alone, each with their second factor."""
    cognito = aws.client(workspace, "cognito-idp")
    pool_id, client_id = outputs["TeamPoolId"], outputs["TeamPoolClientId"]
    return {
        name: create_member(cognito, pool_id, client_id, name, group, called=NAMES[name])
        for name, group in TEAM.items()
    }


def create_member(
    cognito: Any, pool_id: str, client_id: str, name: str, group: str, *, called: str = ""
) -> Person:
    """Create somebody of the team, in that group, who has set up their second factor.

    `called` is what colleagues read.
    """
    person = create_person(cognito, pool_id, name, called=called)
    cognito.admin_add_user_to_group(UserPoolId=pool_id, Username=name, GroupName=group)
    secret = set_up_second_factor(cognito, client_id, person.username, person.password)
    return replace(person, totp_secret=secret)


def create_backend(workspace: Workspace, outputs: Mapping[str, str]) -> Backend:
    """Create the IAM user of the shop's backend, allowed BACKEND_CALLS of the two APIs, and events on the bus.

    `outputs` are the stacks' own: `ApiId`, `BackendApiId`, `EventBusName`.
    """
    iam = aws.client(workspace, "iam")
    iam.create_user(UserName=BACKEND_USER)
    allow_backend(workspace, outputs)
    key = iam.create_access_key(UserName=BACKEND_USER)["AccessKey"]
    return Backend(access_key_id=key["AccessKeyId"], secret_access_key=key["SecretAccessKey"])


def allow_backend(workspace: Workspace, outputs: Mapping[str, str]) -> None:
    """Write the policy of the backend's user, which is there."""
    ids = {Caller.PERSON: outputs["ApiId"], Caller.SYSTEM: outputs["BackendApiId"]}
    calls = [
        f"arn:aws:execute-api:{REGION}:{ACCOUNT}:{ids[api]}/{STAGE}/{call}"
        for api in Caller
        for call in BACKEND_CALLS[api]
    ]
    bus = f"arn:aws:events:{REGION}:{ACCOUNT}:event-bus/{outputs['EventBusName']}"
    statements = [
        {"Effect": "Allow", "Action": "execute-api:Invoke", "Resource": calls},
        {
            "Effect": "Allow",
            "Action": "events:PutEvents",
            "Resource": bus,
            # In the shop's name alone: what we publish moves money.
            "Condition": {"StringEquals": {"events:source": list(SHOP_SOURCES)}},
        },
    ]
    aws.client(workspace, "iam").put_user_policy(
        UserName=BACKEND_USER,
        PolicyName="call-the-system-routes",
        PolicyDocument=json.dumps({"Version": "2012-10-17", "Statement": statements}),
    )


def create_person(cognito: Any, user_pool_id: str, name: str, *, called: str = "") -> Person:
    """Create a user with a permanent password of their own."""
    given = {"email": f"{name.replace('_', '.')}@example.com", "email_verified": "true"}
    given |= {"name": called} if called else {}
    password = _password()
    created = cognito.admin_create_user(
        UserPoolId=user_pool_id,
        Username=name,
        MessageAction="SUPPRESS",
        UserAttributes=[{"Name": key, "Value": value} for key, value in given.items()],
    )["User"]
    cognito.admin_set_user_password(UserPoolId=user_pool_id, Username=name, Password=password, Permanent=True)
    sub = next(item["Value"] for item in created["Attributes"] if item["Name"] == "sub")
    return Person(username=name, password=password, sub=sub)


def _password() -> str:
    """A random password that meets every class a pool's policy can ask for."""
    return f"Aa1!{secrets.token_urlsafe(18)}"
