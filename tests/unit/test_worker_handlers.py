"""What the workers' handlers log and count: ids only, each repair, and what only a person can put right."""

import json
from collections.abc import Iterator
from dataclasses import replace
from types import SimpleNamespace
from typing import Any
from unittest.mock import Mock

import pytest

from buyer_protection.application.actions.negotiation import accept_request
from buyer_protection.application.ports.operations import SweepReport
from buyer_protection.application.ports.switches import RELEASED, Hold
from buyer_protection.application.workers import leavers
from buyer_protection.application.workers.sweep_round import Sweeper
from buyer_protection.composition import container
from buyer_protection.domain.enums import RefundStatus, Status
from buyer_protection.domain.refunds import MAX_RETRIES, RefundAnswer, note_answer
from tests.support.api_events import CONTEXT, ENVIRONMENT
from tests.support.builders import DAY, OPENED
from tests.support.fakes import World
from tests.support.in_process import handler_of
from tests.unit.application.helpers import CASE, SELLER, call, case_of, opened, world, world_in
from tests.unit.application.test_sweep import crowd, poison


@pytest.fixture(autouse=True)
def _environment(monkeypatch: pytest.MonkeyPatch) -> Iterator[None]:
    for name, value in ENVIRONMENT.items():
        monkeypatch.setenv(name, value)
    container.get.cache_clear()
    yield
    container.get.cache_clear()


def counted(printed: str, *actions: str) -> list[tuple[str, str]]:
    """The metrics of these actions that were printed: action and outcome."""
    metrics = [found for line in printed.splitlines() if "_aws" in (found := json.loads(line))]
    return [(one["action"], one["outcome"]) for one in metrics if one["action"] in actions]


def repairs(printed: str) -> list[dict[str, Any]]:
    lines = [json.loads(line) for line in printed.splitlines()]
    return [line for line in lines if line.get("message") == "repair"]


class Reports:
    """Of port `OperationsStore` what the sweeper's function uses."""

    def __init__(self) -> None:
        self.kept: list[SweepReport] = []

    def keep_sweep(self, report: SweepReport) -> None:
        self.kept.append(report)


def sweep_handler(
    of: World, monkeypatch: pytest.MonkeyPatch, context: Any = CONTEXT, *, asks_who_left: bool = False
) -> dict[str, int]:
    """One round, in a minute that asks who has left the team or in another, whatever the time of day."""
    monkeypatch.setattr(leavers, "is_due", lambda _: asks_who_left)
    made = Sweeper(
        of.cases,
        of.timers,
        of.refunds,
        of.executions,
        of.queue,
        of.bus,
        of.clock,
        of.orders,
        of.webhook_queue,
        of.switch,
        clock_switch=of.clock_switch,
    )
    container.get().sweeper = made
    container.get().operations = Reports()  # type: ignore[assignment]
    container.get().context = of.context
    return dict(handler_of("sweep_deadlines")({}, context))


