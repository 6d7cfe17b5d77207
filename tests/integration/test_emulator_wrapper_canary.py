"""Every correction of local/ministack_wrapper.py, seen from outside: it works, and it is still needed.

When a `..._is_still_needed` test fails, the pinned emulator has learned what the wrapper teaches it: remove
that correction, and its tests.
"""

from __future__ import annotations

import http.client
import io
import json
import shutil
import socket
import time
import urllib.request
import zipfile
from collections.abc import Iterator
from concurrent.futures import ThreadPoolExecutor
from typing import Any
from urllib.parse import urlencode

import pytest
from botocore.exceptions import ClientError

from local import aws, emulator
from local.ministack_wrapper import WORKERS_PER_FUNCTION
from local.sign_in import by_password, set_up_second_factor, sign_in, totp
from local.state import Person
from local.workspace import ACCOUNT, HOST, REGION, Workspace

TIMEOUT_SECONDS = 1
PATIENCE_SECONDS = 4.0
INVOCATIONS = 10
SLOW_HANDLER = """
import os, time

def handler(event, context):
    time.sleep(0.3)
    return os.getpid()
"""

READING_HANDLER = """
import boto3

def handler(event, context):
    queues = boto3.client("sqs", endpoint_url="{endpoint}")
    for record in event["Records"]:
        queues.send_message(QueueUrl="{queue}", MessageBody=record["dynamodb"]["NewImage"]["pk"]["S"])
"""


@pytest.fixture
def workspace() -> Iterator[Workspace]:
    """A folder and a free port for an emulator of the test's own; nothing of it is left behind."""
    with socket.socket() as probe:
        probe.bind((HOST, 0))
        own = Workspace(probe.getsockname()[1])
    yield own
    emulator.stop(own)
    shutil.rmtree(own.folder, ignore_errors=True)


def test_a_callback_task_times_out_after_the_seconds_its_path_names(workspace: Workspace) -> None:
    emulator.start(workspace)

    assert status_of_a_case_nobody_wakes(workspace) == "TIMED_OUT_AS_ASKED"


def test_the_correction_of_timeout_seconds_path_is_still_needed(workspace: Workspace) -> None:
    emulator.start(workspace, corrected=False)

    assert status_of_a_case_nobody_wakes(workspace) == "RUNNING", (
        "MiniStack resolves TimeoutSecondsPath itself now: drop the correction in local/ministack_wrapper.py"
    )


def test_many_invocations_at_once_share_a_few_processes(workspace: Workspace) -> None:
    emulator.start(workspace)

    assert len(processes_of_simultaneous_invocations(workspace)) <= WORKERS_PER_FUNCTION


def test_the_limit_of_processes_is_still_needed(workspace: Workspace) -> None:
    emulator.start(workspace, corrected=False)

    assert len(processes_of_simultaneous_invocations(workspace)) > WORKERS_PER_FUNCTION, (
        "MiniStack shares processes itself now: drop the correction in local/ministack_wrapper.py"
    )


def processes_of_simultaneous_invocations(workspace: Workspace) -> set[int]:
    """The ids of the processes that INVOCATIONS invocations at once, all of them successful, ran in."""
    functions = aws.client(workspace, "lambda")
    functions.create_function(
        FunctionName="slow",
        Runtime="python3.13",
        Handler="handler.handler",
        Role=role(workspace),
        Code={"ZipFile": zipped(SLOW_HANDLER)},
    )
    with ThreadPoolExecutor(INVOCATIONS) as pool:
        answers = list(pool.map(lambda _: functions.invoke(FunctionName="slow"), range(INVOCATIONS)))
    return {int(json.loads(answer["Payload"].read())) for answer in answers}


def zipped(source: str) -> bytes:
    code = io.BytesIO()
    with zipfile.ZipFile(code, "w") as archive:
        archive.writestr("handler.py", source)
    return code.getvalue()


