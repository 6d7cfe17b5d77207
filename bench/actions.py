"""Q18 and Q21: what each accepted action costs in DynamoDB, and a whole case. `python -m bench.actions ENDPOINT OUT`.

The functions' handlers run here, against the emulator's DynamoDB, on tables without a stream.
"""

from __future__ import annotations

import json
import secrets
import sys
from base64 import b64encode
from dataclasses import asdict
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import Any

from bench import contested, scene
from bench.recorder import Recorder, new_recorder


def lives(recorder: Recorder) -> None:
    """Four cases through every action: a claim to its decision, an agreement, a cancellation, a changed reason."""
    claim(recorder)
    _agreement(recorder)
    one = opened(recorder, "NOT_RECEIVED", label="open_dispute (not received)")
    recorder.act(
        "change_reason", "buyer", {"reason": "NOT_AS_DESCRIBED", "sub_reason": "DAMAGED"}, dispute_id=one
    )
    recorder.act("cancel_dispute", "buyer", {"acknowledge_consequences": True}, dispute_id=one)
    two = opened(recorder, label="open_dispute (again)")
    recorder.act("accept_request", "seller", {}, dispute_id=two)


def opened(recorder: Recorder, reason: str = "NOT_AS_DESCRIBED", label: str = "") -> str:
    """An order shipped twenty days ago and a case of it four days old; the case's id."""
    order_id = f"order-{secrets.token_hex(6)}"
    scene.at(-4)
    shipped = datetime.now(UTC) - timedelta(days=20)
    recorder.act("put_order", scene.BACKEND, scene.order(shipped), label="put_order", order_id=order_id)
    opened = recorder.act("open_dispute", "buyer", scene.opening(order_id, reason), label=label)
    return str(opened["dispute_id"])


def claim(recorder: Recorder) -> None:
    """A case from its opening to the team's decision."""
    case = opened(recorder)
    recorder.act("get_dispute", "buyer", dispute_id=case)
    recorder.act("make_offer", "seller", scene.offer(4_000), dispute_id=case)
    scene.at(0)
    recorder.act("escalate_dispute", "buyer", scene.ESCALATION, dispute_id=case)
    recorder.act("send_message", "buyer", scene.MESSAGE, dispute_id=case)
    recorder.act("add_evidence", "buyer", scene.STATEMENT, dispute_id=case)
    recorder.act(
        "add_evidence", "seller", scene.STATEMENT, label="add_evidence (the other side's)", dispute_id=case
    )
    later = (datetime.now(UTC) + timedelta(days=9)).isoformat()
    recorder.act("assign_claim", "case_manager", scene.ASSIGNMENT, dispute_id=case)
    recorder.act("set_evidence_window", "case_manager", {"due_at": later}, dispute_id=case)
    recorder.act("complete_evidence", "buyer", {}, dispute_id=case)
    recorder.act(
        "complete_evidence", "seller", {}, label="complete_evidence (review starts)", dispute_id=case
    )
    recorder.act("decide_claim", "case_manager", scene.DECISION, dispute_id=case)


def _agreement(recorder: Recorder) -> None:
    case = opened(recorder, label="open_dispute (again)")
    first = recorder.act(
        "make_offer", "seller", scene.offer(3_000), label="make_offer (first)", dispute_id=case
    )
    recorder.act("decline_offer", "buyer", {}, dispute_id=case, offer_id=str(first["offer_id"]))
    second = recorder.act(
        "make_offer", "seller", scene.offer(4_000), label="make_offer (after a refusal)", dispute_id=case
    )
    third = recorder.act(
        "make_offer", "seller", scene.offer(5_000), label="make_offer (in place of one)", dispute_id=case
    )
    assert second["offer_id"] != third["offer_id"]
    recorder.act("accept_offer", "buyer", {}, dispute_id=case, offer_id=str(third["offer_id"]))


def main(endpoint: str, out: str) -> None:
    """Count a whole case and each action; record the actions once more without asking for consumed capacity."""
    recorder = new_recorder(endpoint)
    whole = contested.play(recorder)
    recorder.costs.clear()
    lives(recorder)
    recorder.meter.ask_for_capacity = False
    plain = Recorder(recorder.client, recorder.table, recorder.meter, recorder.indexes)
    claim(plain)
    found = {
        "costs": [asdict(cost) for cost in recorder.costs],
        "contested": asdict(whole),
        "recordings": plain.recordings,
        "table": recorder.table,
    }
    Path(out).write_text(json.dumps(found, default=_as_text))
    recorder.close()


def _as_text(value: Any) -> Any:
    if isinstance(value, bytes):
        return {"__bytes__": b64encode(value).decode()}
    raise TypeError(type(value).__name__)


if __name__ == "__main__":
    main(*sys.argv[1:3])
