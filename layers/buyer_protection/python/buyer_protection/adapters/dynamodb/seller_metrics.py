"""A seller's counters (port `SellerMetrics`)."""

from collections.abc import Iterable, Mapping
from datetime import UTC, date, datetime, time, timedelta

from buyer_protection.adapters.dynamodb import keys
from buyer_protection.adapters.dynamodb.seller_tables import CountedRow, DailyRow, MetricsRow
from buyer_protection.adapters.dynamodb.transaction import RefusedError, Transaction
from buyer_protection.application.ports.sellers import Counted, SellerCounter, SellerTotals

# The stream may deliver a change for a day, and its dead letters are kept for two weeks.
_MARK_LIFE = timedelta(days=30)
# Rates are over a year at most.
_DAY_LIFE = timedelta(days=400)


class PynamoSellerMetrics:
    """A mark and additions in one transaction: a change that is delivered twice counts once."""

    def count(self, seller_id: str, dispute_id: str, counted: Counted, now: datetime) -> None:
        """See `SellerMetrics.count`."""
        transaction = Transaction()
        until = int((now + _MARK_LIFE).timestamp())
        mark = CountedRow(
            *keys.counted(dispute_id, counted.name.value), seller_id=seller_id, expires_at=until
        )
        transaction.put_new(mark)
        add_to_metrics(transaction, seller_id, dispute_id, counted.adds, counted.day)
        try:
            transaction.commit()
        except RefusedError:
            return

    def totals(self, seller_id: str) -> SellerTotals:
        """See `SellerMetrics.totals`."""
        pk = keys.seller_key(seller_id)
        return _sum(MetricsRow.collection(pk, MetricsRow.sk.startswith(keys.METRICS_PREFIX)))

    def daily(self, seller_id: str, since: date) -> Mapping[date, SellerTotals]:
        """See `SellerMetrics.daily`."""
        first, last = f"{keys.DAILY_PREFIX}{since.isoformat()}", f"{keys.DAILY_PREFIX}~"
        rows = DailyRow.collection(keys.seller_key(seller_id), DailyRow.sk.between(first, last))
        days: dict[date, list[MetricsRow]] = {}
        for row in rows:
            days.setdefault(keys.day_of(row.sk), []).append(row)
        return {day: _sum(of_day) for day, of_day in days.items()}


def _sum(rows: Iterable[MetricsRow]) -> SellerTotals:
    listed = list(rows)
    return SellerTotals(
        **{name.value: sum(getattr(row, name.value) or 0 for row in listed) for name in SellerCounter}
    )


def add_to_metrics(
    transaction: Transaction, seller_id: str, counted_id: str, adds: Mapping[SellerCounter, int], day: date
) -> None:
    """So many more, in the shard of the order or case that is counted: in all, and for that day."""
    add = {counter.value: count for counter, count in adds.items()}
    transaction.update(MetricsRow, keys.metrics(seller_id, counted_id), {}, add=add, may_make_it=True)
    until = int((datetime.combine(day, time(), UTC) + _DAY_LIFE).timestamp())
    key = keys.daily(seller_id, counted_id, day)
    transaction.update(DailyRow, key, {"expires_at": until}, add=add, may_make_it=True)
