"""Q18's lines from what was counted. Pure."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Any

from bench.figures import Line

CALLS_GATE = 2
CHANGE_GATE, CHANGE_AIM = 16, 10
ITEM_GATE, ITEM_AIM = 8, 5
# What only adds a row beside the case has the lower bar.
ITEMS = ("add_evidence",)
REFERENCE = "1 read and 1 transaction"


def lines_of(costs: Sequence[Mapping[str, Any]]) -> list[Line]:
    """One line for each pattern of calls with its actions, then the write units of each action.

    Only what a transaction committed counts; a label in brackets that the caller put to a repetition of an action
    (`again`) is left out.
    """
    committed = [
        cost for cost in costs if "TransactWriteItems" in cost["calls"] and "(again)" not in cost["action"]
    ]
    return [*_calls(committed), *(_units(cost) for cost in committed)]


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
    gate, aim = (ITEM_GATE, ITEM_AIM) if cost["action"].startswith(ITEMS) else (CHANGE_GATE, CHANGE_AIM)
    table, index = cost["table_units"], cost["index_units"]
    ours = f"{cost['rows']} rows: table {table}, indexes {index}"
    emulator = f"the emulator counts {cost['consumed']:g}"
    return Line("Q18", f"write units of {cost['action']}", ours, emulator, table + index, "units", gate, aim)
