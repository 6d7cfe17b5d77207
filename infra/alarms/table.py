"""All rows. Names are unique, and a composite's parts are rows before it."""

from __future__ import annotations

from infra.alarms.clock import CLOCK
from infra.alarms.edge import EDGE
from infra.alarms.messages import MESSAGES
from infra.alarms.money import MONEY
from infra.alarms.refused import REFUSED
from infra.alarms.rows import AlarmRow, CompositeRow, Row

# One alarm for each function with which people change a case, in the stacks of the calls
# (`infra/constructs/release.py`).
OF_EACH_CALL = "CallFailing"
TABLE: tuple[Row, ...] = (*CLOCK, *EDGE, *MONEY, *MESSAGES, *REFUSED)
ROWS: dict[str, Row] = {row.name: row for row in TABLE}
ALARMS: tuple[AlarmRow, ...] = tuple(
    row for row in TABLE if isinstance(row, AlarmRow) and row.name != OF_EACH_CALL
)
COMPOSITES: tuple[CompositeRow, ...] = tuple(row for row in TABLE if isinstance(row, CompositeRow))


def description(row: Row, runbook: str) -> str:
    """What the alarm says of itself: the symptom, and where the runbook's section is."""
    return f"{row.symptom} [{row.urgency}] {runbook}#{row.name.lower()}"
