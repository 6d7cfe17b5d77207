"""The rows of a seller, `SELLER#{seller_id}`: counters, in shards, and the marks that keep them from counting twice."""

from pynamodb.attributes import UnicodeAttribute

from buyer_protection.adapters.dynamodb.attributes import CountAttribute
from buyer_protection.adapters.dynamodb.row import Row


class MetricsRow(Row, discriminator="METRICS"):
    """A share of a seller's counters: the sum over all shards counts."""

    orders = CountAttribute(null=True)
    disputes = CountAttribute(null=True)
    escalated = CountAttribute(null=True)
    decided = CountAttribute(null=True)
    lost = CountAttribute(null=True)
    disputed_orders = CountAttribute(null=True)
    cancelled = CountAttribute(null=True)
    lost_share = CountAttribute(null=True)
    elsewhere = CountAttribute(null=True)
    elsewhere_escalated = CountAttribute(null=True)
    elsewhere_decided = CountAttribute(null=True)


class DailyRow(MetricsRow, discriminator="DAILY"):
    """The same share for one day; gone once no rate reaches that far back."""

    expires_at = CountAttribute()


class CountedRow(Row, discriminator="COUNTED"):
    """Marks a case as counted under this name; kept for longer than the stream may deliver the change again."""

    seller_id = UnicodeAttribute()
    expires_at = CountAttribute()
