"""A seller's counters (port `SellerMetrics`)."""

from datetime import datetime, timedelta

from buyer_protection.adapters.dynamodb import keys
from buyer_protection.adapters.dynamodb.tables import CountedRow, MetricsRow
from buyer_protection.adapters.dynamodb.transaction import RefusedError, Transaction
from buyer_protection.application.ports.sellers import SellerCounter, SellerTotals

# The stream may deliver a change for a day, and its dead letters are kept for two weeks.
_MARK_LIFE = timedelta(days=30)


class PynamoSellerMetrics:
    """A mark and an addition in one transaction: a change that is delivered twice counts once."""

    def count(self, seller_id: str, dispute_id: str, counter: SellerCounter, now: datetime) -> None:
        """See `SellerMetrics.count`."""
        transaction = Transaction()
        until = int((now + _MARK_LIFE).timestamp())
        mark = CountedRow(*keys.counted(dispute_id, counter.value), seller_id=seller_id, expires_at=until)
        transaction.put_new(mark)
        add_to_metrics(transaction, seller_id, dispute_id, counter)
        try:
            transaction.commit()
        except RefusedError:
            return

    def totals(self, seller_id: str) -> SellerTotals:
        """See `SellerMetrics.totals`."""
        pk = keys.seller_key(seller_id)
        rows = MetricsRow.collection(pk, MetricsRow.sk.startswith(keys.METRICS_PREFIX))
        sums = {name.value: sum(getattr(row, name.value) or 0 for row in rows) for name in SellerCounter}
        return SellerTotals(**sums)


def add_to_metrics(transaction: Transaction, seller_id: str, counted_id: str, counter: SellerCounter) -> None:
    """One more, in the shard of the order or case that is counted."""
    key = keys.metrics(seller_id, counted_id)
    transaction.update(MetricsRow, key, {}, add={counter.value: 1}, may_make_it=True)
