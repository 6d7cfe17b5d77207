"""Q18 and Q21 in numbers: the pricing rule, what a write leaves in the stream, counted units times prices."""

from typing import Any

import pytest

from bench import bill, counts, pricing
from bench.meter import Write, written_keys

INDEXES = [
    pricing.Index("by_due", ("due_key", "due_at")),
    pricing.Index("by_queue", ("queue_key", "queue_due")),
]


def item(**attributes: str) -> pricing.Item:
    return {name: {"S": text} for name, text in {"pk": "p", "sk": "s", **attributes}.items()}


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
        ({"SS": ["ab", "c"]}, 3),
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


WHOLE: dict[str, Any] = {
    "invocations": {"open_dispute": 1, "dispatch_changes": 2, "notify_parties": 1, "close_window": 1},
    "write_units": 40,
    "read_units": 10.0,
    "mail_units": 14,
    "event_units": 3,
    "parking_units": 2,
    "parkings": 2,
    "mails": 2,
    "events": 3,
    "states": ["Route", "AwaitSettlement", "CloseWindow", "Closed"],
    "requests": {"SendMessage": 2, "RefundSucceeded": 1},
    "log_bytes": 1_000,
    "stored_bytes": 10_000,
    "order_units": 4,
    "order_reads": 2.0,
    "rows": {"MAIL#": 14, "METRICS#": 3},
}


def test_what_follows_is_judged_for_each_mail_and_each_event() -> None:
    assert [(one.what, one.figure, one.gate, one.aim) for one in counts.following(WHOLE)] == [
        ("write units of what follows, for each mail", 7, 5, 3),
        ("write units of what follows, for each event", 1, 5, 3),
        ("write units for each parking", 1, None, None),
        ("write units of all that follows, contested case", 19, None, None),
    ]


def test_the_parts_of_the_bill_add_up_to_it() -> None:
    total, *parts = bill.lines_of(WHOLE)
    assert (total.gate, total.aim) == (700, 500)
    priced = sorted(key for keys in bill.GROUPS.values() for key in keys)
    assert priced == sorted(bill.usage_of(WHOLE))
    of_it = [one.figure for one in parts if one.what.startswith("of it") and one.figure is not None]
    assert sum(of_it) == pytest.approx(total.figure, abs=len(of_it))


def test_the_bill_is_counted_units_times_prices() -> None:
    usage = bill.usage_of(WHOLE)
    assert usage["transition"] == 4
    assert usage["write_unit"] == 40
    assert usage["lambda_request"] == 5
    assert usage["sqs_request"] == 3 * 3
    assert usage["event"] == 4
    assert bill.cost({"transition": 4, "write_unit": 40}) == pytest.approx(100 + 25)


def test_mails_scans_sign_in_and_other_clocks_stand_beside_the_bill() -> None:
    names = [one.what for one in bill.lines_of(WHOLE) if one.gate is None]
    for name in ("SES", "malware scans", "sign-in", "a million orders without a dispute"):
        assert f"beside it: {name}" in names
    assert len([name for name in names if name.startswith("clock:")]) == 5


def test_every_price_has_a_source_and_a_date() -> None:
    for price in pricing.PRICES.values():
        assert price.source.startswith("https://aws.amazon.com/")
        assert price.as_of[:4].isdigit()
        assert price.dollars > 0


def test_a_write_outside_a_transaction_costs_half() -> None:
    assert pricing.write_units(None, item(text="x" * 1015)) == 2
    assert pricing.write_units(item(), item()) == 1


def test_reads_are_priced_by_what_they_answer() -> None:
    large = item(text="x" * 5000)
    asked = {"RequestItems": {"table": {"Keys": [{}, {}, {}], "ConsistentRead": True}}}
    assert pricing.read_units("BatchGetItem", asked, {"Responses": {"table": [large, item()]}}) == 2 + 1 + 1
    assert pricing.read_units("Query", {}, {"Items": [item()] * 3}) == 0.5
    assert pricing.read_units("Query", {"ConsistentRead": True}, {"Items": [large, large]}) == 3
    assert pricing.read_units("UpdateItem", {}, {}) == 0


def test_a_refused_write_is_paid_for_and_is_not_in_the_stream() -> None:
    refused = Write({"pk": {"S": "p"}, "sk": {"S": "MAIL#1"}}, False, item(), item(text="x"), refused=True)
    assert refused.units() == 1
    assert refused.record() is None
    assert refused.kind == "MAIL#"


@pytest.mark.parametrize(
    ("before", "after", "event"),
    [
        (None, item(), "INSERT"),
        (item(), item(text="x"), "MODIFY"),
        (item(), None, "REMOVE"),
        (item(), item(), None),
    ],
)
def test_the_stream_is_made_from_what_was_written(
    before: pricing.Item | None, after: pricing.Item | None, event: str | None
) -> None:
    record = Write({"pk": {"S": "p"}, "sk": {"S": "TIMER"}}, True, before, after).record()
    assert (record["eventName"] if record else None) == event


def test_the_rows_of_each_kind_of_write_are_known() -> None:
    key = {"pk": {"S": "p"}, "sk": {"S": "s"}}
    assert written_keys("UpdateItem", {"Key": key}) == [key]
    assert written_keys("PutItem", {"Item": {**key, "text": {"S": "x"}}}) == [key]
    assert written_keys("TransactWriteItems", {"TransactItems": [{"Delete": {"Key": key}}]}) == [key]
    assert written_keys("Query", {}) == []
