"""Queues and dead letters: how many wait, what they are about, and moving them back.

Moves messages one by one: `StartMessageMoveTask` is not everywhere, and says of no message what became of it.
"""

from __future__ import annotations

import argparse
import json
import re
from collections.abc import Iterable, Iterator, Mapping
from datetime import UTC, datetime
from itertools import chain
from typing import Any

from buyer_protection.domain.timeline import instant
from infra.queue_names import COLLECTING as _COLLECTING
from infra.queue_names import READ_BY
from ops import trace
from ops.target import Target

READ = tuple(queue.value for queue in READ_BY)
COLLECTING = tuple(queue.value for queue in _COLLECTING)
_COUNTS = {
    "waiting": "ApproximateNumberOfMessages",
    "in work": "ApproximateNumberOfMessagesNotVisible",
    "delayed": "ApproximateNumberOfMessagesDelayed",
}
_BATCH, _MOST_SHOWN = 10, 10_000
# For so long nobody else sees what is looked at or moved, if the command dies.
_LOOK_SECONDS, _MOVE_SECONDS = 10, 60
# Ids and keys of rows and files. What is written otherwise may be anything: no terminal may obey it.
_PLAIN = re.compile(r"[A-Za-z0-9_.:#/-]{1,200}")
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
    """Move what a queue gave up back into it. Every message may be processed again without harm. Exit code 1 if some
    stayed, since somebody else looks at them just now or they failed again at once."""
    target: Target = arguments.target
    sqs = target.client("sqs")
    source, into = target.queue(f"{arguments.queue}-failed"), target.queue(arguments.queue)
    found = sum(_counts(target, f"{arguments.queue}-failed").values())
    if not trace.begin(arguments, f"queues redrive {arguments.queue}: {found} messages"):
        return 0
    moved = 0
    # What fails again at once comes back: SQS gives a message up under the id that it was sent under.
    sent: set[str] = set()
    back: dict[str, dict[str, Any]] = {}
    for message in chain.from_iterable(_batches(sqs, source, _MOVE_SECONDS)):
        if message["MessageId"] in sent:
            back[message["MessageId"]] = message
            continue
        answer = sqs.send_message(
            QueueUrl=into,
            MessageBody=message["Body"],
            MessageAttributes=message.get("MessageAttributes", {}),
        )
        sqs.delete_message(QueueUrl=source, ReceiptHandle=message["ReceiptHandle"])
        sent.add(answer["MessageId"])
        moved += 1
    _let_go(sqs, source, back.values())
    stayed = max(found - moved, 0)
    print(f"{moved} messages are in {arguments.queue} again")
    if stayed:
        print(f"{stayed} stayed: somebody looks at them just now; give the command again in a minute")
    if back:
        print(f"{len(back)} failed again at once, and are in {arguments.queue}-failed again")
    return 1 if stayed or back else 0


def show(arguments: argparse.Namespace) -> int:
    """Say of each message what it is about: ids and codes. They stay, and whoever else asks sees them afterwards."""
    target: Target = arguments.target
    sqs = target.client("sqs")
    name = arguments.queue
    if name in READ and not arguments.waiting:
        name = f"{name}-failed"
    url = target.queue(name)
    received: dict[str, dict[str, Any]] = {}
    for batch in _batches(sqs, url, _LOOK_SECONDS):
        is_known = any(message["MessageId"] in received for message in batch)
        received |= {message["MessageId"]: message for message in batch}
        if is_known or len(received) >= arguments.limit:
            break
    _let_go(sqs, url, received.values())
    shown = list(received.values())[: arguments.limit]
    for message in shown:
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
    if not isinstance(document, str | int):
        return None
    text = str(document)
    return text if _PLAIN.fullmatch(text) else ascii(text[:200])


def _batches(sqs: Any, url: str, seconds: int) -> Iterator[list[dict[str, Any]]]:
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
        yield messages


def _let_go(sqs: Any, url: str, messages: Iterable[Mapping[str, Any]]) -> None:
    """Let others see what was received, at once."""
    handles = [message["ReceiptHandle"] for message in messages]
    for start in range(0, len(handles), _BATCH):
        entries = [
            {"Id": str(number), "ReceiptHandle": handle, "VisibilityTimeout": 0}
            for number, handle in enumerate(handles[start : start + _BATCH])
        ]
        sqs.change_message_visibility_batch(QueueUrl=url, Entries=entries)


def _counts(target: Target, name: str) -> dict[str, int]:
    answer = target.client("sqs").get_queue_attributes(
        QueueUrl=target.queue(name), AttributeNames=list(_COUNTS.values())
    )
    return {word: int(answer["Attributes"].get(attribute, 0)) for word, attribute in _COUNTS.items()}


def _queue(text: str) -> str:
    if text not in (*READ, *COLLECTING):
        raise argparse.ArgumentTypeError(f"one of {', '.join((*READ, *COLLECTING))}")
    return text


def _number(text: str) -> int:
    if not text.isdecimal() or not 1 <= int(text) <= _MOST_SHOWN:
        raise argparse.ArgumentTypeError(f"1 to {_MOST_SHOWN}")
    return int(text)


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
    showing.add_argument("--limit", type=_number, default=100, help="messages at most (100)")
    showing.set_defaults(command=show)
