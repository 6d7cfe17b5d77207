"""What a flow has led to, in a form that two runs can be compared by, exactly.

Everything counts but what `VOLATILE` names, each with its reason.
"""

import json
import re
from dataclasses import asdict
from typing import Any

from buyer_protection.adapters.dynamodb import keys
from buyer_protection.adapters.dynamodb.mapping import entry_of
from buyer_protection.adapters.dynamodb.stored_responses import inflate
from buyer_protection.adapters.dynamodb.tables import TimelineRow
from buyer_protection.domain.enums import TERMINAL
from buyer_protection.domain.timeline import first_break
from tests.crash.wire import Sent
from tests.crash.world import World

# kind of row -> attribute -> why two right runs may differ in it.
VOLATILE = {
    "STATE": {
        "last_command_id": "the random name of the transaction that wrote last",
        "timeline_hash": "held against the timeline's last entry; a new case's random id is part of every hash",
    },
    "TRACK": {"last_command_id": "the random name of the transaction that wrote it"},
    "TL": {
        "hash": "held against its entry (the chain is verified); the random id of a new case is part of it",
        "prev_hash": "held against the entry before (the chain is verified)",
    },
    "MAIL": {
        "attempts": "how often it was tried is what a fault changes",
        "settled_at": "a mail whose sender died goes out when the lease is over",
        "message_id": "the mail service's random name",
    },
    "TIMER": {
        "task_token": "the service's random name; whether an execution waits with it is compared",
        "generation": "a restart that died costs a number; the execution of the present one is compared",
    },
}
# Shards follow from the random id of a new case: that a row is listed is compared, not in which shard.
_SHARDS = ("due_key", "queue_key")

# What nothing that follows reads: the random name of the transaction that wrote last, once it is over, and what moto's
# stream notes about a record beside its images.
_UNREAD = re.compile(
    r'"(last_command_id)": \{"S": "[^"]*"\}|"(eventID|SequenceNumber)": "[^"]*"|"SizeBytes": \d+'
)

Document = dict[str, Any]


def standing(world: World) -> str:
    """Where the world stands, in full: two worlds that stand alike go on alike, since nothing in them is left to
    chance or to a clock of its own."""
    kept = world.keep()
    executions = [asdict(one) for _, one in sorted(kept.executions.items())]
    lies = (kept.pending, kept.messages, kept.late, world.deliveries, [asdict(one) for one in kept.effects])
    counted = (kept.now, kept.parked, kept.ids, sorted(world.versions.items()))
    text = json.dumps([world.rows(), executions, lies, counted], sort_keys=True, default=repr)
    return _UNREAD.sub(r"\1\2", text)


def final_state(world: World, answer: object = None) -> Document:
    """Rows, mails, events, executions, objects, and what the act answered."""
    rows = world.rows()
    names = {keys.id_of(row["pk"]["S"]): "" for row in rows if row["sk"]["S"] == keys.FACTS}
    names = {dispute_id: f"dp-case-{number}" for number, dispute_id in enumerate(sorted(names), start=1)}
    copies = dict.fromkeys((it["VersionId"] for it in world.object_versions()), "version-of-a-copy")
    versions = {**copies, **dict.fromkeys(world.versions.values(), "version-of-the-upload")}
    check_chains(rows)
    state = {
        "rows": _rows(rows),
        "mails": _mails(world.wire.effects),
        "events": _events(world.wire.effects),
        "executions": _executions(world, rows),
        "objects": world.objects() if world.uploads else {},
        "answer": answer,
    }
    text = json.dumps(state, sort_keys=True)
    for real, stable in {**names, **versions}.items():
        text = text.replace(real, stable)
    plain: Document = json.loads(text)
    return plain


def sent_twice(world: World) -> int:
    """How many mails went out more than once."""
    sent = [_mail_id(one.asked) for one in world.wire.effects if one.operation == "sesv2.SendEmail"]
    return len(sent) - len(set(sent))


