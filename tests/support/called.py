"""What each function calls on AWS, seen where botocore is about to make the call (Q33): in IAM's own words.

`listen` once a process, before any client is made: from then on `SEEN` has each (function, action, resource) that a
handler asked for, and `take_not_allowed` says which of them `infra/called.json` lacks. The resources are the targets of
`infra/called.py`, and the kinds of partition keys of the table. A call belongs to the function whose handler is on the
stack; what a test calls itself belongs to nobody.
"""

import re
import sys
import threading
from collections.abc import Iterator, Mapping, Sequence
from contextlib import contextmanager
from functools import cache
from types import FrameType
from typing import Any

from infra.called import Target, called
from tests.support.api_events import ENVIRONMENT

Call = tuple[str, str, str]

SEEN: set[Call] = set()
_MODULE = re.compile(r"functions\.(\w+)\.handler")
# The part of a partition key that says what it is of: `CASE#dp-1` is one of `CASE#*`.
_KIND_OF_KEY = re.compile(r"[^#]+(?:#|\Z)")
# The alias and the value of the partition key in a key condition of PynamoDB's: `#0 = :0`.
_EQUALS = re.compile(r"(#?\w+) = (:\w+)")
_QUEUES = {
    target.value.replace("_", "-"): target
    for target in (Target.NOTIFICATIONS, Target.LATE_CHANGES, Target.WEBHOOKS)
}
_OF_TRANSACTIONS = {
    "Put": "PutItem",
    "Update": "UpdateItem",
    "Delete": "DeleteItem",
    "ConditionCheck": "ConditionCheckItem",
}
_VERSIONED = {
    "GetObject": "GetObjectVersion",
    "HeadObject": "GetObjectVersion",
    "GetObjectTagging": "GetObjectVersionTagging",
    "DeleteObject": "DeleteObjectVersion",
}
_UNVERSIONED = {"HeadObject": "GetObject"}
_MACHINES = {
    "StartExecution": Target.MACHINE,
    "DescribeExecution": Target.EXECUTIONS,
    "SendTaskSuccess": Target.TASK_TOKENS,
}


def listen() -> None:
    """See every call of this process's clients that are made from now on."""
    from botocore.handlers import BUILTIN_HANDLERS

    entry = ("before-parameter-build", _see)
    if entry not in BUILTIN_HANDLERS:
        BUILTIN_HANDLERS.append(entry)


@contextmanager
def recording() -> Iterator[set[Call]]:
    """What is called meanwhile; `SEEN` is as before afterwards."""
    before = set(SEEN)
    SEEN.clear()
    try:
        yield SEEN
    finally:
        SEEN.clear()
        SEEN.update(before)


def take_not_allowed() -> list[Call]:
    """What was called without a right to it since one asked last."""
    missing = sorted(SEEN - allowed())
    SEEN.clear()
    return missing


@cache
def allowed() -> frozenset[Call]:
    """The rights that infra gives for what functions themselves call."""
    return as_calls(called())


def as_calls(table: Mapping[str, Mapping[str, Sequence[str]]]) -> frozenset[Call]:
    """The table's entries, one by one."""
    return frozenset(
        (function, action, resource)
        for function, actions in table.items()
        for action, resources in actions.items()
        for resource in resources
    )


def _see(params: dict[str, Any], model: Any, context: dict[str, Any], **_: Any) -> None:
    function = _function()
    if function is not None:
        service, operation = model.service_model.service_name, model.name
        signs = bool(context.get("is_presign_request"))
        SEEN.update((function, *right) for right in _rights(service, operation, params, signs=signs))


def _function() -> str | None:
    """The function whose handler made the call; the sweeper's threads work while its own waits for them."""
    own = _handler_on(sys._getframe(1))
    if own is None and threading.current_thread() is not threading.main_thread():
        own = _handler_on(sys._current_frames()[threading.main_thread().ident or 0])
    return own


def _handler_on(frame: FrameType | None) -> str | None:
    while frame is not None:
        found = _MODULE.fullmatch(frame.f_globals.get("__name__", ""))
        if found is not None:
            return found[1]
        frame = frame.f_back
    return None


