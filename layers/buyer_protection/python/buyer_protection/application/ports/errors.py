"""What the use cases need of the world. Adapters implement these; tests hold fakes and adapters to one contract."""

from msgspec import MsgspecError


class ConflictingWriteError(Exception):
    """Somebody else's change came first; nothing was written. Load again and decide anew."""


class IdempotencyRecordExistsError(Exception):
    """The same command took effect already, perhaps in a call whose answer was lost; nothing was written now."""


class OrderHeldError(Exception):
    """Another dispute about the order came first (R12), or the order was finished or used up; nothing was written."""


class RefundExceedsPaidError(Exception):
    """The order's ledger has no room for this refund; nothing was written."""


class UnreadableRowError(ValueError):
    """A stored row that this version cannot read, named by its key (`pk sk`): no retry mends it. It has been reported
    (Q32). `why` names the attributes at fault, and nothing of what they hold."""

    def __init__(self, key: str, why: str = "") -> None:
        super().__init__(f"{key}: {why}" if why else key)
        self.key, self.why = key, why


# What a row raises that holds what this version does not understand, where it is read or where its values are used.
UNREADABLE = (ArithmeticError, AttributeError, LookupError, MsgspecError, TypeError, ValueError)
