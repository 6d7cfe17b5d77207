"""Copies of pictures that counted before there were any (R49, docs/decisions/0074). Safe to repeat."""

from __future__ import annotations

import argparse
import json
from collections.abc import Iterator
from typing import Any

from buyer_protection.adapters.dynamodb import keys, mapping
from buyer_protection.adapters.dynamodb.row import Row
from buyer_protection.adapters.dynamodb.tables import EvidenceRow
from buyer_protection.application.ports.errors import UNREADABLE
from buyer_protection.application.ports.evidence_files import FilePlace
from ops.target import Target

_UPLOADS = "uploads"


def copy_pictures(arguments: argparse.Namespace) -> int:
    """Have copies made of pictures that the other side cannot be given yet; says how many there are."""
    target: Target = arguments.target
    sqs, queue, sent, unreadable = target.client("sqs"), target.queue(_UPLOADS), 0, 0
    for pk, sk in _evidence():
        try:
            row = Row.fetch([(pk, sk)]).get((pk, sk))
            item = mapping.evidence_of(row) if isinstance(row, EvidenceRow) else None
        except UNREADABLE:
            unreadable += 1
            continue
        for file in item.files if item is not None and item.counts else ():
            if item is None or not file.lacks_copies:
                continue
            place = FilePlace(keys.id_of(pk), item.evidence_id, file.file_id)
            about = {"object": {"key": place.key, "version-id": file.version_id}}
            # As S3 reports an upload: the function that verifies finds what is missing.
            body = json.dumps({"source": "aws.s3", "detail": about})
            sqs.send_message(QueueUrl=queue, MessageBody=body)
            sent += 1
    print(f"{sent} pictures without a copy are in the queue {_UPLOADS}; {unreadable} rows are unreadable")
    return 1 if sent or unreadable else 0


def _evidence() -> Iterator[tuple[str, str]]:
    """The keys of all evidence; reads the whole table once."""
    rows: dict[str, Any] = {
        "filter_condition": Row.sk.startswith(keys.EVIDENCE_PREFIX),
        "attributes_to_get": ["pk", "sk"],
        "consistent_read": True,
    }
    start = None
    while True:
        answer = Row.connection().scan(Row.Meta.table_name, **rows, exclusive_start_key=start)
        yield from ((item["pk"]["S"], item["sk"]["S"]) for item in answer["Items"])
        start = answer.get("LastEvaluatedKey")
        if not start:
            return


def add_command(commands: argparse._SubParsersAction[argparse.ArgumentParser]) -> None:
    """`copy-pictures`."""
    commands.add_parser("copy-pictures", help=copy_pictures.__doc__).set_defaults(command=copy_pictures)
