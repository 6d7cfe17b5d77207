"""Every correction of local/ministack_wrapper.py, seen from outside: it works, and it is still needed.

When a `..._is_still_needed` test fails, the pinned emulator has learned what the wrapper teaches it: remove
that correction, and its tests.
"""

from __future__ import annotations

import io
import json
import time
import urllib.error
import urllib.request
import zipfile
from concurrent.futures import ThreadPoolExecutor
from typing import Any

import boto3
import pytest
from botocore.config import Config
from botocore.exceptions import ClientError

from local import aws, emulator
from local.ministack_wrapper import WORKERS_PER_FUNCTION
from local.workspace import ACCOUNT, REGION, Workspace

# The emulator is pinned: what it does changes with its version alone.
pytestmark = pytest.mark.verify

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


def test_a_right_to_publish_can_be_held_to_a_source(workspace: Workspace) -> None:
    emulator.start(workspace)

    assert published_by_a_shop(workspace) == {"shop.orders": True, "buyer-protection": False}


def test_the_conditions_about_events_are_still_needed(workspace: Workspace) -> None:
    emulator.start(workspace, corrected=False)

    assert published_by_a_shop(workspace) == {"shop.orders": False, "buyer-protection": False}, (
        "MiniStack fills events:source itself now: drop the correction in local/ministack_wrapper.py"
    )


def published_by_a_shop(workspace: Workspace) -> dict[str, bool]:
    """Whether a user who may publish as `shop.orders` alone can publish under each source."""
    iam = aws.client(workspace, "iam")
    iam.create_user(UserName="shop")
    statement = {
        "Effect": "Allow",
        "Action": "events:PutEvents",
        "Resource": "*",
        "Condition": {"StringEquals": {"events:source": "shop.orders"}},
    }
    policy = {"Version": "2012-10-17", "Statement": [statement]}
    iam.put_user_policy(UserName="shop", PolicyName="publish", PolicyDocument=json.dumps(policy))
    key = iam.create_access_key(UserName="shop")["AccessKey"]
    session = boto3.session.Session(key["AccessKeyId"], key["SecretAccessKey"], region_name=REGION)
    events = session.client("events", endpoint_url=workspace.endpoint_url, config=Config(proxies={}))

    def taken(source: str) -> bool:
        try:
            entry = {"Source": source, "DetailType": "Probe", "Detail": "{}"}
            return int(events.put_events(Entries=[entry])["FailedEntryCount"]) == 0
        except ClientError:
            return False

    return {source: taken(source) for source in ("shop.orders", "buyer-protection")}


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
    for number in (1, 2):
        put(workspace, number)
        assert read(workspace, queue, 1) == [number]
    functions.update_function_configuration(FunctionName="reader", Handler="handler.absent")
    put(workspace, 3)
    emulator.stop(workspace)
    emulator.start(workspace, persist=True, corrected=corrected)
    functions.update_function_configuration(FunctionName="reader", Handler="handler.handler")
    put(workspace, 4)
    # What was read last may come again, where it was not noted yet as read.
    return read(workspace, queue, 2, again=2)


def put(workspace: Workspace, *numbers: int) -> None:
    table = aws.client(workspace, "dynamodb")
    for number in numbers:
        table.put_item(TableName="timers", Item={"pk": {"S": str(number)}})


def read(workspace: Workspace, queue: str, wanted: int, again: int = 0) -> list[int]:
    """What the function has read since the last time, but `again`, in order; what came in time where it is less."""
    queues, numbers = aws.client(workspace, "sqs"), set[int]()
    deadline = time.monotonic() + PATIENCE_SECONDS
    while len(numbers) < wanted and time.monotonic() < deadline:
        for message in queues.receive_message(QueueUrl=queue, MaxNumberOfMessages=10).get("Messages", []):
            numbers |= {int(message["Body"])} - {again}
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
    with urllib.request.urlopen(f"{workspace.endpoint_url}/_ministack/ses/messages", timeout=30) as answer:
        messages: dict[str, list[Any]] = json.loads(answer.read())["messages"]
    return sum(len(mails) for mails in messages.values())


def test_the_gateway_responses_of_an_apis_document_are_imported(workspace: Workspace) -> None:
    emulator.start(workspace)

    deploy_api(workspace, "/first", refusal=418)
    assert refused_with(workspace) == 418
    deploy_api(workspace, "/second", refusal=419)
    assert refused_with(workspace) == 419


def test_importing_gateway_responses_is_still_needed(workspace: Workspace) -> None:
    emulator.start(workspace, corrected=False)

    deploy_api(workspace, "/first", refusal=418)
    assert refused_with(workspace) == 403, (
        "MiniStack imports gateway responses itself now: drop the correction in local/ministack_wrapper.py"
    )


def test_a_changed_document_is_imported_into_the_api_that_is_there(workspace: Workspace) -> None:
    emulator.start(workspace)

    before = deploy_api(workspace, "/first")
    after = deploy_api(workspace, "/second")

    assert before == after
    resources = aws.client(workspace, "apigateway").get_resources(restApiId=after)["items"]
    assert {it["path"] for it in resources} == {"/", "/second"}


def test_keeping_the_api_of_a_changed_document_is_still_needed(workspace: Workspace) -> None:
    emulator.start(workspace, corrected=False)

    assert deploy_api(workspace, "/first") != deploy_api(workspace, "/second"), (
        "MiniStack keeps the API of a changed document now: drop the correction in local/ministack_wrapper.py"
    )


def deploy_api(workspace: Workspace, path: str, refusal: int = 418) -> str:
    """Create or update a stack whose API has one path and one gateway response of its own; returns the API's id."""
    operation = {"responses": {}, "x-amazon-apigateway-integration": {"type": "mock"}}
    document = {
        "openapi": "3.0.1",
        "info": {"title": "canary", "version": "1"},
        "paths": {path: {"get": operation}},
        "x-amazon-apigateway-gateway-responses": {
            "MISSING_AUTHENTICATION_TOKEN": {"statusCode": str(refusal)}
        },
    }
    deployment = f"Deployment{refusal}"
    resources = {
        "Api": {"Type": "AWS::ApiGateway::RestApi", "Properties": {"Body": document}},
        deployment: {"Type": "AWS::ApiGateway::Deployment", "Properties": {"RestApiId": {"Ref": "Api"}}},
        "Stage": {
            "Type": "AWS::ApiGateway::Stage",
            "Properties": {
                "RestApiId": {"Ref": "Api"},
                "DeploymentId": {"Ref": deployment},
                "StageName": "canary",
            },
        },
    }
    cloudformation = aws.client(workspace, "cloudformation")
    stacks = [it["StackName"] for it in cloudformation.describe_stacks()["Stacks"]]
    deploy = cloudformation.update_stack if "canary" in stacks else cloudformation.create_stack
    deploy(StackName="canary", TemplateBody=json.dumps({"Resources": resources}))
    waiter = "stack_update_complete" if "canary" in stacks else "stack_create_complete"
    cloudformation.get_waiter(waiter).wait(StackName="canary", WaiterConfig={"Delay": 1, "MaxAttempts": 30})
    return api_id(workspace)


def api_id(workspace: Workspace) -> str:
    (api,) = aws.client(workspace, "apigateway").get_rest_apis()["items"]
    return str(api["id"])


def refused_with(workspace: Workspace) -> int:
    """The status for a path that the API does not have."""
    address = f"{workspace.endpoint_url}/restapis/{api_id(workspace)}/canary/_user_request_/absent"
    try:
        with urllib.request.urlopen(address, timeout=30) as answer:
            return int(answer.status)
    except urllib.error.HTTPError as error:
        return error.code