def check_chains(rows: list[Document]) -> None:
    """Each case's entries follow one from the other without a gap, up to the one that STATE names."""
    ends = {row["pk"]["S"]: row["timeline_hash"]["S"] for row in rows if row["sk"]["S"] == keys.STATE}
    for pk, end in ends.items():
        within = [row for row in rows if row["pk"]["S"] == pk]
        own = [row for row in within if row["sk"]["S"].startswith(keys.TIMELINE_PREFIX)]
        entries = [entry_of(TimelineRow.from_raw_data(dict(row))) for row in own]
        assert first_break(entries) is None, f"{pk}: broken chain"
        assert entries[-1].hash == end, f"{pk}: STATE is not at the end of its timeline"


def _rows(rows: list[Document]) -> Document:
    found: Document = {}
    counters: dict[str, int] = {}
    for row in rows:
        pk, sk, kind = row["pk"]["S"], row["sk"]["S"], row["kind"]["S"]
        if kind == "SWEEP":
            # What the sweeper last did is its report, no state: a round that goes on where another failed does less.
            continue
        if kind in {"METRICS", "DAILY"}:
            # In which shard a case is counted follows from its random id, too: the sums are what counts.
            place = f"{pk} {sk.rpartition('#')[0]}"
            for name, value in row.items():
                if "N" in value and name not in {"schema_version", "expires_at"}:
                    counters[f"{place} {name}"] = counters.get(f"{place} {name}", 0) + int(value["N"])
            continue
        if kind == "FEED":
            # An event that is published again stands there again, under the instant at which it is written.
            found[f"FEED {sk.partition('#')[2]}"] = row["body"]
            continue
        plain = {name: value for name, value in row.items() if name not in VOLATILE.get(kind, {})}
        for name in _SHARDS:
            if name in plain:
                plain[name] = "a shard"
        if kind == "IDEM":
            plain["body"] = json.loads(inflate(row["body"]["B"]) or b"null")
        found[f"{pk} {sk}"] = plain
    return {**found, "counters": counters}


def _mail_id(asked: Document) -> str:
    tags = {tag["Name"]: tag["Value"] for tag in asked["EmailTags"]}
    about = tags.get("dispute_id") or tags["order_id"]
    return f"{about} {tags['seq']} {tags['recipient']} {tags['kind']}"


def _mails(effects: list[Sent]) -> Document:
    """Each mail once under its id; two that differ under one id are both listed, so that the comparison fails."""
    found: Document = {}
    for one in effects:
        if one.operation == "sesv2.SendEmail":
            under_id = found.setdefault(_mail_id(one.asked), [])
            if one.asked not in under_id:
                under_id.append(one.asked)
    return found


def _events(effects: list[Sent]) -> Document:
    found: Document = {}
    for one in effects:
        if one.operation != "eventbridge.PutEvents":
            continue
        for entry in one.asked["Entries"]:
            detail = json.loads(entry["Detail"])
            under_id = found.setdefault(detail["id"], [])
            if entry not in under_id:
                under_id.append(entry)
    return found


def _executions(world: World, rows: list[Document]) -> Document:
    """For each case: where the execution of its present generation stands, and whether another one runs beside it."""
    found: Document = {}
    for row in rows:
        if row["kind"]["S"] != "TIMER":
            continue
        dispute_id = keys.id_of(row["pk"]["S"])
        mine = f"case-{dispute_id}-g{row['generation']['N']}"
        execution = world.machine.executions.get(mine)
        running = [
            name
            for name, one in world.machine.executions.items()
            if name.startswith(f"case-{dispute_id}-g") and one.status == "RUNNING"
        ]
        token = row.get("task_token", {}).get("S")
        if row["status"]["S"] in TERMINAL:
            # A closed case needs nobody who waits: whether its last execution ended by itself is no matter.
            found[dispute_id] = {"running": len(running)}
            continue
        found[dispute_id] = {
            "state": execution.state if execution else None,
            "status": execution.status if execution else None,
            "wakes_at": str(execution.wake_at) if execution and execution.token else None,
            "waits_with_the_rows_token": bool(execution and execution.token and execution.token == token),
            "others": len([name for name in running if name != mine]),
        }
    return found
