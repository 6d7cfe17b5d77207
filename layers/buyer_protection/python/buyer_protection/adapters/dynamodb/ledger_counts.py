"""What a change of a case counts in its order's ledger, as attributes of the LEDGER row."""

from collections.abc import Mapping
from typing import Any, NamedTuple

from buyer_protection.domain.dispute import Change
from buyer_protection.domain.enums import RefundStatus


class Ending(NamedTuple):
    """What a closed case makes of its order's ledger."""

    values: Mapping[str, Any]
    add: Mapping[str, Any]


def ending_of(change: Change) -> Ending:
    """The order is free again or finished, and the ledger counts what was given back, and for what (R13, R25, R39)."""
    values: dict[str, Any] = {"active_dispute_id": None}
    if change.finishes_order:
        values |= {"finished_at": change.entry.at, "finished_by": change.after.dispute_id}
    add: dict[str, Any] = {"version": 1}
    if change.refund is not None:
        add["refunded_minor"] = change.refund.amount.amount_minor
    if change.settles is not None:
        add["settlements"] = (change.settles,)
    return Ending(values, add)


class Counted(NamedTuple):
    """What a refund's progress adds to and takes from its order's ledger."""

    add: Mapping[str, Any]
    take: Mapping[str, Any]


def counted_of(change: Change) -> Counted:
    """The ledger counts what is paid (R44), and knows whose refunds are held (R39)."""
    held = {"held": (change.after.dispute_id,)}
    was, now = (it.refund_status is RefundStatus.HELD for it in (change.before, change.after))
    add: dict[str, Any] = {"paid_minor": change.paid_minor} if change.paid_minor else {}
    return Counted(add | (held if now and not was else {}), held if was and not now else {})