def status_of_a_case_nobody_wakes(workspace: Workspace) -> str:
    """What a machine that parks for a second is doing once it ended or patience did.

    `TIMED_OUT_AS_ASKED` when the timeout of its path came and its Catch led on, else the run's own status.
    """
    table = aws.client(workspace, "dynamodb")
    table.create_table(
        TableName="timers",
        KeySchema=[{"AttributeName": "pk", "KeyType": "HASH"}],
        AttributeDefinitions=[{"AttributeName": "pk", "AttributeType": "S"}],
        BillingMode="PAY_PER_REQUEST",
    )
    machines = aws.client(workspace, "stepfunctions")
    machine = machines.create_state_machine(
        name="park", definition=json.dumps(parking_machine()), roleArn=role(workspace)
    )["stateMachineArn"]
    execution = machines.start_execution(
        stateMachineArn=machine, input=json.dumps({"seconds": TIMEOUT_SECONDS})
    )["executionArn"]

    deadline = time.monotonic() + PATIENCE_SECONDS
    while time.monotonic() < deadline:
        described: dict[str, Any] = machines.describe_execution(executionArn=execution)
        if described["status"] == "SUCCEEDED":
            return str(json.loads(described["output"])["outcome"])
        if described["status"] != "RUNNING":
            return str(described["status"])
        time.sleep(0.1)
    return "RUNNING"


def parking_machine() -> dict[str, Any]:
    return {
        "StartAt": "Await",
        "States": {
            "Await": {
                "Type": "Task",
                "Resource": "arn:aws:states:::aws-sdk:dynamodb:updateItem.waitForTaskToken",
                "Parameters": {
                    "TableName": "timers",
                    "Key": {"pk": {"S": "TIMER"}},
                    "UpdateExpression": "SET task_token = :token",
                    "ExpressionAttributeValues": {":token": {"S.$": "$$.Task.Token"}},
                },
                "TimeoutSecondsPath": "$.seconds",
                "Catch": [{"ErrorEquals": ["States.Timeout"], "ResultPath": None, "Next": "TimedOut"}],
                "End": True,
            },
            "TimedOut": {"Type": "Pass", "Result": {"outcome": "TIMED_OUT_AS_ASKED"}, "End": True},
        },
    }


TABLE = f"arn:aws:dynamodb:{REGION}:{ACCOUNT}:table/timers"


def role(workspace: Workspace, action: str = "dynamodb:UpdateItem", resource: str = TABLE) -> str:
    """A role that may do this one thing: for the machine, write the one table."""
    iam = aws.client(workspace, "iam")
    statement = {
        "Effect": "Allow",
        "Principal": {"Service": "states.amazonaws.com"},
        "Action": "sts:AssumeRole",
    }
    arn = iam.create_role(
        RoleName="park",
        AssumeRolePolicyDocument=json.dumps({"Version": "2012-10-17", "Statement": [statement]}),
    )["Role"]["Arn"]
    allowed = {
        "Effect": "Allow",
        "Action": action,
        "Resource": resource,
    }
    iam.put_role_policy(
        RoleName="park",
        PolicyName="write",
        PolicyDocument=json.dumps({"Version": "2012-10-17", "Statement": [allowed]}),
    )
    return str(arn)


def test_a_reader_of_a_stream_goes_on_after_a_restart(workspace: Workspace) -> None:
    emulator.start(workspace, persist=True)

    assert records_read_after_a_restart(workspace, corrected=True) == [3, 4]


def test_keeping_the_stream_over_a_restart_is_still_needed(workspace: Workspace) -> None:
    emulator.start(workspace, persist=True, corrected=False)

    assert records_read_after_a_restart(workspace, corrected=False) != [3, 4], (
        "MiniStack keeps streams over restarts itself now: drop the correction in local/ministack_wrapper.py"
    )


def test_mails_are_still_there_after_a_restart(workspace: Workspace) -> None:
    emulator.start(workspace, persist=True)

    assert mails_after_a_restart(workspace) == 1


