"""The operators' switches (port `Switch`): one row each, which operators write and delete."""

from typing import ClassVar

from buyer_protection.adapters.dynamodb import keys
from buyer_protection.adapters.dynamodb.control_rows import HoldRow
from buyer_protection.adapters.dynamodb.row import Row
from buyer_protection.application.ports.switches import Hold


class PynamoSwitch:
    """The row is there while something is held."""

    key: ClassVar[keys.Key]

    def hold(self) -> Hold | None:
        """See `Switch.hold`."""
        row = Row.fetch([self.key]).get(self.key)
        return Hold(row.since, row.by or "", row.note or "") if isinstance(row, HoldRow) else None

    def turn_off(self, hold: Hold) -> bool:
        """Hold from now on; False where it is held already, and since when stays as it is."""
        row = HoldRow(*self.key, since=hold.since, by=hold.by or None, note=hold.note or None)
        return row.put_if(Row.pk.does_not_exist())

    def turn_on(self, hold: Hold) -> bool:
        """Go on; False where this hold is over already."""
        return HoldRow(*self.key).remove_if(HoldRow.since == hold.since)


class PynamoRefundSwitch(PynamoSwitch):
    """Whether refunds are asked for."""

    key = keys.REFUNDS_HELD


class PynamoClockSwitch(PynamoSwitch):
    """Whether windows end."""

    key = keys.CLOCK_HELD


class PynamoOpeningSwitch(PynamoSwitch):
    """Whether disputes are opened."""

    key = keys.OPENINGS_HELD
