"""The people and systems of a fresh stack: five users, the shop's backend, and the mail sender's identity."""

from __future__ import annotations

import json
import re
import secrets
from typing import Any, Final

from buyer_protection.domain.actions import ACTIONS, Caller
from local import aws
from local.state import Backend, Person
from local.workspace import ACCOUNT, REGION, STAGE, Workspace

CASE_MANAGER_GROUP: Final = "case_manager"
PEOPLE: Final = ("buyer", "other_buyer", "seller", "other_seller", "case_manager")
BACKEND_USER: Final = "buyer-protection-backend"
# The IAM-signed routes of the API, and nothing else.
BACKEND_CALLS: Final = tuple(
    f"{action.method}{re.sub('{.*?}', '*', action.path)}"
    for action in ACTIONS
    if action.caller is Caller.SYSTEM
)


def verify_sender(workspace: Workspace, sender: str) -> None:
    """Verify the address that mails are sent from, as an operator does once on AWS."""
    aws.client(workspace, "ses").verify_email_identity(EmailAddress=sender)


def create_people(workspace: Workspace, user_pool_id: str) -> dict[str, Person]:
    """Create everyone of PEOPLE with a generated, permanent password; case_manager joins its group."""
    cognito = aws.client(workspace, "cognito-idp")
    people = {name: _create_person(cognito, user_pool_id, name) for name in PEOPLE}
    cognito.admin_add_user_to_group(
        UserPoolId=user_pool_id, Username=people["case_manager"].username, GroupName=CASE_MANAGER_GROUP
    )
    return people


def create_backend(workspace: Workspace, api_id: str, event_bus_name: str) -> Backend:
    """Create the IAM user of the shop's backend, allowed BACKEND_CALLS of this API's stage, and events on the bus."""
    iam = aws.client(workspace, "iam")
    iam.create_user(UserName=BACKEND_USER)
    arn = f"arn:aws:execute-api:{REGION}:{ACCOUNT}:{api_id}/{STAGE}"
    statements = [
        {
            "Effect": "Allow",
            "Action": "execute-api:Invoke",
            "Resource": [f"{arn}/{call}" for call in BACKEND_CALLS],
        },
        {
            "Effect": "Allow",
            "Action": "events:PutEvents",
            "Resource": f"arn:aws:events:{REGION}:{ACCOUNT}:event-bus/{event_bus_name}",
        },
    ]
    iam.put_user_policy(
        UserName=BACKEND_USER,
        PolicyName="call-the-system-routes",
        PolicyDocument=json.dumps({"Version": "2012-10-17", "Statement": statements}),
    )
    key = iam.create_access_key(UserName=BACKEND_USER)["AccessKey"]
    return Backend(access_key_id=key["AccessKeyId"], secret_access_key=key["SecretAccessKey"])


def _create_person(cognito: Any, user_pool_id: str, name: str) -> Person:
    email = f"{name.replace('_', '.')}@example.com"
    password = _password()
    created = cognito.admin_create_user(
        UserPoolId=user_pool_id,
        Username=name,
        MessageAction="SUPPRESS",
        UserAttributes=[{"Name": "email", "Value": email}, {"Name": "email_verified", "Value": "true"}],
    )["User"]
    cognito.admin_set_user_password(UserPoolId=user_pool_id, Username=name, Password=password, Permanent=True)
    attributes = {item["Name"]: item["Value"] for item in created["Attributes"]}
    return Person(username=name, password=password, sub=attributes["sub"])


def _password() -> str:
    """A random password that meets every class a pool's policy can ask for."""
    return f"Aa1!{secrets.token_urlsafe(18)}"
