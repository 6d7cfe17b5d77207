"""Queues and dead letters: how many wait, what they are about, and moving them back.

Moves messages one by one: `StartMessageMoveTask` is not everywhere, and says of no message what became of it.
"""

from __future__ import annotations

import argparse
import json
from collections.abc import Iterator, Mapping
from datetime import UTC, datetime
from typing import Any

from buyer_protection.domain.timeline import instant
from ops import trace
from ops.target import Target

# Those with a reader, and those that only collect: nothing can be moved back from there.
READ = ("notifications", "inbound", "uploads", "mail-events", "late-changes", "webhooks")
COLLECTING = ("stream-failures", "missed-sweeps")
_COUNTS = {
    "waiting": "ApproximateNumberOfMessages",
    "in work": "ApproximateNumberOfMessagesNotVisible",
    "delayed": "ApproximateNumberOfMessagesDelayed",
}
_BATCH = 10
# For so long nobody else sees what is looked at or moved.
_LOOK_SECONDS, _MOVE_SECONDS = 10, 60
# The ids and codes in messages, by their path; whatever else a message holds is not shown.
_IDS = (
    ("case_id",),
    ("webhook_id",),
    ("delivery_id",),
    ("detail-type",),
    ("source",),
    ("id",),
    ("detail", "order", "order_id"),
    ("detail", "order_id"),
    ("detail", "refund_id"),
    ("detail", "event_id"),
    ("detail", "object", "key"),
    ("detail", "mail", "messageId"),
    ("eventName",),
    ("dynamodb", "Keys", "pk", "S"),
    ("dynamodb", "Keys", "sk", "S"),
    ("DDBStreamBatchInfo", "shardId"),
    ("DDBStreamBatchInfo", "startSequenceNumber"),
    ("DDBStreamBatchInfo", "endSequenceNumber"),
)


def list_queues(arguments: argparse.Namespace) -> int:
    """Say how many messages each queue holds, and how many it gave up. Exit code 1 while any was given up."""
    target: Target = arguments.target
    given_up = 0
    for name in READ:
        waiting, failed = _counts(target, name), _counts(target, f"{name}-failed")
        given_up += failed["waiting"]
        said = ", ".join(f"{number} {word}" for word, number in waiting.items())
        print(f"{name}: {said}; {failed['waiting']} given up")
    for name in COLLECTING:
        number = _counts(target, name)["waiting"]
        given_up += number
        print(f"{name}: {number}")
    return 1 if given_up else 0


def redrive(arguments: argparse.Namespace) -> int:
    """Move what a queue gave up back into it. Every message may be processed again without harm."""
    target: Target = arguments.target
    found = _counts(target, f"{arguments.queue}-failed")["waiting"]
    if not trace.begin(arguments, f"queues redrive {arguments.queue}: {found} messages"):
        return 0
    sqs = target.client("sqs")
    source, into = target.queue(f"{arguments.queue}-failed"), target.queue(arguments.queue)
    moved: set[str] = set()
    # Those that fail again at once come back: each is moved once by one command.
    for message in _received(sqs, source, _MOVE_SECONDS):
        if message["MessageId"] in moved:
            continue
        sqs.send_message(
            QueueUrl=into,
            MessageBody=message["Body"],
            MessageAttributes=message.get("MessageAttributes", {}),
        )
        sqs.delete_message(QueueUrl=source, ReceiptHandle=message["ReceiptHandle"])
        moved.add(message["MessageId"])
    print(f"{len(moved)} messages are in {arguments.queue} again")
    return 0


def show(arguments: argparse.Namespace) -> int:
    """Say of each message what it is about: ids and codes. They stay, and nobody else sees them for ten seconds."""
    target: Target = arguments.target
    name = arguments.queue
    if name in READ and not arguments.waiting:
        name = f"{name}-failed"
    shown: set[str] = set()
    for message in _received(target.client("sqs"), target.queue(name), _LOOK_SECONDS):
        if message["MessageId"] in shown or len(shown) == arguments.limit:
            break
        shown.add(message["MessageId"])
        attributes = message.get("Attributes", {})
        sent = datetime.fromtimestamp(int(attributes.get("SentTimestamp", 0)) / 1000, UTC)
        tried = attributes.get("ApproximateReceiveCount", "?")
        ids = "  ".join(f"{key}={value}" for key, value in ids_of(message["Body"]).items())
        print(f"{message['MessageId']}  {instant(sent)}  {tried} times  {ids}".rstrip())
    print(f"{len(shown)} messages of {name}")
    return 0


def ids_of(body: str) -> dict[str, str]:
    """The ids in a message; what cannot be read says so."""
    try:
        document = json.loads(body)
    except ValueError:
        return {"unreadable": str(len(body))}
    found = {path: _at(document, path) for path in _IDS}
    return {".".join(path): value for path, value in found.items() if value is not None}


def _at(document: Any, path: tuple[str, ...]) -> str | None:
    for step in path:
        if not isinstance(document, Mapping) or step not in document:
            return None
        document = document[step]
    return str(document)[:200] if isinstance(document, str | int) else None


def _received(sqs: Any, url: str, seconds: int) -> Iterator[dict[str, Any]]:
    """Messages until there are none to be seen."""
    while True:
        answer = sqs.receive_message(
            QueueUrl=url,
            MaxNumberOfMessages=_BATCH,
            VisibilityTimeout=seconds,
            WaitTimeSeconds=1,
            MessageAttributeNames=["All"],
            MessageSystemAttributeNames=["SentTimestamp", "ApproximateReceiveCount"],
        )
        messages = answer.get("Messages", ())
        if not messages:
            return
        yield from messages


def _counts(target: Target, name: str) -> dict[str, int]:
    answer = target.client("sqs").get_queue_attributes(
        QueueUrl=target.queue(name), AttributeNames=list(_COUNTS.values())
    )
    return {word: int(answer["Attributes"].get(attribute, 0)) for word, attribute in _COUNTS.items()}


def _queue(text: str) -> str:
    if text not in (*READ, *COLLECTING):
        raise argparse.ArgumentTypeError(f"one of {', '.join((*READ, *COLLECTING))}")
    return text


def _readable_queue(text: str) -> str:
    if text in COLLECTING:
        raise argparse.ArgumentTypeError(f"{text} names what failed; there is nothing in it to move back")
    return _queue(text)


def add_commands(commands: argparse._SubParsersAction[argparse.ArgumentParser]) -> None:
    """`queues list`, `queues redrive`, `dead-letters show`."""
    queues = commands.add_parser("queues", help="how many messages wait, and moving them back")
    kinds = queues.add_subparsers(required=True, metavar="list|redrive")
    kinds.add_parser("list", help=list_queues.__doc__).set_defaults(command=list_queues)
    moving = kinds.add_parser("redrive", help=redrive.__doc__)
    moving.add_argument("queue", type=_readable_queue)
    trace.add_options(moving)
    moving.set_defaults(command=redrive)
    dead = commands.add_parser("dead-letters", help="what messages that were given up are about")
    showing = dead.add_subparsers(required=True, metavar="show").add_parser("show", help=show.__doc__)
    showing.add_argument("queue", type=_queue)
    showing.add_argument("--waiting", action="store_true", help="those that wait, not those given up")
    showing.add_argument("--limit", type=int, default=100, help="messages at most (100)")
    showing.set_defaults(command=show)
