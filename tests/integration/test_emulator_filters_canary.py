"""The correction of local/stream_filters.py, seen from outside: it works, and it is still needed."""

from __future__ import annotations

import json

from local import aws, emulator
from local.workspace import Workspace
from tests.integration.test_emulator_wrapper_canary import READING_HANDLER, put, read, role, zipped

UNPARKED = {"dynamodb": {"NewImage": {"task_token": {"S": [{"exists": False}]}}}}


def test_a_filter_finds_what_a_record_does_not_have(workspace: Workspace) -> None:
    emulator.start(workspace)

    assert read_of_unparked_rows(workspace) == [1, 3]


def test_the_correction_of_filters_is_still_needed(workspace: Workspace) -> None:
    emulator.start(workspace, corrected=False)

    assert read_of_unparked_rows(workspace) == [], (
        "MiniStack finds what a record does not have itself now: drop local/stream_filters.py"
    )


def read_of_unparked_rows(workspace: Workspace) -> list[int]:
    """The numbers that a function reads of three rows, of which the second has a token."""
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
        FunctionName="reader",
        EventSourceArn=stream,
        StartingPosition="TRIM_HORIZON",
        FilterCriteria={"Filters": [{"Pattern": json.dumps(UNPARKED)}]},
    )
    put(workspace, 1)
    table.put_item(TableName="timers", Item={"pk": {"S": "2"}, "task_token": {"S": "token"}})
    put(workspace, 3)
    return read(workspace, queue, 2)