def _rights(
    service: str, operation: str, params: dict[str, Any], *, signs: bool
) -> Iterator[tuple[str, str]]:
    """What IAM is asked about one call: actions and resources. AssertionError for a call that no rule here knows."""
    match service, operation:
        case "dynamodb", _:
            yield from _of_table(operation, params)
        case "stepfunctions", _:
            yield f"states:{operation}", _MACHINES[operation]
        case "sqs", _:
            yield _of_queue(operation, params["QueueUrl"].rsplit("/", 1)[1])
        case "events" | "eventbridge", "PutEvents":
            yield "events:PutEvents", Target.BUS
        case "sesv2", "SendEmail":
            assert "Simple" in params["Content"], "a raw mail asks for ses:SendRawEmail"
            yield "ses:SendEmail", Target.MAIL_IDENTITY
            yield "ses:SendEmail", Target.MAIL_CONFIGURATION
        case "cognito-idp", _:
            yield f"cognito-idp:{operation}", Target.TEAM_POOL
        case "kms", "Sign":
            yield "kms:Sign", Target.SIGNING_KEY
        case "kms", "GetPublicKey" | "DescribeKey":
            yield f"kms:{operation}", Target.SIGNING_KEYS
        case "s3", _:
            yield from _of_object(operation, params, signs=signs)
        case _:
            raise AssertionError(f"what does {service}:{operation} ask IAM about?")


def _of_queue(operation: str, name: str) -> tuple[str, str]:
    if operation == "GetQueueAttributes":
        return "sqs:GetQueueAttributes", Target.QUEUES
    assert operation in ("SendMessage", "SendMessageBatch"), f"what does sqs:{operation} ask IAM about?"
    return "sqs:SendMessage", _QUEUES[name]


def _of_object(operation: str, params: dict[str, Any], *, signs: bool) -> Iterator[tuple[str, str]]:
    if params["Bucket"] != ENVIRONMENT["ARCHIVE_BUCKET"]:
        yield _of_file(operation, params, signs=signs)
        return
    if operation == "ListObjectVersions":
        yield "s3:ListBucketVersions", Target.ARCHIVE_LIST
        return
    names = _VERSIONED if "VersionId" in params else _UNVERSIONED
    yield f"s3:{names.get(operation, operation)}", Target.ARCHIVED_CASES
    if "Tagging" in params:
        yield "s3:PutObjectTagging", Target.ARCHIVED_CASES


def _of_file(operation: str, params: dict[str, Any], *, signs: bool) -> tuple[str, str]:
    if operation == "ListObjectVersions":
        return "s3:ListBucketVersions", Target.EVIDENCE_LIST
    if operation == "PutObject" and params["Key"].startswith("erasures/"):
        return "s3:PutObject", Target.ERASURE_NOTES
    if signs and operation == "CreateBucket":
        # So botocore begins to sign a form for an upload, which S3 takes for a PutObject of who signed it.
        return "s3:PutObject", Target.EVIDENCE_FILES
    names = _VERSIONED if "VersionId" in params else _UNVERSIONED
    is_copy = params.get("Key", "").startswith("copies/")
    return (
        f"s3:{names.get(operation, operation)}",
        Target.EVIDENCE_COPIES if is_copy else Target.EVIDENCE_FILES,
    )


def _of_table(operation: str, params: dict[str, Any]) -> Iterator[tuple[str, str]]:
    if "IndexName" in params:
        yield f"dynamodb:{operation}", Target(params["IndexName"])
        return
    match operation:
        case "TransactWriteItems" | "TransactGetItems":
            for entry in params["TransactItems"]:
                ((kind, one),) = entry.items()
                yield (
                    f"dynamodb:{_OF_TRANSACTIONS.get(kind, 'GetItem')}",
                    _kind_of(one.get("Key") or one["Item"]),
                )
        case "BatchGetItem":
            (asked,) = params["RequestItems"].values()
            for key in asked["Keys"]:
                yield "dynamodb:BatchGetItem", _kind_of(key)
        case "GetItem" | "UpdateItem" | "DeleteItem":
            yield f"dynamodb:{operation}", _kind_of(params["Key"])
        case "PutItem":
            yield "dynamodb:PutItem", _kind_of(params["Item"])
        case "Query":
            yield "dynamodb:Query", _kind_of({"pk": _queried(params)})
        case _:
            raise AssertionError(f"of which rows is dynamodb:{operation}?")


def _queried(params: dict[str, Any]) -> dict[str, str]:
    """The value that a query's key condition asks of the partition key."""
    names, values = params.get("ExpressionAttributeNames", {}), params["ExpressionAttributeValues"]
    asked = _EQUALS.findall(params["KeyConditionExpression"])
    value: dict[str, str] = next(values[value] for name, value in asked if names.get(name, name) == "pk")
    return value


def _kind_of(key: dict[str, Any]) -> str:
    written = key["pk"]["S"]
    kind = _KIND_OF_KEY.match(written)
    assert kind is not None, written
    return f"{kind[0]}*" if kind[0].endswith("#") else kind[0]
