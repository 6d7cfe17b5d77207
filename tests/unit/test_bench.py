"""`make bench` without a stack: verdicts, calls, what a reminder costs, waiting, and what is missing."""

import argparse
from concurrent.futures import Future
from datetime import timedelta
from types import SimpleNamespace
from typing import Any

import pytest

from bench import __main__ as program
from bench import clock, counts, follow_ups, lives
from bench.figures import NOT_MEASURED, Line, missing, not_measured, paired_ratio, percentile, render
from bench.meter import Write


def line(figure: float, gate: float | None = 1.6, aim: float | None = 1.3) -> Line:
    return Line("Q0", "what", "ours", "reference", figure, "x", gate, aim)


@pytest.mark.parametrize(("share", "expected"), [(0, 1), (0.1, 1), (0.5, 3), (0.9, 5), (1, 5)])
def test_a_percentile_is_a_value_that_was_taken(share: float, expected: float) -> None:
    assert percentile([5, 3, 1, 4, 2], share) == expected


def test_a_percentile_of_nothing_is_refused() -> None:
    with pytest.raises(ValueError, match="values"):
        percentile([], 0.5)


def test_a_disturbance_of_both_sides_of_a_pair_does_not_change_the_ratio() -> None:
    assert paired_ratio([2, 2, 20], [1, 1, 10]) == 2


@pytest.mark.parametrize(
    ("figure", "verdict"),
    [
        (1.3, "holds, aim met"),
        (1.31, "holds"),
        (1.604, "holds"),
        (2.0, "MISSES by 0.40 (+25%)"),
    ],
)
def test_a_verdict_judges_what_is_printed(figure: float, verdict: str) -> None:
    assert line(figure).verdict == verdict


def test_a_figure_without_a_gate_gets_no_verdict() -> None:
    assert line(9, gate=None, aim=None).verdict == "-"


def test_the_table_has_a_row_for_each_line_and_a_head() -> None:
    rows = render([line(1), line(2)]).splitlines()
    assert len(rows) == 4
    assert rows[2].split() == [
        "Q0",
        "what",
        "ours",
        "reference",
        "1",
        "x",
        "1.60",
        "1.30",
        "holds,",
        "aim",
        "met",
    ]


def test_a_reminder_is_what_leads_from_a_waiting_state_back_to_it() -> None:
    states = [
        "Route",
        "AwaitSettlement",
        "CloseWindow",
        "Route",
        "AwaitSettlement",
        "Route",
        "NotifyOutcome",
        "Closed",
    ]
    assert lives.count_returns(states) == 3
    assert lives.without_returns(states) == ["Route", "AwaitSettlement", "Route", "NotifyOutcome", "Closed"]


def test_leaving_a_waiting_state_is_no_reminder() -> None:
    states = [
        "Route",
        "AwaitSettlement",
        "CloseWindow",
        "Route",
        "OpenMediation",
        "NotifyParties",
        "AwaitEvidence",
    ]
    assert lives.count_returns(states) == 0


def test_calls_are_listed_by_pattern_and_units_by_action() -> None:
    costs = [
        {
            "action": action,
            "calls": calls,
            "sent": len(calls),
            "rows": 4,
            "table_units": 8,
            "index_units": 1,
            "consumed": 9.0,
        }
        for action, calls in (
            ("put_order", ["PutItem"]),
            ("make_offer", ["BatchGetItem", "TransactWriteItems"]),
            ("add_evidence", ["BatchGetItem", "TransactWriteItems"]),
            ("cancel", ["BatchGetItem", "BatchGetItem", "TransactWriteItems"]),
            ("make_offer (again)", ["BatchGetItem", "TransactWriteItems"]),
        )
    ]
    found = [(one.what, one.figure, one.verdict) for one in counts.lines_of(costs)]
    assert found == [
        ("calls of make_offer, add_evidence", 2, "holds, aim met"),
        ("calls of cancel", 3, "MISSES by 1 (+50%)"),
        ("write units of make_offer", 9, "holds, aim met"),
        ("write units of add_evidence", 9, "MISSES by 1 (+12%)"),
        ("write units of cancel", 9, "holds, aim met"),
    ]


def test_a_decision_with_a_rationale_has_a_gate_of_its_own() -> None:
    cost = {
        "action": "decide_claim",
        "calls": ["BatchGetItem", "TransactWriteItems"],
        "sent": 2,
        "rows": 6,
        "table_units": 14,
        "index_units": 3,
        "consumed": 17.0,
    }
    assert counts.lines_of([cost])[-1].gate == 18


class Rows:
    """A recorder whose functions answer with these alarms, on a table with one TIMER row of epoch 1."""

    def __init__(self, *answers: dict[str, Any]) -> None:
        self.answers = list(answers)
        self.invoked: list[str] = []
        self.written: list[Write] = []
        self.table = "table"
        self.client = SimpleNamespace(update_item=lambda **_: None)

    def invoke(self, action: str, _event: Any) -> tuple[Any, list[Any]]:
        self.invoked.append(action)
        return self.answers.pop(0), []

    def look(self, _key: Any) -> Any:
        return {"epoch": {"N": "1"}}

    def take_written(self) -> list[Write]:
        return []


