"""What the use cases need of the world. Adapters implement these; tests hold fakes and adapters to one contract."""

from typing import TYPE_CHECKING

if TYPE_CHECKING:
    pass


class ConflictingWriteError(Exception):
    """Somebody else's change came first; nothing was written. Load again and decide anew."""


class IdempotencyRecordExistsError(Exception):
    """The same command took effect already, perhaps in a call whose answer was lost; nothing was written now."""


class OrderHeldError(Exception):
    """Another dispute about the order came first (R12), or the order was finished or used up; nothing was written."""


class RefundExceedsPaidError(Exception):
    """The order's ledger has no room for this refund; nothing was written."""
