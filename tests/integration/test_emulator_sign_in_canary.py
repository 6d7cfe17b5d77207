"""Every correction of local/ministack_wrapper.py about sign-in, seen from outside: it works, and it is still needed."""

from __future__ import annotations

import http.client
import time
import urllib.request
from typing import Any
from urllib.parse import urlencode

import pytest
from botocore.exceptions import ClientError

from local import aws, emulator
from local.sign_in import by_password, set_up_second_factor, sign_in, totp
from local.state import Person
from local.workspace import HOST, Workspace

# The emulator is pinned: what it does changes with its version alone.
pytestmark = pytest.mark.verify

PASSWORD = "Correct-horse-7"


def team_pool(workspace: Workspace) -> tuple[Any, str, str]:
    """A client of Cognito; a pool that asks for a second factor, with the user `ana` who has none; its client's id."""
    cognito = aws.client(workspace, "cognito-idp")
    pool = cognito.create_user_pool(PoolName="team", MfaConfiguration="ON")["UserPool"]["Id"]
    user(cognito, pool, "ana")
    return cognito, pool, sign_in_client(cognito, pool)


def user(cognito: Any, pool: str, name: str) -> None:
    cognito.admin_create_user(UserPoolId=pool, Username=name, MessageAction="SUPPRESS")
    cognito.admin_set_user_password(UserPoolId=pool, Username=name, Password=PASSWORD, Permanent=True)


def sign_in_client(cognito: Any, pool: str, **more: Any) -> str:
    made = cognito.create_user_pool_client(
        UserPoolId=pool, ClientName="pages", ExplicitAuthFlows=["ALLOW_USER_PASSWORD_AUTH"], **more
    )
    return str(made["UserPoolClient"]["ClientId"])


def answer_code(cognito: Any, client: str, session: str, code: str, name: str = "ana") -> Any:
    return cognito.respond_to_auth_challenge(
        ClientId=client,
        ChallengeName="SOFTWARE_TOKEN_MFA",
        Session=session,
        ChallengeResponses={"USERNAME": name, "SOFTWARE_TOKEN_MFA_CODE": code},
    )


def test_a_second_factor_is_set_up_and_then_asked_for(workspace: Workspace) -> None:
    emulator.start(workspace)
    cognito, pool, client = team_pool(workspace)
    user(cognito, pool, "bo")

    assert by_password(cognito, client, "ana", PASSWORD)["ChallengeName"] == "MFA_SETUP"
    secret = set_up_second_factor(cognito, client, "ana", PASSWORD)
    set_up_second_factor(cognito, client, "bo", PASSWORD)
    assert sign_in(cognito, client, Person("ana", PASSWORD, "", secret))["IdToken"]

    other = sign_in_client(cognito, pool)
    code = totp(secret, time.time())
    session = by_password(cognito, client, "ana", PASSWORD)["Session"]
    with pytest.raises(cognito.exceptions.CodeMismatchException):
        answer_code(cognito, client, session, "000000" if code != "000000" else "111111")
    for refused in (
        lambda: answer_code(cognito, client, "made-up-session-of-at-least-20-characters", code),
        lambda: answer_code(cognito, other, session, code),
        lambda: answer_code(cognito, client, session, code, "bo"),
    ):
        with pytest.raises(cognito.exceptions.NotAuthorizedException):
            refused()
    assert answer_code(cognito, client, session, code)["AuthenticationResult"]
    with pytest.raises(cognito.exceptions.NotAuthorizedException):
        answer_code(cognito, client, session, code)


def test_a_second_factor_is_not_set_up_without_its_secret(workspace: Workspace) -> None:
    emulator.start(workspace)
    cognito, _pool, client = team_pool(workspace)
    setup = by_password(cognito, client, "ana", PASSWORD)
    made = cognito.associate_software_token(Session=setup["Session"])

    with pytest.raises(ClientError, match="Code mismatch"):
        cognito.verify_software_token(Session=made["Session"], UserCode="000000")
    with pytest.raises(cognito.exceptions.NotAuthorizedException):
        cognito.respond_to_auth_challenge(
            ClientId=client,
            ChallengeName="MFA_SETUP",
            Session=made["Session"],
            ChallengeResponses={"USERNAME": "ana"},
        )