def test_a_whole_case_walks_the_machine_that_is_deployed() -> None:
    waiting = {"case_id": "dp-1", "status": "NEGOTIATION", "epoch": 1}
    closed = {**waiting, "status": "CANCELLED"}
    rows = Rows(closed, closed)
    walked = follow_ups.FollowUps(rows)  # type: ignore[arg-type]
    walked._walk(follow_ups.START, waiting)
    assert walked.states == ["Route", "AwaitSettlement"]
    walked.time_out()
    assert walked.states[2:] == ["CloseWindow", "Route", "NotifyOutcome", "Closed"]
    assert rows.invoked == ["close_window", "notify_parties"]
    assert len(walked.parkings) == 1


def test_parking_for_an_epoch_that_is_over_is_refused_and_the_case_looked_at() -> None:
    outdated = {"case_id": "dp-1", "status": "NEGOTIATION", "epoch": 0}
    rows = Rows({**outdated, "epoch": 1})
    walked = follow_ups.FollowUps(rows)  # type: ignore[arg-type]
    walked._walk(follow_ups.START, outdated)
    assert walked.states == ["Route", "AwaitSettlement", "CloseWindow", "Route", "AwaitSettlement"]
    assert [write.refused for write in walked.parkings] == [True, False]


def tokens(monkeypatch: pytest.MonkeyPatch, *found: str | None) -> lives.Case:
    """A case whose TIMER row has these task tokens, one a look; the last one stays."""
    left = list(found)

    def get_item(**_: Any) -> dict[str, Any]:
        token = left.pop(0) if len(left) > 1 else left[0]
        return {"Item": {"task_token": {"S": token}} if token else {}}

    monkeypatch.setattr(lives, "client_of", lambda *_: SimpleNamespace(get_item=get_item))
    monkeypatch.setattr(lives, "POLL_SECONDS", 0)
    monkeypatch.setattr(lives, "PATIENCE_SECONDS", 0.05)
    client = SimpleNamespace(workspace=SimpleNamespace(port=1), stack=SimpleNamespace(table_name="table"))
    return lives.Case(client, "order-1", "dp-1")  # type: ignore[arg-type]


def test_a_case_is_parked_once_its_row_has_a_token_of_its_own(monkeypatch: pytest.MonkeyPatch) -> None:
    case = tokens(monkeypatch, None, "first", "first", None, "second")
    case.parked()
    assert case._token == "first"
    case.parked()
    assert case._token == "second"


def test_waiting_for_a_parked_execution_has_an_end(monkeypatch: pytest.MonkeyPatch) -> None:
    with pytest.raises(lives.LifeError, match="dp-1 to park"):
        tokens(monkeypatch, None).parked()


def done(result: timedelta | BaseException) -> Future[timedelta]:
    future: Future[timedelta] = Future()
    if isinstance(result, BaseException):
        future.set_exception(result)
    else:
        future.set_result(result)
    return future


def test_a_case_that_cannot_be_measured_is_named_and_the_others_are_measured() -> None:
    results = clock._results([done(timedelta(seconds=1)), done(lives.LifeError("it did not wait"))])
    measured, absent = clock._lines(clock.WAKE, results, "1 case", 2)
    assert (measured.figure, measured.unit) == (1000, "ms")
    assert absent.verdict == NOT_MEASURED
    assert "1 of 2 cases, first LifeError: it did not wait" in absent.ours


def test_without_any_case_there_is_only_the_reason() -> None:
    lines = clock._lines(clock.WAKE, clock._results([done(lives.LifeError("no"))]), "none", 1)
    assert [one.verdict for one in lines] == [NOT_MEASURED]


def test_what_is_not_measured_is_a_row_with_its_reason() -> None:
    absent = not_measured("Q23", "clock", ValueError("first line\nsecond line"))
    assert absent.ours == "not measured: ValueError: first line"
    assert "second line" in absent.detail
    assert missing([line(1), absent]) == ["Q23 clock"]
    assert NOT_MEASURED in render([absent])


def run_of(*ids: str) -> program.Run:
    return program.Run(frozenset(ids), program.Progress())


def test_a_part_that_fails_leaves_a_row_for_each_figure_that_was_wanted_and_the_run_goes_on() -> None:
    def fails() -> list[Line]:
        raise RuntimeError("no stack")

    run = run_of("Q18", "Q20")
    run._add({"Q17", "Q18"}, "actions", fails)
    run._add({"Q20"}, "lives", lambda: [line(1)])
    run._add({"Q23"}, "clock", fails)
    assert [(one.id, one.figure) for one in run.lines] == [("Q18", None), ("Q0", 1)]


@pytest.mark.parametrize(("figure", "code"), [(9.0, 0), (None, 1)])
def test_the_exit_code_names_what_is_missing_and_never_whether_a_bar_holds(
    figure: float | None, code: int, monkeypatch: pytest.MonkeyPatch, tmp_path: Any, capsys: Any
) -> None:
    def measure(run: program.Run, *_: Any) -> None:
        run.lines.append(Line("Q22", "sizes", "ours", "reference", figure, "MB", 1.0))

    monkeypatch.setattr(program, "OUT", tmp_path / "bench.json")
    monkeypatch.setattr(program.Run, "measure", measure)
    assert program.main(["--only", "Q22"]) == code
    assert ("Not measured: Q22 sizes" in capsys.readouterr().err) == (figure is None)


def test_parts_are_named_by_their_ids() -> None:
    assert program._ids("q15, Q18") == ("Q15", "Q18")
    with pytest.raises(argparse.ArgumentTypeError, match="Q99"):
        program._ids("Q15,Q99")


def test_a_fuller_table_has_more_cases_than_the_one_it_is_compared_with() -> None:
    assert program._cases("100000") == 100_000
    with pytest.raises(argparse.ArgumentTypeError):
        program._cases("1000")
