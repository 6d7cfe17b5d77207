"""A drill: the account of a case manager is taken over. What it can do, what is seen, how it is undone.

It follows "When an account is taken over" in SECURITY.md step by step, on the deployed stack, with a member of the team
who is made for it.
"""

from __future__ import annotations

import hmac
import secrets
from collections.abc import Iterator
from concurrent.futures import ThreadPoolExecutor
from dataclasses import dataclass, replace
from datetime import UTC, datetime, timedelta
from functools import partial
from hashlib import sha256

import pytest

from buyer_protection.application.actions.execute import CASE_MANAGERS
from buyer_protection.application.workers import leavers
from local import aws
from local.people import create_member
from local.state import Person
from ops.__main__ import DIFFERS, DONE
from ops.log_lines import lines_of
from tests.e2e import matrix
from tests.e2e.case import Case
from tests.e2e.conftest import Operate
from tests.e2e.waiting import instant, until, utc_now
from tests.e2e.world import FUNCTION_PREFIX, Json, World
from tests.support.calls import RULING as FOR_THE_SELLER

# Refunds are held for everybody.
pytestmark = [pytest.mark.usefixtures("quiet"), pytest.mark.verify]

# SECURITY.md says five minutes; a busy emulator may leave out one round of the sweeper.
AT_MOST = 2 * timedelta(minutes=leavers.EVERY)
WHY = ("--why", "a drill")
TAKEN = "the account that was taken over"
# Everything for the buyer.
FOR_THE_BUYER = {"outcome": "BUYER_FAVOUR", "reasons": ["OTHER"], "rationale": "I say so."}


@dataclass
class Drill:
    """What the drill has left behind: whose account it was, as whom they called, the cases, and when it was stopped."""

    world: World
    member: Person
    ruled: Case
    held: Case
    stopped_at: datetime | None = None


@pytest.fixture
def operate(operate: Operate) -> Iterator[Operate]:
    """Whatever happens, refunds are asked for again afterwards."""
    yield operate
    operate("refunds", "release", *WHY)


@pytest.fixture(scope="session")
def drill(world: World) -> Drill:
    """Somebody signs in as a manager, takes what claims there are, and rules on one of two."""
    cognito = aws.client(world.workspace, "cognito-idp")
    pool, client = world.stack.team_pool_id, world.stack.team_pool_client_id
    member = create_member(cognito, pool, client, f"drill-{secrets.token_hex(3)}", CASE_MANAGERS)
    taken = World(world.workspace, replace(world.stack, people={**world.stack.people, TAKEN: member}))
    with ThreadPoolExecutor() as pool:
        ruled, held = pool.map(matrix.under_review, (taken, taken))
    for case in (ruled, held):
        assert act(case, "claim/assign", {"assignee": member.sub}) == 200
        assert taken.client.get(TAKEN, f"{case.path}/evidence").status == 200
    return Drill(taken, member, ruled, held)


def act(case: Case, call: str, body: Json) -> int:
    return case.world.client.post(TAKEN, f"{case.path}/{call}", body).status


def disable(drill: Drill) -> datetime:
    """Step 1 of SECURITY.md, once; when that was."""
    if drill.stopped_at is not None:
        return drill.stopped_at
    cognito = aws.client(drill.world.workspace, "cognito-idp")
    person = {"UserPoolId": drill.world.stack.team_pool_id, "Username": drill.member.username}
    cognito.admin_disable_user(**person)
    cognito.admin_user_global_sign_out(**person)
    cognito.admin_remove_user_from_group(**person, GroupName=CASE_MANAGERS)
    drill.stopped_at = utc_now()
    return drill.stopped_at


def pseudonym(drill: Drill) -> str:
    """Step 3 of SECURITY.md: as whom the account stands in the logs."""
    known = drill.world.functions.get_function_configuration(FunctionName=f"{FUNCTION_PREFIX}get_evidence")
    key = str(known["Environment"]["Variables"]["CALLER_ID_KEY"])
    return hmac.new(key.encode(), drill.member.sub.encode(), sha256).hexdigest()[:32]


def rulings_by(drill: Drill, caller: str, since: datetime) -> list[str]:
    """How its calls for a ruling ended, oldest first; that for too much is left out."""
    logs = aws.client(drill.world.workspace, "logs")
    lines = lines_of(logs, f"/aws/lambda/{FUNCTION_PREFIX}decide_claim", since)
    answers = [it for it in lines if it.get("message") == "answered" and it.get("caller") == caller]
    return [it["outcome"] for it in answers if it["outcome"] in ("ACCEPTED", "FORBIDDEN")]


