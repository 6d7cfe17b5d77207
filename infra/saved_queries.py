"""Saved queries of CloudWatch Logs Insights, by the fields that `docs/operations.md` lists."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

from infra.alarms.rows import REFUSALS
from infra.routes import CALLED, FunctionSpec

# What Insights takes for one query.
MOST_GROUPS = 50
_WHAT = (
    "fields @timestamp, message, action, outcome, status, kind, caller, request_id, correlation_id, dispute_id, "
    "order_id"
)
_NEWEST = "sort @timestamp desc | limit 1000"
_OLDEST = "sort @timestamp asc | limit 1000"
_FAILURES = (
    'fields @timestamp, action, dispute_id, errors.0.class, errors.0.aws_code, errors | filter message = "failed" '
    f"| {_NEWEST}"
)


@dataclass(frozen=True, slots=True)
class SavedQuery:
    """A query over the log groups of workers, of calls, or of both. What is in quotes is replaced by whoever asks."""

    name: str
    text: str
    of_workers: bool = True
    of_calls: bool = True


QUERIES = (
    SavedQuery(
        "everything of this case",
        f'{_WHAT} | filter dispute_id = "dp-" or order_id = "the case\'s order" | {_OLDEST}',
    ),
    SavedQuery(
        "everything of this request",
        f'{_WHAT} | filter request_id = "the request\'s" or correlation_id = "the request\'s" | {_OLDEST}',
    ),
    SavedQuery(
        # `python -m ops case looked` asks it. Those who tried and were refused are in it too: everybody who may not
        # do this, and of the team also whoever may not do it now (no assignment, no second member, a late ruling).
        "who looked",
        "fields @timestamp, action, standing, caller, outcome, status, request_id, correlation_id "
        '| filter message = "answered" and (dispute_id = "dp-" or asked_dispute_id = "dp-") '
        "and (action like /^(get|list|export)_/ or status in [401, 403, 404] "
        f'or (status = 409 and standing = "TEAM")) | {_OLDEST}',
        of_workers=False,
    ),
    SavedQuery("failures of the workers", _FAILURES, of_calls=False),
    SavedQuery("failures of the calls", _FAILURES, of_workers=False),
    SavedQuery(
        "rounds of the sweeper",
        'filter message = "repair" | stats count(*) as repairs, count_distinct(dispute_id) as cases by kind, '
        "bin(5m) as at | sort at desc",
        of_calls=False,
    ),
    SavedQuery(
        "what the audit found",
        f'fields @timestamp, dispute_id, kind | filter action = "audit" and outcome = "DISAGREES" | {_NEWEST}',
        of_calls=False,
    ),
    SavedQuery(
        "mails",
        "fields @timestamp, dispute_id, order_id, seq, recipient, kind, outcome, code, attempts | filter message = "
        f'"mail" or action = "mail_event" | {_NEWEST}',
        of_calls=False,
    ),
    SavedQuery(
        "refusals by caller",
        f'filter message = "answered" and status in {list(REFUSALS)} '
        "| stats count(*) as refused by caller, standing, action, outcome | sort refused desc | limit 100",
        of_workers=False,
    ),
)


def parts_of(query: SavedQuery, rows: Sequence[FunctionSpec]) -> list[Sequence[FunctionSpec]]:
    """The functions whose lines the query reads, in parts. What Insights is asked of a part is answered of it alone."""
    asked = [row for row in rows if (query.of_calls if row.kind in CALLED else query.of_workers)]
    return [asked[start : start + MOST_GROUPS] for start in range(0, len(asked), MOST_GROUPS)]
