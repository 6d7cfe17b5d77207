"""The reference model whole: the return (R36), the payment's answers, and the clock's own moves."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import replace

from tests.model.claims import Claims
from tests.model.reference import MANAGER, NOTHING, PARTIES, SELLER, Ending, Verdict
from tests.model.talks import refused


class Model(Claims):
    """Every move there is."""

    def confirm_address(self, role: str) -> Verdict:
        if no := self.gate("confirm_address", role):
            return no
        if self.it.addresses >= self.numbers.addresses:
            return refused("LIMIT_REACHED")
        self.it.address_confirmed = True
        self.it.addresses += 1
        self.wrote("RETURN_ADDRESS_CONFIRMED", deadline=self.now + self.numbers.ship_return)
        return None

    def ship_return(self, role: str, address: int = 0) -> Verdict:
        """R42: to any address that was confirmed; the last, where none is named."""
        if no := self.gate("ship_return", role):
            return no
        if not self.it.address_confirmed or address > self.it.addresses:
            return refused("RETURN_ADDRESS_UNCONFIRMED")
        self.it.sent_to = address or self.it.addresses
        self.wrote("RETURN_SHIPPED", status="RETURN_SHIPPED", deadline=self.now + self.numbers.acknowledge)
        return None

    def deliver_return(self) -> Verdict:
        case = self.it
        if case.is_closed or "RETURN_SHIPPED" not in case.events or case.return_delivered_at is not None:
            return NOTHING
        case.return_delivered_at = self.now
        self.wrote("RETURN_DELIVERED")
        return None

    def acknowledge(self, role: str, in_order: bool, cites: Sequence[int]) -> Verdict:
        if no := self.gate("acknowledge", role):
            return no
        if in_order:
            self.pay_settlement()
            return None
        if not cites:
            return refused("VALIDATION_FAILED")
        if not self.are_accepted(cites, (SELLER,)):
            return refused("EVIDENCE_NOT_SHARED")
        self.hear_about_return()
        return None

    def hear_about_return(self) -> None:
        """R42: both sides may give evidence about a return before the team looks at it."""
        self.it.complete.clear()
        self.open_window(self.now + self.numbers.return_reply)
        self.wrote("RETURN_PROBLEM", status="CLAIM_EVIDENCE", deadline=self.it.window_end)

    def pay_settlement(self, ending: Ending | None = None) -> None:
        settled = self.it.settlement
        assert settled is not None
        status = "DECIDED" if settled.by == MANAGER else "RESOLVED"
        paid = ending or replace(settled, amount=min(settled.amount, self.it.left))
        self.close("RETURN_CLOSED", status, paid)

    def answer_refund(self, state: str, amount: int) -> Verdict:
        case = self.it
        if case.ending is None or case.ending.amount == 0:
            return refused("REFUND_UNKNOWN")
        if amount != case.ending.amount:
            return refused("REFUND_AMOUNT_DIFFERS")
        if state == case.refund_state or (state == "FAILED" and case.refund_state == "RETURNED"):
            return NOTHING
        if state == "SUCCEEDED":
            if case.refund_state == "RETURNED" and self.now <= (case.refund_failed_at or 0):
                # The same payment, said again.
                return NOTHING
            case.refund_paid_at = self.now
        elif case.refund_state == "SUCCEEDED":
            if self.now == case.refund_failed_at or self.now < case.refund_paid_at:
                return NOTHING
            state = "RETURNED"
        if state != "SUCCEEDED":
            case.refund_failed_at = self.now
        case.refund_state = state
        self.wrote(f"REFUND_{state}")
        return None

    # The clock (R15, R22, R24, R36): what happens when nobody acts.

    def reminder(self) -> tuple[int, str] | None:
        """Who may escalate is reminded at once, who must act a day ahead; none is due before the window began."""
        case = self.it
        due = []
        if case.status == "NEGOTIATION":
            due.append((case.opened_at + self.numbers.escalate_after, "ESCALATION_AVAILABLE"))
        if case.deadline is not None and case.status != "UNDER_REVIEW":
            due.append((case.deadline - self.numbers.reminder, "REMINDED"))
        return min((it for it in due if it[0] > case.reminded_until), default=None)

    def wakes_at(self) -> int | None:
        """When the clock has something to do next."""
        reminder = self.reminder()
        instants = [self.it.deadline, reminder[0] if reminder else None]
        return min((it for it in instants if it is not None), default=None)

    def tick(self) -> Verdict:
        """The one step that is due now."""
        case = self.it
        if case.deadline is not None and self.now >= case.deadline:
            self.end_window()
            return None
        reminder = self.reminder()
        if reminder is None or self.now < reminder[0]:
            return NOTHING
        case.reminded_until = reminder[0]
        self.wrote(reminder[1])
        return None

    def if_missed(self, reader: str) -> str | None:
        """What a page or a mail must say to this reader of the present window: what `end_window` will do."""
        case = self.it
        judged = case.settlement is not None or any(case.counting(party) for party in PARTIES)
        return {
            "NEGOTIATION": "AUTO_ESCALATE",
            "CLAIM_EVIDENCE": "DECIDED_WITHOUT_YOU" if judged else "CLAIM_CANCELLED",
            "UNDER_REVIEW": "DECIDED_WITHOUT_YOU" if reader in PARTIES else "DEADLINE_MISSED",
            "AWAITING_RETURN": "RETURN_NOT_SHIPPED" if case.address_confirmed else "REFUND_WITHOUT_RETURN",
            "RETURN_SHIPPED": "REFUND_ON_DELIVERY",
        }.get(case.status)

    def end_window(self) -> None:
        case = self.it
        if case.status == "NEGOTIATION":
            self.claim("SYSTEM")
        elif case.status == "CLAIM_EVIDENCE":
            assert case.deadline is not None
            uploads = None if case.waits_for_uploads else self.uploads_after(case.deadline)
            if uploads is not None and self.now < uploads:
                case.waits_for_uploads = True
                self.wrote("UPLOADS_AWAITED", deadline=uploads)
            elif case.settlement or any(case.counting(party) for party in PARTIES):
                self.review("REVIEW_STARTED")
            else:
                self.close("CANCELLED", "CANCELLED", Ending("CANCELLED_NO_EVIDENCE", 0, False, "SYSTEM"))
        elif case.status == "UNDER_REVIEW":
            # R24: an alarm, never a decision; the clock then has nothing more to do.
            self.wrote("DEADLINE_MISSED", status="UNDER_REVIEW", deadline=None)
        elif case.status == "AWAITING_RETURN":
            assert case.settlement is not None
            unshipped = Ending("RETURN_NOT_SHIPPED", 0, True, case.settlement.by)
            self.pay_settlement(unshipped if case.address_confirmed else None)
        elif case.return_delivered_at is not None:
            self.pay_settlement()
        else:
            self.hear_about_return()
