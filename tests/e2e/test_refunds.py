"""Refunds on the deployed stack: the payment system's answers over the bus, with the shop's own rights, and the switch.

The switch is everybody's, so that these tests wait until the stories are over.
"""

from __future__ import annotations

import json
from collections import Counter
from collections.abc import Iterator
from pathlib import Path

import boto3
import pytest
from botocore.config import Config

from ops.__main__ import DIFFERS, DONE
from tests.e2e.case import PAID, Case
from tests.e2e.conftest import Operate
from tests.e2e.waiting import stated, until, utc_now
from tests.e2e.world import Json, World

pytestmark = pytest.mark.usefixtures("quiet")

LONG_AGO = "2020-01-01T00:00:00.000Z"
WHY = ("--why", "a test")
HEADER = "refund_id,amount_minor,currency,paid_at,reference\n"


class Payments:
    """The shop's payment system: the backend's credentials, and nothing but the bus."""

    def __init__(self, world: World) -> None:
        backend = world.stack.backend
        self.bus_name = world.stack.event_bus_name
        self.events = boto3.session.Session(
            aws_access_key_id=backend.access_key_id,
            aws_secret_access_key=backend.secret_access_key,
            region_name=world.stack.region,
        ).client("events", endpoint_url=world.stack.endpoint_url, config=Config(proxies={}))

    def publish(self, name: str, case: Case, minor: int, **more: str) -> None:
        detail = {
            "refund_id": f"rf-{case.dispute_id}",
            "amount_minor": minor,
            "currency": "USD",
            "occurred_at": stated(utc_now()),
            **more,
        }
        entry = {
            "EventBusName": self.bus_name,
            "Source": "shop.payments",
            "DetailType": name,
            "Detail": json.dumps(detail),
        }
        assert self.events.put_events(Entries=[entry])["FailedEntryCount"] == 0


@pytest.fixture(scope="module")
def payments(world: World) -> Payments:
    return Payments(world)


@pytest.fixture
def operate(operate: Operate) -> Iterator[Operate]:
    """Whatever happens, refunds go out again afterwards."""
    yield operate
    operate("refunds", "release", *WHY)


def settled(world: World) -> Case:
    """A case in which the seller grants everything."""
    case = Case.opened(world)
    case.act("seller", "accept-request")
    return case


def asked(case: Case) -> list[Json]:
    """The requests for the case's refund, in the order in which the bus carried them."""
    return [event for event in case.world.bus.heard(case.dispute_id) if event["type"] == "RefundRequested"]


def answers(case: Case) -> list[str]:
    return [entry["type"] for entry in case.timeline() if entry["actor"]["id"] == "payment"]


def overdue(case: Case) -> None:
    """As if an hour had gone by since the refund was asked for."""
    case.world.set_instant(f"CASE#{case.dispute_id}", "REFUND", "due_at", LONG_AGO)


def test_r25_a_refund_fails_is_asked_for_anew_succeeds_comes_back_and_is_paid_anew(
    world: World, payments: Payments
) -> None:
    case = settled(world)
    until("the refund is asked for", lambda: asked(case))
    payments.publish("RefundFailed", case, PAID, reason="CARD_EXPIRED")
    until("the failure is noted", lambda: answers(case) == ["REFUND_FAILED"])
    overdue(case)
    world.sweep()
    again = until("it is asked for anew", lambda: (found := asked(case)) and len(found) == 2 and found)
    assert [event["attempt"] for event in again] == [1, 2]
    assert len({event["id"] for event in again}) == 2
    # Another amount, and twice the same success: one of these counts. A failure after it: the bank sent it back (R44).
    payments.publish("RefundSucceeded", case, PAID - 1, reference="pay-0")
    for _ in range(2):
        payments.publish("RefundSucceeded", case, PAID, reference="pay-1")
    until("the success is noted", lambda: "REFUND_SUCCEEDED" in answers(case))
    payments.publish("RefundFailed", case, PAID, reason="CHARGED_BACK")
    last = settled(world)
    payments.publish("RefundSucceeded", last, PAID, reference="pay-2")
    until("what came after it is through", lambda: answers(last) == ["REFUND_SUCCEEDED"])
    returned = ["REFUND_FAILED", "REFUND_SUCCEEDED", "REFUND_RETURNED"]
    until("the money is back", lambda: answers(case) == returned)
    assert (case.look()["status"], case.look()["refund"]["status"]) == ("RESOLVED", "RETURNED")
    payments.publish("RefundSucceeded", case, PAID, reference="pay-3")
    until("it is paid anew", lambda: answers(case) == [*returned, "REFUND_SUCCEEDED"])
    row = case.row("REFUND")
    assert (row["status"], row["amount"], "due_key" in row) == ("SUCCEEDED", f"{PAID} USD", False)
    assert case.look()["refund"]["status"] == "PAID"
    assert not world.sweep().get("refunds_reemitted")


