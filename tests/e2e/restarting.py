"""A case in every waiting state when the stack goes down, and Step Functions out of order when it comes up again."""

from __future__ import annotations

import json
from collections.abc import Callable, Iterator
from concurrent.futures import ThreadPoolExecutor
from contextlib import contextmanager
from dataclasses import dataclass
from datetime import timedelta
from typing import Any

from local import aws
from tests.e2e.case import Case
from tests.e2e.waiting import utc_now
from tests.e2e.world import FUNCTION_PREFIX, Json, World

ADDRESS = {"address": {"lines": ["9 Quay Street"], "postal_code": "2000", "country": "CN"}}
PARCEL = {"carrier": "Post", "tracking_number": "RX9"}
REFUND = 1_000
DENIED = ["states:StartExecution", "states:SendTaskSuccess", "states:DescribeExecution"]
STARTERS = ("dispatch_changes", "sweep_deadlines")


@dataclass
class Waiting:
    """One case in each waiting state of the machine, by that state."""

    negotiation: Case
    evidence: Case
    decision: Case
    shipment: Case
    receipt: Case

    def all(self) -> list[Case]:
        return [self.negotiation, self.evidence, self.decision, self.shipment, self.receipt]


def cases_in_every_state(world: World) -> Waiting:
    """Open them side by side; each sleeps in its state, its mails sent."""

    def negotiation() -> Case:
        return _parked(Case.opened(world), "NEGOTIATION")

    def evidence() -> Case:
        case = Case.opened(world)
        case.escalate()
        case.await_parked("CLAIM_EVIDENCE")
        # Long enough to be open when the stack goes down, over soon after it has come up.
        case.set_evidence_window(utc_now() + timedelta(seconds=9 * world.day))
        return _parked(case, "CLAIM_EVIDENCE")

    def decision() -> Case:
        case = Case.opened(world)
        case.escalate()
        for who in ("buyer", "seller"):
            case.state_something(who)
            case.act(who, "evidence-complete")
        return _parked(case, "UNDER_REVIEW")

    def shipment() -> Case:
        return _parked(_return_agreed(world), "AWAITING_RETURN")

    def receipt() -> Case:
        case = _return_agreed(world)
        case.act("seller", "return/address", ADDRESS)
        case.act("buyer", "return/shipment", PARCEL)
        return _parked(case, "RETURN_SHIPPED")

    makers: tuple[Callable[[], Case], ...] = (negotiation, evidence, decision, shipment, receipt)
    with ThreadPoolExecutor(len(makers)) as pool:
        return Waiting(*pool.map(lambda make: make(), makers))


def _return_agreed(world: World) -> Case:
    case = Case.opened(world, "NOT_AS_DESCRIBED")
    case.act("buyer", f"offers/{case.offer('seller', REFUND, 'REFUND_WITH_RETURN')}/accept")
    return case


def _parked(case: Case, status: str) -> Case:
    case.await_parked(status)
    return case


@contextmanager
def step_functions_refuse(world: World) -> Iterator[None]:
    """Nothing runs, and nothing can be started, woken or asked, until the end of the block."""
    iam = aws.client(world.workspace, "iam")
    policy = {
        "Version": "2012-10-17",
        "Statement": [{"Effect": "Deny", "Action": DENIED, "Resource": "*"}],
    }
    names = [
        world.functions.get_function_configuration(FunctionName=FUNCTION_PREFIX + action)["Role"].split("/")[
            -1
        ]
        for action in STARTERS
    ]
    for name in names:
        iam.put_role_policy(RoleName=name, PolicyName="out-of-order", PolicyDocument=json.dumps(policy))
    running = world.machine.list_executions(
        stateMachineArn=world.stack.state_machine_arn, statusFilter="RUNNING"
    )["executions"]
    for execution in running:
        world.machine.stop_execution(executionArn=execution["executionArn"])
    try:
        yield
    finally:
        for name in names:
            iam.delete_role_policy(RoleName=name, PolicyName="out-of-order")


def all_rows(world: World) -> list[Json]:
    """The whole table, in the order of its keys, but for the row by which the sweeper says that it has looked."""
    pages = world.dynamodb.get_paginator("scan").paginate(
        TableName=world.stack.table_name, ConsistentRead=True
    )
    rows: list[Any] = [item for page in pages for item in page["Items"] if item["kind"]["S"] != "SWEEP"]
    return sorted(rows, key=lambda row: (row["pk"]["S"], row["sk"]["S"]))
