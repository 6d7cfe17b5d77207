"""IAM is enforced on the local stack: a role allows what its function does, and nothing else."""

from __future__ import annotations

import io
import json
import secrets
import zipfile
from collections.abc import Iterator
from typing import Any

import boto3
import pytest
from botocore.config import Config
from botocore.exceptions import ClientError

from local.workspace import REGION
from tests.e2e.world import FUNCTION_PREFIX, Json, World

DENIED = {"AccessDenied", "AccessDeniedException", "AuthorizationError", "AuthorizationErrorException"}
# Runs with the role of another function and reports, per call, "allowed" or the error's code.
PROBE = """
import os
import botocore.session
from botocore.exceptions import ClientError

def handler(event, _context):
    session, found = botocore.session.get_session(), {}
    for name, call in event.items():
        client = session.create_client(
            call["service"], region_name=os.environ["AWS_REGION"], endpoint_url=os.environ["AWS_ENDPOINT_URL"]
        )
        try:
            getattr(client, call["method"])(**call["arguments"])
            found[name] = "allowed"
        except ClientError as error:
            found[name] = error.response["Error"]["Code"]
    return found
"""


def calls(world: World) -> dict[str, Json]:
    """What the probe tries: only the reads are among the grants of a function that reads."""
    table, key = world.stack.table_name, {"pk": {"S": "PROBE#1"}, "sk": {"S": "PROBE"}}
    machine = world.stack.state_machine_arn

    def call(service: str, method: str, **arguments: Any) -> Json:
        return {"service": service, "method": method, "arguments": arguments}

    return {
        "read": call("dynamodb", "batch_get_item", RequestItems={table: {"Keys": [key]}}),
        "read one": call("dynamodb", "get_item", TableName=table, Key=key),
        "read a list": call("dynamodb", "query", TableName=table, **_listed(key)),
        "put": call("dynamodb", "put_item", TableName=table, Item=key),
        "delete": call("dynamodb", "delete_item", TableName=table, Key=key),
        "update": call("dynamodb", "update_item", TableName=table, Key=key),
        "scan": call("dynamodb", "scan", TableName=table),
        "start": call("stepfunctions", "start_execution", stateMachineArn=machine, input="{}"),
        "publish": call("events", "put_events", Entries=[_event(world)]),
        "mail": call("sesv2", "send_email", **_mail()),
        "invoke": call("lambda", "invoke", FunctionName=f"{FUNCTION_PREFIX}sweep_deadlines"),
    }


def _listed(key: Json) -> Json:
    return {"KeyConditionExpression": "pk = :pk", "ExpressionAttributeValues": {":pk": key["pk"]}}


def _event(world: World) -> Json:
    return {
        "EventBusName": world.stack.event_bus_name,
        "Source": "probe",
        "DetailType": "Probe",
        "Detail": "{}",
    }


def _mail() -> Json:
    text = {"Data": "A probe."}
    return {
        "FromEmailAddress": "disputes@shop.example.com",
        "Destination": {"ToAddresses": ["nobody@example.com"]},
        "Content": {"Simple": {"Subject": text, "Body": {"Text": text}}},
    }


def _zipped(code: str) -> bytes:
    packed = io.BytesIO()
    with zipfile.ZipFile(packed, "w") as archive:
        archive.writestr("handler.py", code)
    return packed.getvalue()


@pytest.fixture(scope="module")
def probe(world: World) -> Iterator[str]:
    """A function of the test's own, with the role of `get_dispute`; its name."""
    model = world.functions.get_function_configuration(FunctionName=FUNCTION_PREFIX + "get_dispute")
    name = f"probe-{secrets.token_hex(4)}"
    world.functions.create_function(
        FunctionName=name,
        Runtime=model["Runtime"],
        Role=model["Role"],
        Handler="handler.handler",
        Code={"ZipFile": _zipped(PROBE)},
        Timeout=30,
    )
    yield name
    world.functions.delete_function(FunctionName=name)


def test_a_function_that_reads_a_dispute_can_read_and_nothing_else(world: World, probe: str) -> None:
    answer = world.functions.invoke(FunctionName=probe, Payload=json.dumps(calls(world)).encode())
    found = json.loads(answer["Payload"].read())
    assert "FunctionError" not in answer, found
    assert found.pop("read") == "allowed"
    assert set(found.values()) <= DENIED, found
    assert world.row("PROBE#1", "PROBE") is None


@pytest.mark.parametrize(("source", "allowed"), [("shop.payments", True), ("buyer-protection", False)])
def test_g2_the_shops_backend_publishes_in_its_own_name_alone(
    world: World, source: str, allowed: bool
) -> None:
    backend = world.stack.backend
    session = boto3.session.Session(backend.access_key_id, backend.secret_access_key, region_name=REGION)
    client = session.client("events", endpoint_url=world.stack.endpoint_url, config=Config(proxies={}))
    entry = {**_event(world), "Source": source, "DetailType": "RefundRequested"}
    code = ""
    try:
        client.put_events(Entries=[entry])
    except ClientError as error:
        code = error.response["Error"]["Code"]
    assert (code == "") is allowed
    assert allowed or code in DENIED


@pytest.mark.parametrize(
    ("service", "method"), [("dynamodb", "list_tables"), ("lambda", "list_functions"), ("iam", "list_users")]
)
def test_the_shops_backend_calls_the_api_and_nothing_else_of_the_account(
    world: World, service: str, method: str
) -> None:
    backend = world.stack.backend
    session = boto3.session.Session(backend.access_key_id, backend.secret_access_key, region_name=REGION)
    client = session.client(service, endpoint_url=world.stack.endpoint_url, config=Config(proxies={}))
    with pytest.raises(ClientError) as refused:
        getattr(client, method)()
    assert refused.value.response["Error"]["Code"] in DENIED