def test_refunds_held_back_wait_and_go_out_once_they_are_released(world: World, operate: Operate) -> None:
    assert operate("refunds", "held") == DONE
    assert operate("refunds", "hold", "--why", "statement differs") == DONE
    assert operate("refunds", "hold", *WHY) == operate("refunds", "held") == DIFFERS
    case = settled(world)
    # What else follows from the end of the case has come out; the request has not.
    case.events(Counter({"DisputeResolved": 1, "OrderReleased": 1}))
    overdue(case)
    assert world.sweep()["refunds_held"] >= 1
    assert asked(case) == []
    assert case.row("REFUND")["due_at"] == LONG_AGO
    assert operate("refunds", "release", *WHY) == DONE
    assert operate("refunds", "release", *WHY) == DIFFERS
    world.sweep()
    (request,) = until("the refund is asked for", lambda: asked(case))
    assert (request["id"], request["attempt"]) == (f"rf-{case.dispute_id}-RefundRequested-2", 2)


def test_the_three_way_match_agrees_until_a_payment_is_missing_from_the_statement(
    world: World, payments: Payments, operate: Operate, tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    since = utc_now()
    case = settled(world)
    payments.publish("RefundSucceeded", case, PAID, reference="pay-7")
    until("the success is noted", lambda: answers(case) == ["REFUND_SUCCEEDED"])
    paid_at = case.row("REFUND")["paid_at"]
    statement = tmp_path / "payments.csv"
    period = ("--statement", str(statement), "--since", stated(since))
    statement.write_text(HEADER + f"rf-{case.dispute_id},{PAID},USD,{paid_at},pay-7\n")
    assert operate("match", *period) == DONE
    statement.write_text(HEADER)
    assert operate("match", *period) == DIFFERS
    assert f"NOT_PAID    rf-{case.dispute_id}" in capsys.readouterr().out


def test_a_mail_that_was_lost_with_the_stream_leaves_at_an_operators_word(
    world: World, operate: Operate
) -> None:
    """By the queue of late changes: what is there already stays as it is, and the bus hears the same ids again."""
    case = Case.opened(world)
    for party in ("BUYER", "SELLER"):
        case.await_mail(party, "DISPUTE_OPENED")
    rows = {row["recipient"]: row for row in case.outbox() if row["mail"] == "DISPUTE_OPENED"}
    lost = {name: {"S": rows["BUYER"][name]} for name in ("pk", "sk")}
    world.dynamodb.delete_item(TableName=world.stack.table_name, Key=lost)
    before = case.events(Counter({"DisputeOpened": 1}))

    assert operate("redispatch", case.dispute_id, *WHY) == DONE

    case.await_mail("BUYER", "DISPUTE_OPENED")
    again = {row["recipient"]: row for row in case.outbox() if row["mail"] == "DISPUTE_OPENED"}
    assert again["BUYER"]["message_id"] != rows["BUYER"]["message_id"]
    assert again["SELLER"] == rows["SELLER"]
    heard = case.events(Counter({"DisputeOpened": 2}))
    assert {event["id"] for event in heard} == {event["id"] for event in before}
    assert operate("redispatch", "dp-of-nobody", *WHY) == DIFFERS


def test_the_audit_finds_nothing_wrong_with_any_case_of_this_stack(world: World) -> None:
    """Every case that all other tests left behind, whatever they broke: its rows agree."""
    # By night the stack's own schedule may have been here before.
    key = {"pk": {"S": "CONTROL#audit"}, "sk": {"S": "PASS"}}
    world.dynamodb.delete_item(TableName=world.stack.table_name, Key=key)
    done = world.invoke("audit_cases", {})
    assert done["ended"] is True
    assert done["cases"] > 0
    assert done["disagreements"] == 0
