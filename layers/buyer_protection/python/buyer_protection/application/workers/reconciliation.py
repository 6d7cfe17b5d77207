"""The three-way match: our refunds, the orders' ledgers, and the payment system's own statement, which must agree.

Pure: whoever calls brings all three. The statement is of a period `[since, until)`, by the instant of each payment; so
are our refunds, by the instant at which the payment system said it paid.
"""

from collections import defaultdict
from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime
from enum import StrEnum

from buyer_protection.application.ports.refund_ledgers import Books, KeptRefund
from buyer_protection.domain.enums import RefundStatus
from buyer_protection.domain.money import Money


@dataclass(frozen=True, slots=True)
class Payment:
    """A line of the statement: money that was paid out for a refund, under the payment system's own reference."""

    refund_id: str
    amount: Money
    paid_at: datetime
    reference: str


class Mismatch(StrEnum):
    """What can be wrong."""

    UNKNOWN_REFUND = "UNKNOWN_REFUND"
    AMOUNT_DIFFERS = "AMOUNT_DIFFERS"
    PAID_TWICE = "PAID_TWICE"
    NOT_TOLD = "NOT_TOLD"
    NOT_PAID = "NOT_PAID"
    LEDGER_DIFFERS = "LEDGER_DIFFERS"


@dataclass(frozen=True, slots=True)
class Difference:
    """One disagreement about the refund or order `about`: what we have, and what the other side has."""

    kind: Mismatch
    about: str
    ours: str
    theirs: str


def match(
    books: Books,
    statement: Sequence[Payment],
    since: datetime | None = None,
    until: datetime | None = None,
) -> list[Difference]:
    """All differences, by kind and id; none where the three agree. Lines outside of the period are left aside."""
    lines = [line for line in statement if _is_within(line.paid_at, since, until)]
    by_refund: dict[str, list[Payment]] = defaultdict(list)
    for line in lines:
        by_refund[line.refund_id].append(line)
    kept = {refund.refund_id: refund for refund in books.refunds}
    found = [
        *_of_statement(by_refund, kept, books.besides),
        *_of_refunds(books.refunds, by_refund, since, until),
        *_of_ledgers(books),
    ]
    return sorted(found, key=lambda one: (list(Mismatch).index(one.kind), one.about))


def _is_within(at: datetime, since: datetime | None, until: datetime | None) -> bool:
    return (since is None or since <= at) and (until is None or at < until)


def _of_statement(
    by_refund: Mapping[str, Sequence[Payment]], kept: Mapping[str, KeptRefund], besides: frozenset[str]
) -> Iterator[Difference]:
    """Money that went out, and whether it was ours to send."""
    for refund_id, lines in by_refund.items():
        paid = ", ".join(f"{_money(line.amount)} ({line.reference})" for line in lines)
        refund = kept.get(refund_id)
        if refund is None and refund_id in besides and len(lines) == 1:
            continue
        if refund is None:
            yield Difference(Mismatch.UNKNOWN_REFUND, refund_id, "none", paid)
            continue
        ours = f"{_money(refund.amount)} {refund.status}"
        if len(lines) > 1:
            yield Difference(Mismatch.PAID_TWICE, refund_id, ours, paid)
        if any(line.amount != refund.amount for line in lines):
            yield Difference(Mismatch.AMOUNT_DIFFERS, refund_id, ours, paid)
        if refund.status not in {RefundStatus.SUCCEEDED, RefundStatus.RETURNED}:
            yield Difference(Mismatch.NOT_TOLD, refund_id, ours, paid)


def _of_refunds(
    refunds: Iterable[KeptRefund],
    by_refund: Mapping[str, Sequence[Payment]],
    since: datetime | None,
    until: datetime | None,
) -> Iterator[Difference]:
    """Money that was reported as paid, and was not."""
    for refund in refunds:
        if refund.status is not RefundStatus.SUCCEEDED or refund.refund_id in by_refund:
            continue
        # A row of before `paid_at` was kept is held against a statement of all time only.
        in_period = (
            since is None and until is None
            if refund.paid_at is None
            else _is_within(refund.paid_at, since, until)
        )
        if in_period:
            yield Difference(
                Mismatch.NOT_PAID, refund.refund_id, f"{_money(refund.amount)} SUCCEEDED", "none"
            )


def _of_ledgers(books: Books) -> Iterator[Difference]:
    """What all disputes of an order asked for together, and what its ledger counts, whatever was paid when."""
    sums: dict[str, int] = defaultdict(int)
    for refund in books.refunds:
        sums[refund.order_id] += refund.amount.amount_minor
    for order_id in sums.keys() | books.ledgers.keys():
        asked, counted = sums.get(order_id, 0), books.ledgers.get(order_id, 0)
        if asked != counted:
            yield Difference(Mismatch.LEDGER_DIFFERS, order_id, f"refunds {asked}", f"ledger {counted}")


def _money(amount: Money) -> str:
    return f"{amount.amount_minor} {amount.currency}"
