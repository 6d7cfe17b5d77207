"""Q18's lines from what was counted. Pure."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Any

from bench.figures import Line

CALLS_GATE = 2
CHANGE_GATE, CHANGE_AIM = 16, 10
ITEM_GATE, ITEM_AIM = 8, 5
# A decision with a rationale of 300 characters (0028).
DECISION_GATE = 18
FOLLOWING_GATE, FOLLOWING_AIM = 5, 3
# What only adds a row beside the case has the lower bar.
ITEMS = ("add_evidence", "send_message")
DECISION = "decide_claim"
REFERENCE = "1 read and 1 transaction"


def lines_of(costs: Sequence[Mapping[str, Any]]) -> list[Line]:
    """One line for each pattern of calls with its actions, then the write units of each action.

    Only what a transaction committed counts, each action once; a label in brackets that the caller put to a repetition
    of an action (`again`) is left out.
    """
    committed = [
        cost for cost in costs if "TransactWriteItems" in cost["calls"] and "(again)" not in cost["action"]
    ]
    first: dict[str, Mapping[str, Any]] = {}
    for cost in committed:
        first.setdefault(cost["action"], cost)
    return [*_calls(committed), *(_units(cost) for cost in first.values())]


def following(whole: Mapping[str, Any]) -> list[Line]:
    """What follows the changes of one contested case: units for each mail, each event and each parking."""
    mails, events, parkings = whole["mails"], whole["events"], whole["parkings"]
    lines = [
        _following("mail", whole["mail_units"], mails, "outbox, lease, settling and their index entries"),
        _following("event", whole["event_units"], events, "counters of sellers and their marks"),
    ]
    total = whole["mail_units"] + whole["event_units"] + whole["parking_units"]
    detail = ", ".join(f"{kind} {units}" for kind, units in whole["rows"].items())
    share = whole["parking_units"] / parkings
    return [
        *lines,
        Line("Q18", "write units for each parking", f"{whole['parking_units']} units", f"{parkings} parkings",
             share, "units"),
        Line("Q18", "write units of all that follows, contested case", f"{total} units",
             f"{whole['write_units']} with the changes themselves", total, "units", detail=detail),
    ]  # fmt: skip


def _following(what: str, units: int, number: int, rows: str) -> Line:
    return Line(
        "Q18", f"write units of what follows, for each {what}", f"{units} units: {rows}",
        f"{number} {what}s of a contested case", units / number, "units", FOLLOWING_GATE, FOLLOWING_AIM,
    )  # fmt: skip


def _calls(costs: Sequence[Mapping[str, Any]]) -> list[Line]:
    patterns: dict[tuple[int, str], list[str]] = {}
    for cost in costs:
        name = cost["action"].split(" ", 1)[0]
        actions = patterns.setdefault((cost["sent"], " + ".join(cost["calls"])), [])
        if name not in actions:
            actions.append(name)
    return [
        Line(
            "Q18", f"calls of {_these(actions)}", pattern, REFERENCE, sent, "calls", CALLS_GATE, CALLS_GATE,
            detail=", ".join(actions),
        )
        for (sent, pattern), actions in patterns.items()
    ]  # fmt: skip


def _these(actions: Sequence[str]) -> str:
    return ", ".join(actions) if len(actions) <= 2 else f"{len(actions)} actions"


def _units(cost: Mapping[str, Any]) -> Line:
    """Judged with the indexes, as they are paid for; what the table alone takes stands beside it."""
    action = cost["action"]
    gate, aim = (ITEM_GATE, ITEM_AIM) if action.startswith(ITEMS) else (CHANGE_GATE, CHANGE_AIM)
    if action == DECISION:
        gate = DECISION_GATE
    table, index = cost["table_units"], cost["index_units"]
    ours = f"{cost['rows']} rows: table {table}, indexes {index}"
    emulator = f"the emulator counts {cost['consumed']:g}"
    return Line("Q18", f"write units of {action}", ours, emulator, table + index, "units", gate, aim)
