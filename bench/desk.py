"""What each list costs a desk of 5,000 cases on a local stack: DynamoDB's calls and units, milliseconds, items.

Run as `python -m bench.desk --port 4730` beside a stack that `make up PORT=4730` has started; it writes the cases into
that stack's table, so take the stack down afterwards. The stack's API is asked as people ask it, for the time; then the
same function runs in this process on the same table, where its calls can be counted. 1 where a call costs more than
decision 0053 says, or does not answer.
"""

from __future__ import annotations

import argparse
import json
import secrets
import sys
import time
from collections.abc import Callable, Iterator, Mapping
from contextlib import contextmanager
from datetime import UTC, datetime, timedelta
from statistics import median
from types import MappingProxyType
from typing import Any, NamedTuple

from bench.full_desk import CASES, Cost, Desk, at_most
from bench.recorder import Recorder, recorder_on
from bench.scene import run
from buyer_protection.application.actions.execute import CASE_MANAGERS
from buyer_protection.domain.timeline import whole_ms
from local import aws
from local.client import Client, Response
from local.people import create_person
from local.state import StackInfo, load
from local.workspace import Workspace
from tests.support import api_events, in_process, sign_in

# Calls by HTTP of which the median is shown; one more before them warms the function.
TIMES = 7
MEMBERS = 9
PAGE = {"page_size": "50"}


class Asked(NamedTuple):
    """One call: the action, whose call it is, and its query."""

    action: str
    who: str = "case_manager"
    query: Mapping[str, str] = MappingProxyType({})


def asked(start: datetime) -> dict[str, Asked]:
    """The calls of `BARS`, by their names there, on a desk whose first case was opened at `start`."""

    def day(number: int) -> str:
        return (start + timedelta(days=number)).strftime("%Y-%m-%dT%H:%M:%SZ")

    def listed(who: str = "case_manager", **query: str) -> Asked:
        return Asked("list_disputes", who, {**PAGE, **query})

    def queue(**query: str) -> Asked:
        return Asked("get_mediation_queue", query={**PAGE, **query})

    return {
        "by order": listed(order_id="o-500"),
        "by buyer": listed(buyer_id="buyer-7"),
        "a buyer's own": listed("buyer", role="buyer"),
        "every case, newest first": listed(),
        "claims under review": listed(status="UNDER_REVIEW"),
        "claims due before": listed(status="UNDER_REVIEW", due_before=day(30)),
        "decided, of a day": listed(status="DECIDED", opened_from=day(1), opened_until=day(2)),
        "the queue": queue(),
        "the queue, of nobody": queue(assigned_to="none"),
        "the queue, mine": queue(assigned_to="me"),
        "summary": Asked("get_mediation_summary"),
        "team": Asked("get_mediation_team"),
        "the next claim": Asked("take_next_claim"),
        "a buyer's orders": Asked("list_orders", "buyer", PAGE),
    }


class Found(NamedTuple):
    """What one call cost and may cost: `consumed` is what the emulator says of its reads, `seconds` the median by HTTP,
    None where not every call was answered."""

    name: str
    cost: Cost
    bar: Cost
    consumed: float
    seconds: float | None
    items: int

    @property
    def is_over(self) -> bool:
        """Whether it costs more than the decision says, or was not always answered."""
        more = self.cost.calls > self.bar.calls or self.cost.units > self.bar.units
        return more or self.seconds is None

    def line(self) -> str:
        """One row of the table."""
        taken = "none" if self.seconds is None else f"{self.seconds * 1000:.0f}"
        return (
            f"{self.name:<26}{self.cost.calls:>6}{self.cost.units:>8g}{self.bar.calls:>9}{self.bar.units:>8g}"
            f"{self.consumed:>10g}{taken:>8}{self.items:>7}" + ("  OVER" if self.is_over else "")
        )


