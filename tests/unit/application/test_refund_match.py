"""The three-way match: our refunds, the ledgers and the payment system's statement agree, or it says where not."""

import pytest
from hypothesis import given
from hypothesis import strategies as st

from buyer_protection.application.ports.refund_ledgers import Books, KeptRefund
from buyer_protection.application.workers.reconciliation import Mismatch, Payment, match
from buyer_protection.domain.enums import RefundStatus
from buyer_protection.domain.money import Money
from tests.support.builders import DAY, OPENED, usd

SUCCEEDED, FAILED, REQUESTED = RefundStatus.SUCCEEDED, RefundStatus.FAILED, RefundStatus.REQUESTED


def refund(
    number: int = 1, status: RefundStatus = SUCCEEDED, minor: int = 1000, order: str = ""
) -> KeptRefund:
    paid_at = OPENED + number * DAY if status is SUCCEEDED else None
    return KeptRefund(f"rf-dp-{number}", order or f"order-{number}", usd(minor), status, paid_at)


def paid(number: int = 1, amount: Money | None = None, reference: str = "") -> Payment:
    at = OPENED + number * DAY
    return Payment(f"rf-dp-{number}", amount or usd(1000), at, reference or f"pay-{number}")


def books(*refunds: KeptRefund) -> Books:
    ledgers: dict[str, int] = {}
    for one in refunds:
        ledgers[one.order_id] = ledgers.get(one.order_id, 0) + one.amount.amount_minor
    return Books(refunds, ledgers)


def kinds(*args: object) -> list[tuple[Mismatch, str]]:
    return [(one.kind, one.about) for one in match(*args)]


def test_what_agrees_has_no_differences() -> None:
    ours = books(refund(1), refund(2), refund(3, REQUESTED), refund(4, FAILED))
    assert match(ours, [paid(2), paid(1)]) == []
    assert match(Books((), {}), []) == []


@pytest.mark.parametrize(
    ("ours", "statement", "kind"),
    [
        (books(), [paid(1)], Mismatch.UNKNOWN_REFUND),
        (books(refund(1)), [paid(1, usd(999))], Mismatch.AMOUNT_DIFFERS),
        (books(refund(1)), [paid(1, Money(1000, "EUR"))], Mismatch.AMOUNT_DIFFERS),
        (books(refund(1)), [paid(1), paid(1, reference="pay-9")], Mismatch.PAID_TWICE),
        (books(refund(1, REQUESTED)), [paid(1)], Mismatch.NOT_TOLD),
        (books(refund(1, FAILED)), [paid(1)], Mismatch.NOT_TOLD),
        (books(refund(1)), [], Mismatch.NOT_PAID),
    ],
)
def test_each_kind_of_difference_is_found_alone(
    ours: Books, statement: list[Payment], kind: Mismatch
) -> None:
    others = [refund(number) for number in (7, 8)]
    ledgers = {**ours.ledgers, "order-7": 1000, "order-8": 1000}
    whole = Books([*ours.refunds, *others], ledgers)
    assert kinds(whole, [*statement, paid(7), paid(8)]) == [(kind, "rf-dp-1")]


@pytest.mark.parametrize("ledger", [{}, {"order-1": 999}, {"order-1": 1001}])
def test_a_ledger_that_is_not_the_sum_of_its_refunds_is_found(ledger: dict[str, int]) -> None:
    assert kinds(Books([refund(1)], ledger), [paid(1)]) == [(Mismatch.LEDGER_DIFFERS, "order-1")]


def test_a_ledger_counts_all_disputes_of_its_order() -> None:
    both = [refund(1, minor=300, order="order-9"), refund(2, REQUESTED, 200, "order-9")]
    assert match(Books(both, {"order-9": 500}), [paid(1, usd(300))]) == []
    assert kinds(Books(both, {"order-9": 300}), [paid(1, usd(300))]) == [(Mismatch.LEDGER_DIFFERS, "order-9")]


def test_a_ledger_without_a_refund_is_found() -> None:
    assert kinds(Books((), {"order-1": 5}), []) == [(Mismatch.LEDGER_DIFFERS, "order-1")]


def test_a_days_statement_is_held_against_that_days_payments() -> None:
    ours = books(*(refund(number) for number in range(1, 5)))
    day = OPENED + 2 * DAY, OPENED + 3 * DAY
    assert match(ours, [paid(2)], *day) == []
    assert kinds(ours, [], *day) == [(Mismatch.NOT_PAID, "rf-dp-2")]
    # Lines of other days are that other day's statement's.
    assert kinds(ours, [paid(2), paid(3), paid(4, usd(1))], *day) == []


def test_a_row_of_before_the_day_was_kept_is_held_against_a_statement_of_all_time_only() -> None:
    old = KeptRefund("rf-dp-1", "order-1", usd(1000), SUCCEEDED)
    ours = Books([old], {"order-1": 1000})
    assert kinds(ours, []) == [(Mismatch.NOT_PAID, "rf-dp-1")]
    assert kinds(ours, [], OPENED, None) == []
    assert kinds(ours, [paid(1)], OPENED, None) == []


@given(st.lists(st.integers(1, 10_000), min_size=1, max_size=20), st.data())
def test_no_single_error_in_a_statement_goes_unseen(amounts: list[int], data: st.DataObject) -> None:
    ours = books(*(refund(number, minor=minor) for number, minor in enumerate(amounts, 1)))
    statement = [paid(number, usd(minor)) for number, minor in enumerate(amounts, 1)]
    assert match(ours, statement) == []
    where = data.draw(st.integers(0, len(statement) - 1))
    line = statement[where]
    spoilt = data.draw(
        st.sampled_from(
            [
                [],
                [line, Payment(line.refund_id, line.amount, line.paid_at, "again")],
                [Payment(line.refund_id, line.amount + usd(1), line.paid_at, line.reference)],
                [Payment("rf-foreign", line.amount, line.paid_at, line.reference)],
            ]
        )
    )
    assert match(ours, [*statement[:where], *spoilt, *statement[where + 1 :]])


def test_differences_come_by_kind_and_then_by_id() -> None:
    ours = books(refund(3), refund(2))
    found = kinds(ours, [paid(9), paid(8)])
    assert found == [
        (Mismatch.UNKNOWN_REFUND, "rf-dp-8"),
        (Mismatch.UNKNOWN_REFUND, "rf-dp-9"),
        (Mismatch.NOT_PAID, "rf-dp-2"),
        (Mismatch.NOT_PAID, "rf-dp-3"),
    ]
