"""What the use cases need of the world. Adapters implement these; tests hold fakes and adapters to one contract."""

from datetime import datetime
from typing import TYPE_CHECKING, Protocol

from buyer_protection.domain.refund_request import Refund

if TYPE_CHECKING:
    pass


class RefundStore(Protocol):
    """REFUND rows."""

    def overdue(self, dispute_id: str, now: datetime) -> Refund | None:
        """The case's refund if it is due, as it is to be asked for: one that failed under its next attempt. None
        otherwise. Consistent, and nothing is written: whoever dies before asking has used nothing up."""
        ...

    def note_asked(self, refund: Refund, now: datetime) -> bool:
        """Keep that attempt, and let it be due an hour after `now`, the instant at which `overdue` gave it; no more
        where it needs an operator (condition: still due, and no answer since). False where somebody came first."""
        ...