def main(argv: list[str] | None = None) -> int:
    """Fill, ask, print; see the module."""
    parser = argparse.ArgumentParser(prog="python -m bench.desk", description=__doc__)
    parser.add_argument("--port", type=int, default=4566, help="of the stack that runs")
    parser.add_argument("--cases", type=int, default=CASES)
    arguments = parser.parse_args(argv)
    workspace = Workspace(arguments.port)
    info = load(workspace)
    api_events.ENVIRONMENT["TEAM_POOL_ID"] = sign_in.ENVIRONMENT["TEAM_POOL_ID"] = info.team_pool_id
    recorder = recorder_on(info.endpoint_url, info.table_name)
    recorder.meter.look = None
    # The last case is opened now.
    start = whole_ms(datetime.now(UTC) - timedelta(minutes=arguments.cases))
    with nine_members(aws.client(workspace, "cognito-idp"), info) as members:
        begun = time.monotonic()
        Desk(info.people["buyer"].sub, members, arguments.cases, start).write()
        print(f"{arguments.cases:,} cases written in {time.monotonic() - begun:.0f} s", file=sys.stderr)
        print(f"{'':<26}{'calls':>6}{'units':>8}{'at most':>17}{'emulator':>10}{'ms':>8}{'items':>7}")
        client, found = Client(info), []
        for name, one in asked(start).items():
            found.append(measured(name, one, client, recorder))
            print(found[-1].line(), flush=True)
    return 1 if any(one.is_over for one in found) else 0


@contextmanager
def nine_members(cognito: Any, info: StackInfo) -> Iterator[list[str]]:
    """The stack's two case managers, the one who asks first, and seven more for as long as it takes.

    The sweeper gives back the claims of whoever is not in the team.
    """
    names = [f"desk-{secrets.token_hex(4)}" for _ in range(MEMBERS - 2)]
    try:
        more = [create_person(cognito, info.team_pool_id, name).sub for name in names]
        for name in names:
            cognito.admin_add_user_to_group(
                UserPoolId=info.team_pool_id, Username=name, GroupName=CASE_MANAGERS
            )
        yield [info.people["case_manager"].sub, info.people["second_case_manager"].sub, *more]
    finally:
        for name in names:
            cognito.admin_delete_user(UserPoolId=info.team_pool_id, Username=name)


def measured(name: str, one: Asked, client: Client, recorder: Recorder) -> Found:
    """Ask by HTTP, then in this process. RuntimeError where the function refuses."""
    row = in_process.ROUTES[one.action]
    body = {} if row.method == "POST" else None

    def by_http() -> Response:
        return client.call(one.who, row.method, row.path, body=body, query=dict(one.query) or None)

    taken = [_timed(by_http) for _ in range(TIMES + 1)][1:]
    answered = [seconds for seconds in taken if seconds is not None]
    recorder.meter.take()
    lists = {key: [text] for key, text in one.query.items()} or None
    result, _ = run(one.action, in_process.event_for(one.action, _caller(one.who, client.stack), query=lists))
    calls = recorder.meter.take()
    if result["statusCode"] != 200:
        raise RuntimeError(f"{name}: {result['statusCode']} {result['body']}")
    units = sum(call.read_units for call in calls)
    reads = [entry["CapacityUnits"] for call in calls for entry in call.capacity if call.read_units]
    return Found(
        name,
        Cost(len(calls), units),
        at_most(name, MEMBERS),
        sum(reads),
        median(answered) if len(answered) == TIMES else None,
        _items(json.loads(result["body"])),
    )


def _timed(ask: Callable[[], Response]) -> float | None:
    """Seconds until 200; None for any other answer."""
    begun = time.perf_counter()
    answer = ask()
    if answer.status != 200:
        print(f"{answer.status} {answer.body}", file=sys.stderr)
        return None
    return time.perf_counter() - begun


def _caller(who: str, info: StackInfo) -> dict[str, Any]:
    """That person as the gateway passes them on."""
    made = api_events.member if who == "case_manager" else api_events.person
    return made(info.people[who].sub)


def _items(document: Mapping[str, Any]) -> int:
    """Of a list; a dispute has items of its own, and is one."""
    return 1 if "dispute_id" in document else len(document.get("items", [document]))


if __name__ == "__main__":
    sys.exit(main())
