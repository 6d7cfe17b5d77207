"""What each function was seen to call on AWS: `infra/called.json`, from which `infra/grants.py` makes the rights.

By function, for each action the resources: the targets below, or kinds of partition keys of the table (`CASE#*`).
`make golden` writes the file from a walk through all that the functions do (`tests/crash/walk.py`), and a test compares
it with that walk, so that no right is missing and none is spare.
"""

from __future__ import annotations

import json
from collections.abc import Mapping
from enum import StrEnum
from functools import cache
from pathlib import Path

FILE = Path(__file__).parent / "called.json"

Resources = tuple[str, ...]
Actions = Mapping[str, Resources]


class Target(StrEnum):
    """The things that grants are about; ARNs in `infra/constructs/runtime.py`."""

    TABLE = "table"
    BY_BUYER = "by_buyer"
    BY_SELLER = "by_seller"
    BY_QUEUE = "by_queue"
    BY_DUE = "by_due"
    STREAM = "stream"
    MACHINE = "machine"
    EXECUTIONS = "executions"
    TASK_TOKENS = "task_tokens"
    NOTIFICATIONS = "notifications"
    INBOUND = "inbound"
    UPLOADS = "uploads"
    MAIL_EVENTS = "mail_events"
    EVIDENCE_FILES = "evidence_files"
    EVIDENCE_COPIES = "evidence_copies"
    EVIDENCE_LIST = "evidence_list"
    ERASURE_NOTES = "erasure_notes"
    ARCHIVED_CASES = "archived_cases"
    ARCHIVE_LIST = "archive_list"
    STREAM_FAILURES = "stream_failures"
    LATE_CHANGES = "late_changes"
    WEBHOOKS = "webhooks"
    # Every queue of the stage, dead letters among them.
    QUEUES = "queues"
    BUS = "bus"
    TEAM_POOL = "team_pool"
    MAIL_IDENTITY = "mail_identity"
    MAIL_CONFIGURATION = "mail_configuration"
    SIGNING_KEY = "signing_key"
    SIGNING_KEYS = "signing_keys"


# The table's indexes, by which the table itself, its alarms and the rights know them.
INDEXES = (Target.BY_BUYER, Target.BY_SELLER, Target.BY_QUEUE, Target.BY_DUE)


@cache
def called() -> Mapping[str, Actions]:
    """Every function's actions, and the resources of each."""
    found = json.loads(FILE.read_text(encoding="utf-8"))
    return {
        function: {action: tuple(resources) for action, resources in actions.items()}
        for function, actions in found.items()
    }


def called_by(function: str) -> Actions:
    """The actions of the function of that id; KeyError where nobody has seen it yet."""
    if function not in called():
        raise KeyError(f"infra/called.json has no {function}: run make golden")
    return called()[function]
