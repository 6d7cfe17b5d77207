"""The refunds' switch (port `RefundSwitch`): one row, which operators write and delete."""

from buyer_protection.adapters.dynamodb import keys
from buyer_protection.adapters.dynamodb.control_rows import HoldRow
from buyer_protection.adapters.dynamodb.row import Row
from buyer_protection.application.ports.refund_switch import Hold


class PynamoRefundSwitch:
    """The row is there while refunds are held back."""

    def hold(self) -> Hold | None:
        """See `RefundSwitch.hold`."""
        row = Row.fetch([keys.REFUNDS_HELD]).get(keys.REFUNDS_HELD)
        return Hold(row.since, row.by or "", row.note or "") if isinstance(row, HoldRow) else None

    def turn_off(self, hold: Hold) -> bool:
        """Hold refunds back from now on; False where they are held already, and since when stays as it is."""
        row = HoldRow(*keys.REFUNDS_HELD, since=hold.since, by=hold.by or None, note=hold.note or None)
        return row.put_if(Row.pk.does_not_exist())

    def turn_on(self, hold: Hold) -> bool:
        """Let refunds go out again; False where this hold is over already."""
        return HoldRow(*keys.REFUNDS_HELD).remove_if(HoldRow.since == hold.since)
