"""Rows of operators, CONTROL#{what}: what they have switched, and how far the nightly audit has come."""

from typing import Any

from pynamodb.attributes import BooleanAttribute, UnicodeAttribute

from buyer_protection.adapters.dynamodb.attributes import CountAttribute, InstantAttribute, RecordAttribute
from buyer_protection.adapters.dynamodb.row import Row


class HoldRow(Row, discriminator="HOLD"):
    """Refunds are held back while this row is there; `by` and `note` are the operator's own."""

    since = InstantAttribute()
    by = UnicodeAttribute(null=True)
    note = UnicodeAttribute(null=True)


class AuditRow(Row, discriminator="AUDIT"):
    """One pass of the audit over all cases: where it goes on, until it has ended."""

    began_at = InstantAttribute()
    ended_at = InstantAttribute(null=True)
    cursor: RecordAttribute[dict[str, Any]] = RecordAttribute(dict[str, Any], null=True)
    cases = CountAttribute()
    disagreements = CountAttribute()
    counts: RecordAttribute[dict[str, int]] = RecordAttribute(dict[str, int], null=True)


class SweepRow(Row, discriminator="SWEEP"):
    """The sweeper's last round."""

    ended_at = InstantAttribute()
    done: RecordAttribute[dict[str, int]] = RecordAttribute(dict[str, int])
    unfinished = BooleanAttribute()


class CommandRow(Row, discriminator="COMMAND"):
    """A command of an operator that changed something: what, who, why. Written before it is done, and kept."""

    at = InstantAttribute()
    command = UnicodeAttribute()
    by = UnicodeAttribute(null=True)
    why = UnicodeAttribute(null=True)