def test_keeping_mails_over_a_restart_is_still_needed(workspace: Workspace) -> None:
    emulator.start(workspace, persist=True, corrected=False)

    assert mails_after_a_restart(workspace, corrected=False) == 0, (
        "MiniStack keeps mails over restarts itself now: drop the correction in local/ministack_wrapper.py"
    )


def records_read_after_a_restart(workspace: Workspace, *, corrected: bool) -> list[int]:
    """The numbers that a function read from a table's stream after a restart: 1 and 2 were read before it, 3 was
    written before it while the function failed, 4 after it."""
    table = aws.client(workspace, "dynamodb")
    stream = table.create_table(
        TableName="timers",
        KeySchema=[{"AttributeName": "pk", "KeyType": "HASH"}],
        AttributeDefinitions=[{"AttributeName": "pk", "AttributeType": "S"}],
        BillingMode="PAY_PER_REQUEST",
        StreamSpecification={"StreamEnabled": True, "StreamViewType": "NEW_IMAGE"},
    )["TableDescription"]["LatestStreamArn"]
    queue = aws.client(workspace, "sqs").create_queue(QueueName="read")["QueueUrl"]
    functions = aws.client(workspace, "lambda")
    functions.create_function(
        FunctionName="reader",
        Runtime="python3.13",
        Handler="handler.handler",
        Role=role(workspace, "sqs:SendMessage", "*"),
        Code={"ZipFile": zipped(READING_HANDLER.format(endpoint=workspace.endpoint_url, queue=queue))},
    )
    functions.create_event_source_mapping(
        FunctionName="reader", EventSourceArn=stream, StartingPosition="TRIM_HORIZON"
    )
    put(workspace, 1, 2)
    assert read(workspace, queue, 2) == [1, 2]
    functions.update_function_configuration(FunctionName="reader", Handler="handler.absent")
    put(workspace, 3)
    emulator.stop(workspace)
    emulator.start(workspace, persist=True, corrected=corrected)
    functions.update_function_configuration(FunctionName="reader", Handler="handler.handler")
    put(workspace, 4)
    return read(workspace, queue, 2)


def put(workspace: Workspace, *numbers: int) -> None:
    table = aws.client(workspace, "dynamodb")
    for number in numbers:
        table.put_item(TableName="timers", Item={"pk": {"S": str(number)}})


def read(workspace: Workspace, queue: str, wanted: int) -> list[int]:
    """What the function has read since the last time, in order; whatever came in time where it is less."""
    queues, numbers = aws.client(workspace, "sqs"), []
    deadline = time.monotonic() + PATIENCE_SECONDS
    while len(numbers) < wanted and time.monotonic() < deadline:
        for message in queues.receive_message(QueueUrl=queue, MaxNumberOfMessages=10).get("Messages", []):
            numbers.append(int(message["Body"]))
            queues.delete_message(QueueUrl=queue, ReceiptHandle=message["ReceiptHandle"])
    return sorted(numbers)


def mails_after_a_restart(workspace: Workspace, *, corrected: bool = True) -> int:
    mails = aws.client(workspace, "ses")
    mails.verify_email_identity(EmailAddress="shop@example.com")
    mails.send_email(
        Source="shop@example.com",
        Destination={"ToAddresses": ["ana@example.com"]},
        Message={"Subject": {"Data": "Hello"}, "Body": {"Text": {"Data": "Hello."}}},
    )
    emulator.stop(workspace)
    emulator.start(workspace, persist=True, corrected=corrected)
    with urllib.request.urlopen(f"{workspace.endpoint_url}/_ministack/ses/messages") as answer:
        messages: dict[str, list[Any]] = json.loads(answer.read())["messages"]
    return sum(len(mails) for mails in messages.values())


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
        connection = http.client.HTTPConnection(HOST, workspace.port)
        connection.request(
            "POST", "/login", urlencode(form), {"content-type": "application/x-www-form-urlencoded"}
        )
        status = connection.getresponse().status
        connection.close()
        return status

    if corrected:
        with urllib.request.urlopen(f"{workspace.endpoint_url}/oauth2/authorize?{urlencode(page)}") as shown:
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
