"""The four indexes of the one table. All hold keys only: what is read by them is read again as a row."""

from typing import Any

from pynamodb.attributes import UnicodeAttribute
from pynamodb.indexes import GlobalSecondaryIndex, KeysOnlyProjection

from buyer_protection.adapters.dynamodb.attributes import InstantAttribute


class ByBuyer(GlobalSecondaryIndex[Any]):  # type: ignore[no-untyped-call]
    """FACTS rows of a buyer, by opening."""

    class Meta:
        index_name = "by_buyer"
        projection = KeysOnlyProjection()

    buyer_key = UnicodeAttribute(hash_key=True)
    opened_key = UnicodeAttribute(range_key=True)


class BySeller(GlobalSecondaryIndex[Any]):  # type: ignore[no-untyped-call]
    """FACTS rows of a seller, by opening; ORDER rows of a seller, by placing."""

    class Meta:
        index_name = "by_seller"
        projection = KeysOnlyProjection()

    seller_key = UnicodeAttribute(hash_key=True)
    opened_key = UnicodeAttribute(range_key=True)


class ByQueue(GlobalSecondaryIndex[Any]):  # type: ignore[no-untyped-call]
    """STATE rows of open claims, by status and due instant, and FACTS rows of all cases, by opening, in shards; ORDER
    rows of a buyer, by placing."""

    class Meta:
        index_name = "by_queue"
        projection = KeysOnlyProjection()

    queue_key = UnicodeAttribute(hash_key=True)
    queue_due = InstantAttribute(range_key=True)


class ByDue(GlobalSecondaryIndex[Any]):  # type: ignore[no-untyped-call]
    """TIMER, MAIL and REFUND rows that somebody must look at, by instant, in shards; STATE rows of open claims, by who
    has them."""

    class Meta:
        index_name = "by_due"
        projection = KeysOnlyProjection()

    due_key = UnicodeAttribute(hash_key=True)
    due_at = InstantAttribute(range_key=True)
