"""The pure parts of `make bench`: percentiles and verdicts, the pricing rule, what a reminder costs."""

import pytest

from bench import counts, lives, pricing
from bench.figures import Line, paired_ratio, percentile, render

INDEXES = [
    pricing.Index("by_due", ("due_key", "due_at")),
    pricing.Index("by_queue", ("queue_key", "queue_due")),
]


def item(**attributes: str) -> pricing.Item:
    return {name: {"S": text} for name, text in {"pk": "p", "sk": "s", **attributes}.items()}


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


@pytest.mark.parametrize(
    ("value", "size"),
    [
        ({"S": "abc"}, 3),
        ({"S": "é"}, 2),
        ({"N": "0"}, 2),
        ({"N": "-1234"}, 4),
        ({"N": "1200"}, 2),
        ({"B": b"1234"}, 4),
        ({"B": "MTIzNA=="}, 4),
        ({"BOOL": True}, 1),
        ({"L": [{"S": "ab"}, {"NULL": True}]}, 3 + 3 + 2),
        ({"M": {"name": {"S": "ab"}}}, 3 + 1 + 4 + 2),
    ],
)
def test_a_value_is_as_large_as_the_pricing_rule_says(value: dict[str, object], size: int) -> None:
    assert pricing.value_size(value) == size


def test_names_of_attributes_are_paid_for() -> None:
    assert pricing.item_size(item(text="1234")) == len("pk" + "p" + "sk" + "s" + "text" + "1234")


@pytest.mark.parametrize(("letters", "units"), [(0, 2), (1014, 2), (1015, 4)])
def test_a_transaction_costs_two_units_for_each_started_kilobyte(letters: int, units: int) -> None:
    new = item(text="x" * letters)
    assert pricing.item_size(new) == 10 + letters
    assert pricing.transaction_units(None, new) == units


def test_the_larger_of_before_and_after_is_paid_for() -> None:
    large, small = item(text="x" * 2000), item(text="x")
    assert pricing.transaction_units(large, small) == pricing.transaction_units(small, large) == 4


def test_an_index_costs_only_where_its_keys_change() -> None:
    due, later = item(due_key="d", due_at="1"), item(due_key="d", due_at="2")
    assert pricing.index_units(None, due, INDEXES) == 1
    assert pricing.index_units(due, item(), INDEXES) == 1
    assert pricing.index_units(due, later, INDEXES) == 2
    assert pricing.index_units(due, {**due, "text": {"S": "new"}}, INDEXES) == 0
    assert pricing.index_units(None, item(due_key="d"), INDEXES) == 0


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


def test_calls_are_told_by_pattern_and_units_by_action() -> None:
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