def test_each_repair_of_the_sweeper_is_a_line_with_ids_only(
    monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    of = crowd(2)
    done = sweep_handler(of, monkeypatch)
    assert done["transitions"] == 2
    [report] = container.get().operations.kept  # type: ignore[attr-defined]
    assert (report.done["transitions"], report.unfinished) == (2, False)
    found = repairs(capsys.readouterr().out)
    assert sorted((line["kind"], line["dispute_id"]) for line in found) == sorted(
        (kind, case) for kind in ("transitions", "started") for case in ("dp-1", "dp-2")
    )
    known = {"level", "message", "timestamp", "service", "request_id", "kind", "dispute_id"}
    assert all(line.keys() == known and line["request_id"] == "lambda-request" for line in found)


def test_a_case_that_the_sweeper_cannot_deal_with_is_counted(
    monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    of = crowd(3)
    poison(of, monkeypatch, "dp-1", "dp-2")
    sweep_handler(of, monkeypatch)
    assert counted(capsys.readouterr().out, "sweep") == [("sweep", "CASE_FAILED")] * 2


def test_one_case_whose_execution_is_refused_is_a_round_that_could_not_look_after_executions(
    monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    """A refusal (AccessDenied) is an answer, so that no breaker opens: the alarm must see it all the same."""
    of = crowd(1)
    monkeypatch.setattr(of.executions, "is_running", Mock(side_effect=PermissionError))
    sweep_handler(of, monkeypatch)
    assert ("sweep", "UNWATCHED") in counted(capsys.readouterr().out, "sweep")


def test_r47_where_nobody_knows_who_has_left_the_round_goes_on_and_that_is_counted(
    monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    of = crowd(2)
    monkeypatch.setattr(leavers, "return_claims", Mock(side_effect=ConnectionError))
    assert sweep_handler(of, monkeypatch, asks_who_left=True)["transitions"] == 2
    assert counted(capsys.readouterr().out, "sweep") == [("sweep", "RETURN_FAILED")]


@pytest.mark.parametrize("name", ["close_window", "open_mediation"])
def test_f7_an_execution_of_a_case_that_is_gone_is_led_to_its_end(
    name: str, capsys: pytest.CaptureFixture[str]
) -> None:
    container.get().context, container.get().clock_switch = world().context, RELEASED
    answer = handler_of(name)({"case_id": "dp-9", "generation": 1, "status": "NEGOTIATION"}, CONTEXT)
    assert (answer["case_id"], answer["status"]) == ("dp-9", "CASE_MISSING")
    assert counted(capsys.readouterr().out, "execution") == [("execution", "CASE_MISSING")]


def test_the_sweeper_stops_in_time_and_says_so(
    monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    of = crowd(9)
    left = iter([58_000, 55_000, 30_000, 20_000])
    context = SimpleNamespace(aws_request_id="r", get_remaining_time_in_millis=lambda: next(left, 0))
    assert sweep_handler(of, monkeypatch, context)["unfinished"] == 1
    assert counted(capsys.readouterr().out, "sweep") == [("sweep", "UNFINISHED")]
    assert "unfinished" not in {name for name, n in sweep_handler(of, monkeypatch).items() if n}
    assert counted(capsys.readouterr().out, "sweep") == []


def test_a_refund_that_is_given_up_calls_an_operator_once(
    monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    of = world_in(Status.RESOLVED)
    case = case_of(of)
    assert case.outcome is not None
    answer = RefundAnswer(RefundStatus.FAILED, case.outcome.refund, of.clock.at)
    failed = note_answer(case, answer, of.clock.at)
    assert failed is not None
    of.cases.commit(failed, now=of.clock.at)
    for _ in range(MAX_RETRIES + 5):
        sweep_handler(of, monkeypatch)
        of.clock.at += DAY
    assert counted(capsys.readouterr().out, "refund") == [("refund", "NEEDS_OPERATOR")]


def test_refunds_that_are_held_back_are_counted_by_both_that_would_send_them(
    monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    of = world()
    opened(of)
    accept_request(of.context, call(SELLER), CASE)
    of.switch.held = Hold(OPENED)
    processor = replace(of.processor, parse=lambda record: record["row"])
    container.get().stream_processor = processor
    records, of.stream = [{"row": row} for row in of.stream], []
    handler_of("dispatch_changes")({"Records": records}, CONTEXT)
    assert counted(capsys.readouterr().out, "refund") == [("refund", "HELD")]
    of.clock.at += DAY
    sweep_handler(of, monkeypatch)
    assert counted(capsys.readouterr().out, "refund") == [("refund", "HELD")]
    assert [event for event in of.bus.published if event.type == "RefundRequested"] == []


def test_dates_that_pass_while_the_clock_is_held_are_counted(
    monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    of = crowd(2)
    of.clock_switch.held = Hold(OPENED)
    assert sweep_handler(of, monkeypatch) == {"deadlines_held": 1}
    assert counted(capsys.readouterr().out, "clock") == [("clock", "HELD")]
    of.clock_switch.held = None
    assert sweep_handler(of, monkeypatch)["transitions"] == 2
    assert counted(capsys.readouterr().out, "clock") == []


def test_the_deployed_functions_look_at_the_switch_and_the_sweeper_opens_claims(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    from buyer_protection.adapters.aws import clients
    from buyer_protection.adapters.dynamodb.audit_store import PynamoAuditStore
    from buyer_protection.adapters.dynamodb.switches import PynamoClockSwitch, PynamoRefundSwitch

    monkeypatch.setenv("SWEEP_CONCURRENCY", "8")
    secrets = "AWS_ACCESS_KEY_ID", "AWS_SECRET_ACCESS_KEY"
    resources = "STATE_MACHINE_ARN", "EVENT_BUS_NAME", "NOTIFICATION_QUEUE_URL", "LATE_CHANGES_QUEUE_URL"
    resources += ("WEBHOOK_QUEUE_URL", "SIGNING_KEY_ARN")
    for name in (*resources, *secrets):
        monkeypatch.setenv(name, "x")
    container.get.cache_clear()
    clients.client.cache_clear()
    made = container.get().sweeper
    assert isinstance(made.switch, PynamoRefundSwitch)
    assert isinstance(made.clock_switch, PynamoClockSwitch)
    assert (made.orders is container.get().context.orders, made.concurrency) == (True, 8)
    assert clients.client.cache_info().currsize == 3
    assert isinstance(container.get().stream_processor.switch, PynamoRefundSwitch)
    assert isinstance(container.get().auditor.records, PynamoAuditStore)
