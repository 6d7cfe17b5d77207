"""What the use cases need of the world. Adapters implement these; tests hold fakes and adapters to one contract."""

from datetime import datetime
from typing import TYPE_CHECKING, Protocol

from buyer_protection.domain.refund_request import Refund

if TYPE_CHECKING:
    pass


class RefundStore(Protocol):
    """REFUND rows."""

    def overdue(self, dispute_id: str, now: datetime) -> Refund | None:
        """The case's refund if it is due, under its next attempt: a repetition is never taken for a duplicate. None
        otherwise. Consistent, and nothing is written: whoever dies before asking has used nothing up."""
        ...

    def attempts(self, dispute_id: str) -> int:
        """How often the case's refund has been asked for; 0 where it has none."""
        ...

    def note_asked(self, refund: Refund, now: datetime) -> bool:
        """Keep that attempt, and let the next be due after its pause (`refunds.pause_after`), counted from `now`, an
        instant at which it was due (condition: still due, and no answer since). False where somebody came first."""
        ...