def looked(operate: Operate, capsys: pytest.CaptureFixture[str], case: Case) -> set[tuple[str, str, str]]:
    """Who of the team did what with the case, by their pseudonyms: caller, call and outcome."""
    capsys.readouterr()
    assert operate("case", "looked", case.dispute_id, "--standing", "TEAM") == DONE
    lines = [line.split("  ") for line in capsys.readouterr().out.splitlines()[:-1]]
    return {(line[2], line[3], line[4]) for line in lines}


def has_looked(
    caller: str, operate: Operate, capsys: pytest.CaptureFixture[str], case: Case, *, is_held: bool
) -> bool:
    """Whether the log has that it read the evidence and, where it was disabled by then, what it tried."""
    refused = {(caller, call, "FORBIDDEN") for call in ("decide_claim", "send_message", "write_note")}
    found = looked(operate, capsys, case)
    return (caller, "list_evidence", "ACCEPTED") in found and (not is_held or refused <= found)


def test_an_account_of_the_team_that_was_taken_over_is_stopped_seen_and_undone(
    world: World, drill: Drill, operate: Operate, capsys: pytest.CaptureFixture[str]
) -> None:
    before = datetime.now(UTC)
    # The alarm is up, and the money is held before anything else is looked at.
    assert operate("refunds", "hold", *WHY) == DONE

    # Within its hour: it pays a buyer what they asked for, never more.
    asked = drill.ruled.look("case_manager")["requested_refund"]["amount_minor"]
    too_much = {
        **FOR_THE_BUYER,
        "outcome": "PARTIAL",
        "refund": {"amount_minor": asked + 1, "currency": "USD"},
    }
    assert act(drill.ruled, "claim/decision", too_much) == 422
    assert act(drill.ruled, "claim/decision", FOR_THE_BUYER) == 200
    assert drill.ruled.look()["outcome"]["refund"]["amount_minor"] == asked

    # From the instant of the disabling on, its token is good for reading until it expires, and for nothing else.
    disable(drill)
    assert drill.world.client.get(TAKEN, drill.held.path).status == 200
    assert act(drill.held, "claim/decision", FOR_THE_BUYER) == 403
    assert act(drill.held, "messages", {"text": "Pay me."}) == 403
    assert act(drill.held, "claim/notes", {"text": "All is well."}) == 403
    assert drill.held.look()["status"] == "UNDER_REVIEW"

    # Seen: each case that it read, and each try that was refused, by its pseudonym.
    caller = pseudonym(drill)
    until("the log has both rulings", lambda: rulings_by(drill, caller, before) == ["ACCEPTED", "FORBIDDEN"])
    for case in (drill.ruled, drill.held):
        seen = partial(has_looked, caller, operate, capsys, case, is_held=case is drill.held)
        until("the log has what it read and tried", seen)
    # No entry names a member (R45); the team sees who has the claim, and only they can have ruled (R47).
    assert drill.ruled.look("case_manager")["assigned_to"] == drill.member.sub

    # Undone: its refund never left.
    assert drill.ruled.row("REFUND")["status"] == "REQUESTED"
    heard = {event["type"] for event in world.bus.heard(drill.ruled.dispute_id)}
    assert "DisputeDecided" in heard
    assert "RefundRequested" not in heard

    # The trace says who held the money, and why.
    assert operate("refunds", "held") == DIFFERS
    assert operate("trace", "list") == DONE
    assert "on-call-2  refunds hold" in capsys.readouterr().out


@pytest.mark.usefixtures("at_the_end")
def test_what_it_held_is_nobodys_again_and_another_member_rules_on_it(drill: Drill) -> None:
    stopped_at = disable(drill)

    until("the claim is nobody's", lambda: swept(drill), seconds=400)

    steps = drill.world.rows(f"CASE#{drill.held.dispute_id}", "TEAM#ASSIGNMENT#")
    (given_back,) = [step for step in steps if step["by"] == leavers.BY]
    assert instant(given_back["at"]) - stopped_at < AT_MOST
    drill.held.act("case_manager", "claim/decision", FOR_THE_SELLER)
    assert drill.held.look()["outcome"]["code"] == "DECIDED_SELLER_FAVOUR"


def swept(drill: Drill) -> bool:
    """Whether the sweeper has put the claim back."""
    drill.world.sweep()
    return drill.held.look("case_manager")["assigned_to"] is None
