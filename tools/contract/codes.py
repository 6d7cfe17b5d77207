"""Every code that a problem document can carry, with its status: one row each."""

from __future__ import annotations

from dataclasses import dataclass

from buyer_protection.runtime.problems import title_of


@dataclass(frozen=True, slots=True)
class Code:
    """A code, its HTTP statuses (usually one), what it means for a client, and the member that says more."""

    statuses: tuple[int, ...]
    text: str
    member: str = ""

    @property
    def titles(self) -> tuple[str, ...]:
        """The problem's `title` for each status."""
        return tuple(title_of(status) for status in self.statuses)


CODES: dict[str, Code] = {
    "VALIDATION_FAILED": Code(
        (400,),
        "The request is malformed; `errors` names each wrong field and what is wrong with it.",
        "errors",
    ),
    "IDEMPOTENCY_KEY_REQUIRED": Code(
        (400,), "A POST needs an `Idempotency-Key` of 16 to 64 characters of `[A-Za-z0-9_-]`.", "errors"
    ),
    "UNAUTHENTICATED": Code((401,), "There is no token or signature, or it is expired or not valid here."),
    "FORBIDDEN": Code((403,), "The caller may see this, but may not do it."),
    "NOT_FOUND": Code((404,), "Absent, or not the caller's: the answer is the same."),
    "METHOD_NOT_ALLOWED": Code((405,), "The path has other methods: `Allow` names them."),
    "NO_CLAIM_WAITING": Code((404,), "There is no open claim that nobody has, and that the caller may have."),
    "WRONG_STATUS": Code((409,), "The dispute's status does not allow this."),
    "DISPUTE_CLOSED": Code((409,), "The dispute has ended; its outcome is final."),
    "DISPUTE_EXISTS": Code((409,), "The order already has an open dispute.", "dispute_id"),
    "DISPUTE_OPEN": Code((409,), "An open dispute holds the order; it cannot complete.", "dispute_id"),
    "NOTHING_TO_REFUND": Code((409,), "Earlier refunds have used up what was paid."),
    "ITEM_SETTLED": Code(
        (409,), "An earlier dispute about these items ended with an agreement or a decision."
    ),
    "MORE_THAN_IS_LEFT": Code(
        (409,), "The order has less than that left to give back now.", "max_refundable"
    ),
    "ORDER_FIXED": Code(
        (409,), "The parties and the currency of an order with a dispute do not change.", "errors"
    ),
    "ORDER_IS_NEWER": Code((409,), "What is kept of the order is of a later instant than `as_of`."),
    "EVENT_ID_REUSED": Code((409,), "The id stood for another fact."),
    "NOTHING_TO_REVERSE": Code((409,), "There is no such refund that could be taken back (any more)."),
    "TOO_EARLY": Code((409,), "The window is not open yet.", "available_at"),
    "TOO_LATE": Code((409,), "The window has ended; the system takes the next step.", "deadline"),
    "NOT_SHIPPED": Code((409,), "Not all disputed items have been shipped."),
    "ORDER_COMPLETED": Code((409,), "The order is completed or finished.", "deadline"),
    "UPLOAD_PENDING": Code(
        (409,), "Files of the caller are still being uploaded or checked, at most until then.", "available_at"
    ),
    "OFFER_NOT_CURRENT": Code((409,), "The offer is no longer open."),
    "REASON_CHANGE_CLOSED": Code((409,), "The reason cannot be changed (any more).", "deadline"),
    "RETURN_ADDRESS_UNCONFIRMED": Code((409,), "The seller has not confirmed a return address yet."),
    "NOT_ASSIGNED": Code((403, 409), "The claim is not assigned to the caller; 403 where one only reads."),
    "CONFIRMATION_NEEDED": Code(
        (409,), "A ruling waits for its confirmation by a second member of the team."
    ),
    "DECISION_NOT_CURRENT": Code((409,), "The ruling no longer waits for a confirmation."),
    "ASSIGNEE_IS_PARTY": Code((409,), "A party to the dispute cannot have the claim."),
    "DISPUTES_OPEN": Code((409,), "A dispute of this person is open: nothing is erased until it has ended."),
    "REFUND_UNPAID": Code(
        (409,), "A refund of this person's disputes is not paid: nothing is erased until it is."
    ),
    "LEGAL_HOLD": Code((409,), "A legal hold is set: nothing is erased until an operator lifts it."),
    "STALE_VERSION": Code(
        (412,), "`If-Match` or `If-None-Match` does not allow the write: another version is kept, or none."
    ),
    "ASSIGNEE_NOT_IN_TEAM": Code(
        (409,), "Only a present member of the Case Management Team can have the claim."
    ),
    "REQUEST_TOO_LARGE": Code((413,), "The gateway accepts no request of that size."),
    "UNSUPPORTED_MEDIA_TYPE": Code(
        (415,), "Send JSON in UTF-8: `application/json`, or a type that ends in `+json`."
    ),
    "AMOUNT_OUT_OF_RANGE": Code((422,), "The amount is not between the least and the most that is possible."),
    "CURRENCY_MISMATCH": Code((422,), "The amount is not in the order's currency."),
    "IMPOSSIBLE_ORDER": Code((422,), "There can be no such order; `errors` names each reason.", "errors"),
    "OUTCOME_MISMATCH": Code((422,), "The outcome of the decision does not match its refund."),
    "EVIDENCE_NOT_SHARED": Code((422,), "The decision cites evidence that may not be cited."),
    "RETURN_NOT_APPLICABLE": Code((422,), "A return is not possible here."),
    "DATE_OUT_OF_RANGE": Code(
        (422,), "The date lies less than a day of the policy ahead, or farther than the policy allows."
    ),
    "IDEMPOTENCY_KEY_REUSED": Code((422,), "The caller used this key before, with another body."),
    "LIMIT_REACHED": Code(
        (409, 429),
        "More of something than the policy allows: 409 where that never becomes possible again, 429 where it does at"
        " `available_at` (files under way, R26).",
    ),
    "TOO_MANY_REQUESTS": Code((429,), "Slow down; try again after `Retry-After` seconds."),
    "INTERNAL": Code((500, 504), "Something failed on our side; try again with the same key."),
    "BUSY": Code((503,), "The service is busy; try again with the same key after `Retry-After` seconds."),
    "CONTENTION": Code((503,), "Other calls kept changing the same case; nothing was changed, try again."),
}

# Answered by the gateway or the edge: no `raise` of ours names them.
EDGE_CODES = frozenset({"REQUEST_TOO_LARGE", "TOO_MANY_REQUESTS", "INTERNAL", "BUSY"})

# Answered where there is no operation.
ELSEWHERE = frozenset({"METHOD_NOT_ALLOWED"})

# Why an event from the bus is refused: no call answers these.
BUS_CODES: dict[str, str] = {
    "REFUND_UNKNOWN": "The case requested no refund.",
    "REFUND_AMOUNT_DIFFERS": "The refund is not the amount, or the currency, that was requested.",
    "REFUND_PAID_TWICE": "The refund has succeeded already, under another reference: it may have been paid twice.",
}
