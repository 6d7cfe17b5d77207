"""Where cases can stand when new code comes: in every status, with offers, evidence, files, messages, mails, refunds.

The steps are those of the crash matrix (`tests.crash.flows`).
"""

from tests.crash.flows import (
    ADDRESSED,
    CLAIM,
    ESCALATE,
    FAILED,
    HALF_DONE,
    MISSING,
    NOT_RECEIVED,
    OFFERED,
    OPEN,
    ORDER,
    PROVED,
    RETURNING,
    REVIEW,
    SETTLED,
    SHIPPED,
    UPLOADED,
    WRITTEN_TO,
    decision,
    refund_answer,
    report,
)
from tests.crash.steps import BUYER, MANAGER, SHOP, Ask, Dispatch, Pass, Settle, Snapshot, Step, Wait

SITUATIONS: dict[str, tuple[Step, ...]] = {
    "negotiation": OPEN,
    "negotiation-nobody-has-heard-of": (*ORDER, Ask("open_dispute", BUYER, NOT_RECEIVED)),
    "negotiation-mails-pending": (*ORDER, Ask("open_dispute", BUYER, NOT_RECEIVED), Dispatch()),
    "negotiation-with-an-offer": OFFERED,
    "negotiation-with-a-message": WRITTEN_TO,
    "negotiation-with-a-file-to-come": UPLOADED,
    "negotiation-delivered": (*MISSING, Ask("record_tracking_event", SHOP, report("DELIVERED")), Settle()),
    "claim-not-yet-opened": (*OPEN, Wait(4), ESCALATE),
    "claim": CLAIM,
    "claim-with-evidence": PROVED,
    "claim-half-complete": HALF_DONE,
    "review": REVIEW,
    "review-overdue": (*REVIEW, Wait(7)),
    "return-without-an-address": RETURNING,
    "return-with-an-address": ADDRESSED,
    "return-shipped": SHIPPED,
    "return-delivered": (
        *SHIPPED,
        Ask("record_tracking_event", SHOP, report("DELIVERED", "return")),
        Settle(),
    ),
    "resolved-refund-asked": SETTLED,
    "resolved-refund-failed": FAILED,
    "resolved-refund-paid": (*SETTLED, Snapshot("RefundSucceeded", refund_answer(reference="p-1")), Settle()),
    "decided-mails-pending": (
        *REVIEW,
        Ask("decide_claim", MANAGER, decision("PARTIAL", 1200)),
        Dispatch(),
    ),
    "cancelled-by-buyer": (
        *MISSING,
        Ask("cancel_dispute", BUYER, {"acknowledge_consequences": True}),
        Settle(),
    ),
    "cancelled-for-want-of-evidence": (*CLAIM, Wait(6), Wait(1)),
    "window-over-and-nothing-ran": (*OPEN, Pass(16)),
}
