"""The reference model's moves around the order and the negotiation: what the requirements let happen (R1 to R14)."""

from __future__ import annotations

from tests.model.reference import (
    BUYER,
    MANAGER,
    NOTHING,
    PARTIES,
    SELLER,
    SETTLED_IS_SETTLED,
    WHO_AND_WHEN,
    Case,
    Ending,
    Numbers,
    Proposal,
    Refusal,
    Shop,
    Verdict,
)


def refused(code: str, at: int | None = None) -> Refusal:
    return code, at


class Talks:
    """An order, its present or last dispute, and the time; the moves up to an agreement or a cancelling."""

    def __init__(self, shop: Shop, numbers: Numbers) -> None:
        self.shop = shop
        self.numbers = numbers
        self.now = shop.shipped_at
        self.case: Case | None = None

    @property
    def it(self) -> Case:
        assert self.case is not None
        return self.case

    # The gate: role, status, window, in this order.

    def gate(self, action: str, role: str) -> Refusal | None:
        who, when = WHO_AND_WHEN[action]
        if role not in who.split():
            return refused("FORBIDDEN")
        case = self.it
        if case.is_closed:
            return refused("DISPUTE_CLOSED")
        settled = case.settlement is not None and action in SETTLED_IS_SETTLED
        if case.status not in when.split() or settled:
            in_review = (action, case.status) == ("add_evidence", "UNDER_REVIEW")
            return refused("TOO_LATE", case.review_since) if in_review else refused("WRONG_STATUS")
        if self.window_over():
            return refused("TOO_LATE", case.deadline)
        return None

    def window_over(self) -> bool:
        """At the very instant the clock's transition wins; a late decision is still a decision (R24)."""
        case = self.it
        return case.status != "UNDER_REVIEW" and case.deadline is not None and self.now >= case.deadline

    def wrote(self, event: str, *, status: str | None = None, deadline: int | None = None) -> None:
        """One entry more. A given status comes with its deadline; a deadline alone moves the window."""
        case = self.it
        before = case.status, case.deadline
        if status is not None:
            case.status, case.deadline = status, deadline
        elif deadline is not None:
            case.deadline = deadline
        case.events.append(event)
        if (case.status, case.deadline) != before:
            case.epoch += 1
            case.reminded_until = self.now

    # The order.

    def open(self, reason: str, requested: int, currency: str, items: dict[str, int]) -> Verdict:
        shop, now = self.shop, self.now
        if shop.finished_at is not None:
            return refused("ORDER_COMPLETED")
        open_units = shop.open_units()
        if any(units > open_units.get(item, 0) for item, units in items.items()):
            return refused("ITEM_SETTLED")
        if shop.active:
            return refused("DISPUTE_EXISTS")
        if now >= shop.completion_at:
            return refused("ORDER_COMPLETED")
        if now < shop.opens_at(self.numbers):
            return refused("TOO_EARLY", shop.opens_at(self.numbers))
        if shop.opened >= self.numbers.disputes_per_order:
            return refused("LIMIT_REACHED")
        most = shop.most(items)
        if most == 0:
            return refused("NOTHING_TO_REFUND")
        if currency != "USD":
            return refused("CURRENCY_MISMATCH")
        if not 0 < requested <= most:
            return refused("AMOUNT_OUT_OF_RANGE")
        shop.active, shop.opened = True, shop.opened + 1
        units = items or open_units
        parcels = shop.parcels_of(units)
        self.case = Case(reason, requested, most, most, now, parcels, units, reminded_until=now)
        self.case.deadline = now + self.numbers.negotiation
        self.case.proposals.append(Proposal(BUYER, "REFUND", requested))
        return None

    def confirm_receipt(self) -> Verdict:
        if self.shop.active:
            return refused("DISPUTE_OPEN")
        if self.shop.finished_at is not None or self.now >= self.shop.completion_at:
            return refused("ORDER_COMPLETED")
        self.shop.finished_at = self.now
        return None

    def hear(self, name: str, ago: int, corrects: bool) -> Verdict:
        """R29, R30, R41: each parcel by itself; what is taken back, and what is new, has an entry. Nothing closes."""
        parcel, at = self.shop.parcels[name], max(0, self.now - ago)
        before = parcel.delivered
        parcel.hear(at, self.now, corrects=corrects)
        after, case = parcel.delivered, self.case
        if case is None or case.is_closed or name not in case.parcels:
            return NOTHING
        known = case.parcels[name]
        is_new = after is not None and (before is None or before[1] != after[1])
        if known is not None and (after is None or is_new):
            case.parcels[name] = None
            self.wrote("DELIVERY_CORRECTED")
        if after is not None and is_new:
            case.parcels[name] = after
            self.wrote("DELIVERED")
        return None if case.parcels[name] != known else NOTHING

    def give_back(self, amount: int) -> Verdict:
        """R39, R51: the shop gives money back itself, for no item in particular."""
        shop, case = self.shop, self.case
        shop.elsewhere += amount
        if case is None or case.is_closed or min(case.most, shop.left) == case.left:
            return NOTHING
        case.left = min(case.most, shop.left)
        if case.left == 0:
            self.close("CANCELLED", "CANCELLED", Ending("REFUNDED_ELSEWHERE", 0, False, "SYSTEM"))
            return None
        for number, proposal in enumerate(case.proposals, 1):
            if number != 1 and proposal.state == "OPEN" and proposal.amount > case.left:
                proposal.state = "LAPSED"
        self.wrote("ORDER_CHANGED")
        return None

    # The end of a case, and of the talking.

    def stop_talking(self, accepted: int | None = None) -> None:
        for number, proposal in enumerate(self.it.proposals, 1):
            if number == accepted:
                proposal.state = "ACCEPTED"
            elif proposal.state == "OPEN":
                proposal.state = "LAPSED"

    def close(self, event: str, status: str, ending: Ending, accepted: int | None = None) -> None:
        self.stop_talking(accepted)
        self.it.ending = ending
        self.it.refund_state = "REQUESTED" if ending.amount else None
        self.shop.active = False
        if status != "CANCELLED":
            self.shop.settle(self.it.units, ending.amount, self.now)
        self.wrote(event, status=status)

    def await_return(self, event: str, ending: Ending, accepted: int | None = None) -> None:
        self.stop_talking(accepted)
        self.it.settlement = ending
        self.wrote(event, status="AWAITING_RETURN", deadline=self.now + self.numbers.ship_return)

    # The negotiation (R14).

    def make_offer(self, role: str, kind: str, amount: int | None) -> Verdict:
        case = self.it
        if no := self.gate("make_offer", role):
            return no
        if sum(it.maker == role for it in case.proposals) >= self.numbers.offers:
            return refused("LIMIT_REACHED")
        if kind == "REFUND_WITH_RETURN" and case.reason != "NOT_AS_DESCRIBED":
            return refused("RETURN_NOT_APPLICABLE")
        if kind == "REFUND_WITH_RETURN" and case.status != "NEGOTIATION":
            return refused("WRONG_STATUS")
        fits = amount in (None, 0) if kind == "NO_REFUND" else amount is not None and 0 < amount <= case.most
        if not fits:
            return refused("AMOUNT_OUT_OF_RANGE")
        if (amount or 0) > case.left:
            return refused("MORE_THAN_IS_LEFT")
        before = case.standing(role)
        if before is not None:
            case.proposals[before - 1].state = "REPLACED"
        case.proposals.append(Proposal(role, kind, amount or 0))
        if role == BUYER:
            case.request_stands = False
        self.wrote("OFFER_MADE")
        return None

    def answer_offer(self, verb: str, role: str, number: int) -> Verdict:
        """Accept and decline are the other side's, withdraw is the maker's."""
        case = self.it
        if no := self.gate(verb, role):
            return no
        if not 1 <= number <= len(case.proposals):
            return refused("NOT_FOUND")
        proposal = case.proposals[number - 1]
        if proposal.state != "OPEN":
            return refused("OFFER_NOT_CURRENT")
        if proposal.maker == MANAGER:
            return self.take_proposal(role, number) if verb == "accept" else refused("FORBIDDEN")
        if (proposal.maker == role) is not (verb == "withdraw"):
            return refused("FORBIDDEN")
        if verb == "accept":
            # R51: granting the request pays what is left of it.
            self.agree(role, number, proposal.kind, min(proposal.amount, case.left))
        else:
            proposal.state = "DECLINED" if verb == "decline" else "WITHDRAWN"
            if verb == "withdraw" and number == 1:
                case.request_stands = False
            self.wrote(f"OFFER_{proposal.state}")
        return None

    def take_proposal(self, role: str, number: int) -> Verdict:
        """R14, R45: the second side's yes is the agreement; the first changes nothing that can be seen."""
        proposal = self.it.proposals[number - 1]
        if proposal.taken_by in (None, role):
            proposal.taken_by = role
            return NOTHING
        self.agree(role, number, proposal.kind, proposal.amount)
        return None

    def accept_request(self, role: str) -> Verdict:
        if no := self.gate("accept_request", role):
            return no
        if not self.it.request_stands:
            return refused("OFFER_NOT_CURRENT")
        self.agree(role, 1, "REFUND", min(self.it.requested, self.it.left))
        return None

    def agree(self, role: str, number: int, kind: str, amount: int) -> None:
        if kind == "REFUND_WITH_RETURN":
            ending = Ending("AGREED_REFUND_WITH_RETURN", amount, True, role)
            self.await_return("OFFER_ACCEPTED", ending, number)
            return
        whole = "AGREED_FULL_REFUND" if amount == self.it.left else "AGREED_PARTIAL_REFUND"
        ending = Ending(whole if amount else "AGREED_NO_REFUND", amount, False, role)
        self.close("OFFER_ACCEPTED", "RESOLVED", ending, number)

    def cancel(self, role: str, acknowledged: bool) -> Verdict:
        if no := self.gate("cancel", role):
            return no
        if not acknowledged:
            return refused("VALIDATION_FAILED")
        self.close("CANCELLED", "CANCELLED", Ending("CANCELLED_BY_BUYER", 0, False, BUYER))
        return None

    def change_reason(self, role: str, reason: str, detail: str | None = None) -> Verdict:
        """R27; and within the reason, the sub-reason can be corrected in the same time."""
        case = self.it
        if no := self.gate("change_reason", role):
            return no
        due, known = case.reason_closes(self.numbers), case.last_of_parcels(0)
        late = due is not None and self.now >= due
        corrects = case.reason == reason and detail not in (None, case.detail)
        if late or not (corrects or (case.reason, reason) == ("NOT_RECEIVED", "NOT_AS_DESCRIBED")):
            return refused("REASON_CHANGE_CLOSED")
        if corrects and case.corrections == self.numbers.corrections:
            return refused("LIMIT_REACHED")
        case.detail = detail
        if corrects:
            case.corrections += 1
            self.wrote("REASON_CHANGED")
            return None
        case.reason = reason
        if known is None:
            case.received_at = self.now
        if case.status == "UNDER_REVIEW":
            # R43: the other side has a day to answer.
            self.open_window(self.now + self.numbers.reply, SELLER)
            self.wrote("REASON_CHANGED", status="CLAIM_EVIDENCE", deadline=case.window_end)
        else:
            if case.status == "CLAIM_EVIDENCE":
                case.extra_items += self.numbers.extra_items
            self.hear_out(SELLER)
            self.wrote("REASON_CHANGED", deadline=self.heard_by())
        return None

    # The window for evidence (R22, R43).

    def open_window(self, until: int, asked: str | None = None) -> None:
        case = self.it
        case.window_end, case.asked_of, case.waits_for_uploads = until, asked, False
        case.replies, case.replied, case.has_answered = {}, set(), False
        case.complete.discard(asked or "")
        if asked or case.settlement:
            case.extra_items += self.numbers.extra_items

    def can_be_answered(self, giver: str) -> None:
        """Who had nothing more to add, or was not asked, has a day for what the other side gives after that."""
        case = self.it
        other = SELLER if giver == BUYER else BUYER
        had_said = other in case.complete | case.replied or other in case.replies
        if had_said or case.asked_of == giver:
            self.hear_out(other)

    def hear_out(self, party: str) -> None:
        """R43: this side has a day at least, whoever was asked, never beyond the window's end and a day."""
        case = self.it
        if case.status != "CLAIM_EVIDENCE":
            return
        until = min(self.now, case.window_end) + self.numbers.reply
        is_in_window = (
            case.asked_of in (None, party) and party not in case.complete and party not in case.replies
        )
        if is_in_window and case.window_end >= until:
            return
        case.complete.discard(party)
        case.replied.discard(party)
        case.replies[party] = max(until, case.replies.get(party, 0))

    def turn(self) -> list[str] | None:
        """R22, R43: in a window for evidence, whose silence the clock will answer; None outside of one."""
        case = self.it
        if case.status != "CLAIM_EVIDENCE":
            return None
        found = set()
        for party in PARTIES:
            if party in case.complete:
                continue
            if party in case.replies:
                if self.now < case.replies[party] and party not in case.replied:
                    found.add(party)
            elif self.now < case.window_end and case.asked_of in (None, party):
                gave = case.counting(party) and not case.settlement
                if not (case.has_answered if case.asked_of else gave):
                    found.add(party)
        return sorted(found)

    def awaited(self) -> list[int]:
        """Until when whose evidence is awaited: of those who were asked, or of both, and of those who may answer."""
        case = self.it
        asked = [case.asked_of] if case.asked_of else list(PARTIES)
        ends = dict.fromkeys(asked, case.window_end) | case.replies
        return [end for party, end in ends.items() if party not in case.complete and self.now < end]

    def heard_by(self) -> int | None:
        """When the clock acts on the window for evidence; None in any other status.

        Uploads are waited for no more where somebody has longer: what is on its way then is waited for then.
        """
        case = self.it
        if case.status != "CLAIM_EVIDENCE":
            return None
        heard = self.awaited()
        uploads = [case.deadline or 0, self.uploads_after(self.now) or 0] if case.waits_for_uploads else []
        until = max(heard + uploads, default=max(case.window_end, self.now))
        case.waits_for_uploads &= until not in heard
        return until

    def uploads_after(self, instant: int) -> int | None:
        """R22: until when files are waited for whose forms are valid after that instant."""
        pending = (it.until for it in self.it.exhibits if it.state == "PENDING" and it.until is not None)
        ends = [until for until in pending if instant < until]
        return max(ends) + self.numbers.upload_grace if ends else None

    def send_message(self, role: str) -> Verdict:
        case = self.it
        if no := self.gate("send_message", role):
            return no
        if case.messages_by[role] >= self.numbers.messages:
            return refused("LIMIT_REACHED")
        case.messages += 1
        case.messages_by[role] += 1
        case.unread.discard(role)
        case.unread |= {party for party in PARTIES if party != role}
        self.wrote("MESSAGE_SENT")
        return None

    def mark_read(self, role: str, whole: bool) -> Verdict:
        """It is noted once for what waited, and only when the whole thread was read."""
        if no := self.gate("mark_read", role):
            return no
        if not self.it.messages:
            return refused("VALIDATION_FAILED")
        if not whole and self.it.messages > 1:
            return NOTHING
        if role not in self.it.unread:
            return NOTHING
        self.it.unread.discard(role)
        self.wrote("MESSAGES_READ")
        return None
