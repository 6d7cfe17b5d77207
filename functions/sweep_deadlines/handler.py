"""Every minute: whatever is overdue is done, whoever should have done it (R15, R22, R24, R36).

Returns how much of what was done; nothing overdue writes nothing, but for the one row that says when it last looked.
Every repair is a log line with ids only. The event may name a share of the shards, `{"share": 0, "of": 4}`: as many
rounds then run beside each other.
"""

from collections import Counter
from collections.abc import Callable
from typing import Any

from buyer_protection.application.ports.operations import SweepReport
from buyer_protection.application.ports.timers import WHOLE, Share
from buyer_protection.application.workers import leavers
from buyer_protection.application.workers.sweep import sweep
from buyer_protection.application.workers.sweep_round import Repair
from buyer_protection.composition import container
from buyer_protection.runtime.observability import count, has_time, log, log_failure, worker

# What one row takes at most: three calls of a service that does not answer, and the table.
_RESERVE_SECONDS = 20
# Refunds that a person must look at, and the outcome that each is counted under.
_REFUNDS = {
    "refunds_given_up": "NEEDS_OPERATOR",
    "refunds_unanswered": "UNANSWERED",
    "refunds_held_over_ledger": "HELD_OVER_LEDGER",
    "refunds_not_of_case": "NOT_OF_CASE",
}


@worker("sweep_deadlines")
def handler(event: dict[str, Any], context: object) -> dict[str, int]:
    """One round. A refund that failed for the last time is counted alone: a person must look at it."""

    def on_repair(repair: Repair) -> None:
        ids = {"dispute_id": repair.dispute_id}
        log("repair", {"kind": repair.kind, **ids})
        if repair.kind.startswith("failed_"):
            count("sweep", "CASE_FAILED", ids)
        if repair.kind in _REFUNDS:
            count("refund", _REFUNDS[repair.kind], ids)

    share = _share_of(event)
    done = sweep(container.get().sweeper, has_time(context, _RESERVE_SECONDS), on_repair, share)
    if done["refunds_held"]:
        count("refund", "HELD", {"rows": done["refunds_held"]})
    if done["deadlines_held"]:
        count("clock", "HELD", {})
    if done["unfinished"]:
        count("sweep", "UNFINISHED", {})
    if done["unwatched"]:
        count("sweep", "UNWATCHED", {"cases": done["unwatched"]})
    if share.number == 0:
        _keep_house(done, context)
    return dict(done)


def _share_of(event: dict[str, Any]) -> Share:
    return Share(int(event["share"]), int(event["of"])) if "share" in event else WHOLE


def _keep_house(done: Counter[str], context: object) -> None:
    """What one round a minute does for all."""
    if returned := _return_claims(has_time(context, _RESERVE_SECONDS)):
        done["claims_returned"] = returned
    built = container.get()
    now, unfinished = built.context.clock.now(), done["unfinished"] > 0
    built.operations.keep_sweep(SweepReport(now, dict(+done), unfinished))


def _return_claims(is_left: Callable[[], bool]) -> int:
    """R47, every few minutes and after all deadlines: a user pool that does not answer holds nothing else up."""
    built = container.get()
    clock = built.context.clock
    if not leavers.is_due(clock.now()) or not is_left():
        return 0
    try:
        returned = leavers.return_claims(built.context.cases, built.team, clock, is_left)
    except Exception as failure:  # noqa: BLE001 - the next round asks again
        log_failure("return_claims", failure, {})
        count("sweep", "RETURN_FAILED", {})
        return 0
    for dispute_id in returned:
        log("repair", {"kind": "claims_returned", "dispute_id": dispute_id})
    return len(returned)