def test_asking_for_the_second_factor_is_still_needed(workspace: Workspace) -> None:
    emulator.start(workspace, corrected=False)
    cognito, _pool, client = team_pool(workspace)

    answer = cognito.respond_to_auth_challenge(
        ClientId=client,
        ChallengeName="MFA_SETUP",
        Session="made-up-session-of-at-least-20-characters",
        ChallengeResponses={"USERNAME": "ana"},
    )
    assert "AuthenticationResult" in by_password(cognito, client, "ana", PASSWORD), (
        "MiniStack asks for the second factor itself now: drop the correction in local/ministack_wrapper.py"
    )
    assert "AuthenticationResult" in answer


@pytest.mark.parametrize("corrected", [True, False])
def test_the_sign_in_page_asks_for_the_code(workspace: Workspace, *, corrected: bool) -> None:
    """With the correction nobody comes in by the page without a code; it is needed as long as they do without it."""
    emulator.start(workspace, corrected=corrected)
    cognito, pool, _ = team_pool(workspace)
    client = sign_in_client(
        cognito,
        pool,
        CallbackURLs=["http://localhost:8080/in"],
        AllowedOAuthFlows=["code"],
        AllowedOAuthScopes=["openid"],
        AllowedOAuthFlowsUserPoolClient=True,
    )
    secret = set_up_second_factor(cognito, client, "ana", PASSWORD) if corrected else ""
    page = {"client_id": client, "redirect_uri": "http://localhost:8080/in", "response_type": "code"}

    def submitted(code: str) -> int:
        form = {**page, "scope": "openid", "username": "ana", "password": PASSWORD, "code": code}
        connection = http.client.HTTPConnection(HOST, workspace.port, timeout=30)
        connection.request(
            "POST", "/login", urlencode(form), {"content-type": "application/x-www-form-urlencoded"}
        )
        status = connection.getresponse().status
        connection.close()
        return status

    if corrected:
        asked = f"{workspace.endpoint_url}/oauth2/authorize?{urlencode(page)}"
        with urllib.request.urlopen(asked, timeout=30) as shown:
            assert 'name="code"' in shown.read().decode()
        assert [submitted("000000"), submitted(totp(secret, time.time()))] == [200, 302]
    else:
        assert submitted("") == 302, (
            "MiniStack's page asks for the code itself now: drop the correction in local/ministack_wrapper.py"
        )


def public_pool(workspace: Workspace) -> tuple[Any, str, str]:
    """A client of Cognito; a pool where users cannot sign up, with the user `ana`; a client that writes `locale`."""
    cognito = aws.client(workspace, "cognito-idp")
    pool = cognito.create_user_pool(
        PoolName="public",
        AdminCreateUserConfig={"AllowAdminCreateUserOnly": True},
        Schema=[{"Name": "user_id", "AttributeDataType": "String", "Mutable": True}],
    )["UserPool"]["Id"]
    user(cognito, pool, "ana")
    return cognito, pool, sign_in_client(cognito, pool, WriteAttributes=["locale"])


def write(cognito: Any, client: str, name: str) -> None:
    token = by_password(cognito, client, "ana", PASSWORD)["AuthenticationResult"]["AccessToken"]
    cognito.update_user_attributes(AccessToken=token, UserAttributes=[{"Name": name, "Value": "user-42"}])


def join(cognito: Any, client: str) -> None:
    attributes = [{"Name": "custom:user_id", "Value": "user-42"}]
    cognito.sign_up(ClientId=client, Username="eve", Password=PASSWORD, UserAttributes=attributes)


def test_people_write_what_their_client_may_and_sign_up_where_they_may(workspace: Workspace) -> None:
    emulator.start(workspace)
    cognito, pool, client = public_pool(workspace)
    unlimited = sign_in_client(cognito, pool)

    write(cognito, client, "locale")
    for refused in (
        lambda: write(cognito, client, "custom:user_id"),
        lambda: write(cognito, client, "email"),
        lambda: write(cognito, unlimited, "custom:user_id"),
        lambda: join(cognito, client),
    ):
        with pytest.raises(cognito.exceptions.NotAuthorizedException):
            refused()


def test_the_protection_of_attributes_is_still_needed(workspace: Workspace) -> None:
    emulator.start(workspace, corrected=False)
    cognito, pool, client = public_pool(workspace)

    write(cognito, client, "custom:user_id")
    join(cognito, client)
    attributes = cognito.admin_get_user(UserPoolId=pool, Username="ana")["UserAttributes"]
    assert {"Name": "custom:user_id", "Value": "user-42"} in attributes, (
        "MiniStack protects attributes itself now: drop the correction in local/ministack_wrapper.py"
    )
