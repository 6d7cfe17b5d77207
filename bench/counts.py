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
    """For every action that was committed by a transaction its calls and its units; both once per label."""
    once = {cost["action"]: cost for cost in costs if "TransactWriteItems" in cost["calls"]}
    lines = []
    for action, cost in once.items():
        gate, aim = (ITEM_GATE, ITEM_AIM) if action.startswith(ITEMS) else (CHANGE_GATE, CHANGE_AIM)
        told = ", ".join(cost["calls"])
        lines.append(
            Line("Q18", f"calls of {action}", told, REFERENCE, cost["sent"], "calls", CALLS_GATE, CALLS_GATE)
        )
        table, index = cost["table_units"], cost["index_units"]
        ours = f"{cost['rows']} rows: {table} on the table, {index} in indexes"
        emulator = f"the emulator counts {cost['consumed']:g}"
        lines.append(
            Line("Q18", f"write units of {action}", ours, emulator, table + index, "units", gate, aim)
        )
    return lines
