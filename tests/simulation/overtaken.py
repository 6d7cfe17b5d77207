"""Which refunds had ended before their first request came to its turn."""

from collections.abc import Container, Mapping

from buyer_protection.application.ports.events import Committed
from buyer_protection.application.schemas.outbound_events import refund_event
from buyer_protection.application.workers.dispatch import Outcome
from buyer_protection.domain.dispute import Dispute
from buyer_protection.domain.refund_request import Refund
from buyer_protection.domain.refunds import NOT_ASKED


def is_overtaken(
    record: Committed, done: Outcome, cases: Mapping[str, Dispute], published: Container[str]
) -> bool:
    """Whether this is the reader's request for a refund, taken and rightly not sent: an answer to a later attempt, of
    the sweeper, had settled the matter."""
    if not isinstance(record, Refund) or done is not Outcome.DONE:
        return False
    return (
        refund_event(record).event_id not in published and cases[record.dispute_id].refund_status in NOT_ASKED
    )
