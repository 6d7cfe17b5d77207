"""Every night: all rows of every case compared with each other; what disagrees is reported, nothing is repaired.

Called every few minutes of the night, it goes on where it stopped until the pass over all cases is through. A closed
case that is whole goes to the archive once its time has come (R48); an operator names one by `dispute_id`.
"""

from typing import Any

from buyer_protection.application.workers.archive import Archived, archive_case
from buyer_protection.application.workers.audit import Disagreement, audit
from buyer_protection.composition import container
from buyer_protection.runtime.observability import census, count, has_time, worker

# A page of a hundred cases takes less.
_RESERVE_SECONDS = 30


@worker("audit_cases")
def handler(event: dict[str, Any], context: object) -> dict[str, object]:
    """Go on with the night's pass. Each disagreement is counted under its kind, and all of them together."""
    auditor = container.get().auditor

    def on_archived(dispute_id: str, result: Archived) -> None:
        count("archive", result.value, {"dispute_id": dispute_id})

    if (named := event.get("dispute_id")) is not None:
        if auditor.archivist is None:
            raise AssertionError("the audit has an archive")
        result = archive_case(auditor.archivist, str(named))
        on_archived(str(named), result)
        return {"archived": result.value}

    def on_disagreement(dispute_id: str, kind: Disagreement) -> None:
        for outcome in (kind.value, "DISAGREES"):
            count("audit", outcome, {"dispute_id": dispute_id, "kind": kind.value})

    far = audit(auditor, on_disagreement, has_time(context, _RESERVE_SECONDS), on_archived)
    if far is None:
        return {}
    if far.ended_at is not None:
        count("audit", "ENDED", {"cases": far.cases, "disagreements": far.disagreements})
        for name, number in far.counts.items():
            census(name, number)
    return {"cases": far.cases, "disagreements": far.disagreements, "ended": far.ended_at is not None}
