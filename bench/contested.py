"""One contested case from its opening to the payment of what the team decided, with all that follows each step.

What people look at is an assumption of the measurement, and stands in the script: each party opens the case once
after each change of the other side, and the team opens the queue, the brief and the timeline once each.
"""

from __future__ import annotations

import secrets
from collections import Counter
from dataclasses import dataclass, field
from datetime import UTC, datetime, timedelta
from typing import Any

from bench import scene
from bench.follow_ups import FollowUps
from bench.recorder import Cost, Recorder

MAIL_ROWS = "MAIL#"
# Their writes follow from a change; the clock's and the team's own transactions are changes themselves.
_FOLLOWING = ("dispatch_changes", "notify_parties")


@dataclass
class Whole:
    """Counts of one case. Units are DynamoDB's: `mail_units` and `event_units` are what followed, of mails' rows and of
    all other rows, `parking_units` the state machine's own, `order_units` and `order_reads` the order's before it."""

    invocations: dict[str, int]
    write_units: int
    read_units: float
    mail_units: int
    event_units: int
    parking_units: int
    parkings: int
    mails: int
    events: int
    states: list[str]
    requests: dict[str, int]
    log_bytes: int
    stored_bytes: int
    order_units: int
    order_reads: float
    rows: dict[str, int] = field(default_factory=dict)


def play(recorder: Recorder) -> Whole:
    """Play the case on an empty table and count."""
    follow_ups = FollowUps(recorder)
    follow_ups.attach()
    order = _play(recorder, follow_ups)
    costs = [cost for cost in recorder.costs if cost.action != "put_order"]
    by_row = _following(costs)
    parking = sum(write.units() + recorder.index_units(write) for write in follow_ups.parkings)
    mail_units = by_row[MAIL_ROWS]
    return Whole(
        invocations=dict(Counter(cost.action for cost in costs)),
        write_units=sum(cost.units for cost in costs) + parking,
        read_units=sum(cost.read_units for cost in costs),
        mail_units=mail_units,
        event_units=sum(by_row.values()) - mail_units,
        parking_units=parking,
        parkings=len(follow_ups.parkings),
        mails=follow_ups.requests["SendEmail"],
        events=len(follow_ups.events),
        states=follow_ups.states,
        requests=dict(follow_ups.requests),
        log_bytes=sum(cost.log_bytes for cost in costs),
        stored_bytes=recorder.bytes_stored(),
        order_units=order.units,
        order_reads=order.read_units,
        rows=dict(by_row),
    )


def _following(costs: list[Cost]) -> Counter[str]:
    """Units of what followed, by the kind of row."""
    found: Counter[str] = Counter()
    for cost in costs:
        if cost.action in _FOLLOWING:
            found.update(cost.by_row)
    return found


def _play(recorder: Recorder, follow_ups: FollowUps) -> Cost:
    """The case; what the order cost that it is about."""

    def act(action: str, who: str, body: Any, **path: str) -> dict[str, Any]:
        document = recorder.act(action, who, body, **path)
        follow_ups.settle()
        for party in ({"buyer", "seller"} - {who}) if "dispute_id" in path else ():
            recorder.act("get_dispute", party, label="get_dispute", dispute_id=path["dispute_id"])
        return document

    order_id = f"order-{secrets.token_hex(6)}"
    scene.at(-4)
    shipped = datetime.now(UTC) - timedelta(days=20)
    act("put_order", scene.BACKEND, scene.order(shipped), order_id=order_id)
    order = recorder.costs[-1]
    case = str(act("open_dispute", "buyer", scene.opening(order_id))["dispute_id"])
    recorder.act("get_dispute", "seller", label="get_dispute", dispute_id=case)
    made = act("make_offer", "seller", scene.offer(4_000), dispute_id=case)
    act("decline_offer", "buyer", {}, dispute_id=case, offer_id=str(made["offer_id"]))
    act("send_message", "seller", scene.MESSAGE, dispute_id=case)
    # Three days after the opening the buyer learns that the team can be asked (R16).
    scene.at(-1 + 0.001)
    follow_ups.time_out()
    scene.at(-0.5)
    act("escalate_dispute", "buyer", scene.ESCALATION, dispute_id=case)
    for who in ("buyer", "seller"):
        act("add_evidence", who, scene.STATEMENT, dispute_id=case)
    for who in ("buyer", "seller"):
        act("complete_evidence", who, {}, dispute_id=case)
    scene.at(0)
    recorder.act("get_mediation_queue", "case_manager")
    recorder.act("get_claim_brief", "case_manager", dispute_id=case)
    recorder.act("get_timeline", "case_manager", dispute_id=case)
    act("assign_claim", "case_manager", scene.ASSIGNMENT, dispute_id=case)
    act("decide_claim", "case_manager", scene.DECISION, dispute_id=case)
    return order
