"""The reference model's moves of a claim: escalation, evidence, the team's steps and its decision (R15 to R26)."""

from __future__ import annotations

from collections.abc import Sequence

from tests.model.reference import BUYER, MANAGER, NOTHING, PARTIES, Ending, Exhibit, Proposal, Verdict
from tests.model.talks import Talks, refused


class Claims(Talks):
    """The moves from the escalation to the decision."""

    def escalate(self, role: str, confirmed: bool, explained: bool) -> Verdict:
        if no := self.gate("escalate", role):
            return no
        if not confirmed or not explained:
            return refused("VALIDATION_FAILED")
        available = self.it.opened_at + self.numbers.escalate_after
        if self.now < available:
            return refused("TOO_EARLY", available)
        self.claim(role)
        return None

    def claim(self, by: str) -> None:
        self.it.escalated_by = by
        mine = self.it.standing(BUYER)
        asked = self.it.proposals[mine - 1].amount if mine else 0
        self.it.asked = asked or self.it.requested
        self.stop_talking()
        self.open_window(self.now + self.numbers.evidence)
        self.wrote("ESCALATED", status="CLAIM_EVIDENCE", deadline=self.it.window_end)

    def add_evidence(self, role: str, kind: str, text: str, with_file: bool) -> Verdict:
        case = self.it
        if no := self.gate("add_evidence", role):
            return no
        limit = max(case.window_end, case.replies.get(role, 0))
        if case.status == "CLAIM_EVIDENCE" and self.now >= limit:
            return refused("TOO_LATE", limit)
        if not with_file and (not text or kind not in {"STATEMENT", "CHAT_LOG", "OTHER"}):
            return refused("VALIDATION_FAILED")
        most = self.numbers.evidence_items + case.extra_items
        if sum(it.party == role for it in case.exhibits) >= most:
            return refused("LIMIT_REACHED")
        if with_file and len(self.uploading(role)) >= self.numbers.pending_uploads:
            return refused("LIMIT_REACHED")
        if role in case.complete:
            case.replied.add(role)
            case.complete.discard(role)
        if with_file:
            case.exhibits.append(Exhibit(role, "PENDING", self.now + self.numbers.upload))
            self.wrote("EVIDENCE_SUBMITTED", deadline=self.heard_by())
        else:
            case.exhibits.append(Exhibit(role, "ACCEPTED"))
            self.count(role)
        return None

    def count(self, party: str) -> None:
        case = self.it
        if party in case.complete or party in case.replies:
            case.replied.add(party)
        case.has_answered |= party == case.asked_of
        self.can_be_answered(party)
        self.wrote("EVIDENCE_ADDED", deadline=self.heard_by())

    def uploading(self, party: str) -> list[Exhibit]:
        mine = (it for it in self.it.exhibits if (it.party, it.state) == (party, "PENDING"))
        return [it for it in mine if it.until is not None and self.now < it.until]

    def inspect(self, number: int, good: bool) -> Verdict:
        """The look at the one file of an item: it counts if the window for evidence is still open."""
        case = self.it
        exhibit = case.exhibits[number - 1] if 1 <= number <= len(case.exhibits) else None
        if exhibit is None or exhibit.state != "PENDING" or case.is_closed:
            return NOTHING
        if good and self.gate("add_evidence", exhibit.party) is None:
            exhibit.state = "ACCEPTED"
            self.count(exhibit.party)
        else:
            exhibit.state = "REFUSED"
            self.wrote("EVIDENCE_REFUSED")
        return None

    def withdraw_evidence(self, role: str, number: int) -> Verdict:
        case = self.it
        exhibit = case.exhibits[number - 1] if 1 <= number <= len(case.exhibits) else None
        if exhibit and (exhibit.party, exhibit.state) == (role, "PENDING") and not case.is_closed:
            # R26: what has not come can be given up at any time.
            if self.window_over():
                return refused("TOO_LATE", case.deadline)
        elif no := self.gate("withdraw_evidence", role):
            return no
        if exhibit is None or exhibit.state == "WITHDRAWN":
            return refused("NOT_FOUND")
        if exhibit.party != role:
            return refused("FORBIDDEN")
        exhibit.state = "WITHDRAWN"
        self.wrote("EVIDENCE_WITHDRAWN")
        return None

    def complete_evidence(self, role: str) -> Verdict:
        case = self.it
        if no := self.gate("complete_evidence", role):
            return no
        if role in case.complete:
            return refused("WRONG_STATUS")
        if self.uploading(role):
            return refused("UPLOAD_PENDING")
        case.complete.add(role)
        case.has_answered |= role == case.asked_of
        case.replies.pop(role, None)
        judged = case.settlement is not None or any(case.counting(party) for party in PARTIES)
        is_heard = judged and not self.awaited()
        uploads = self.uploads_after(self.now)
        if is_heard and uploads is None:
            self.review("EVIDENCE_COMPLETED")
        elif is_heard and not case.waits_for_uploads:
            case.waits_for_uploads = True
            self.wrote("EVIDENCE_COMPLETED", deadline=uploads)
        else:
            self.wrote("EVIDENCE_COMPLETED", deadline=self.heard_by())
        return None

    def review(self, event: str) -> None:
        self.it.review_since = self.now
        self.it.asked_of, self.it.replies, self.it.waits_for_uploads = None, {}, False
        self.it.replied, self.it.has_answered = set(), False
        self.wrote(event, status="UNDER_REVIEW", deadline=self.now + self.numbers.decision)

    def bad_date(self, at: int) -> bool:
        least, most = self.numbers.window_at_least, self.numbers.evidence_at_most
        return not self.now + least <= at <= self.now + most

    def set_window(self, role: str, at: int) -> Verdict:
        if no := self.gate("set_window", role) or self.not_mine():
            return no
        if self.bad_date(at):
            return refused("DATE_OUT_OF_RANGE")
        case = self.it
        case.window_end, case.waits_for_uploads = at, False
        case.replies = {party: max(until, at) for party, until in case.replies.items()}
        self.wrote("EVIDENCE_WINDOW_SET", deadline=self.heard_by())
        return None

    def request_evidence(self, role: str, party: str, at: int) -> Verdict:
        case = self.it
        if no := self.gate("request_evidence", role) or self.not_mine():
            return no
        of_return = case.settlement is not None
        if (case.return_requests if of_return else case.requests) >= self.numbers.evidence_requests:
            return refused("LIMIT_REACHED")
        if self.bad_date(at):
            return refused("DATE_OUT_OF_RANGE")
        if of_return:
            case.return_requests += 1
        else:
            case.requests += 1
        self.open_window(at, party)
        self.wrote("EVIDENCE_REQUESTED", status="CLAIM_EVIDENCE", deadline=at)
        return None

    def not_mine(self) -> Verdict:
        """R47: all managers of the model are one and the same person."""
        return None if self.it.assigned_to == "manager-1" else refused("NOT_ASSIGNED")

    def assign(self, role: str, assignee: str) -> Verdict:
        if no := self.gate("assign", role):
            return no
        if assignee in {"buyer-1", "seller-1"}:
            return refused("ASSIGNEE_IS_PARTY")
        # R45: no entry, no version.
        self.it.assigned_to = assignee
        return None

    def unassign(self, role: str) -> Verdict:
        if no := self.gate("unassign", role):
            return no
        self.it.assigned_to = None
        return None

    def propose(self, role: str, kind: str, amount: int | None) -> Verdict:
        """R14: by who has the claim, in the place of the team's earlier one. A return may be asked for."""
        case = self.it
        if no := self.gate("propose", role):
            return no
        if no := self.not_mine():
            return no
        if sum(it.maker == MANAGER for it in case.proposals) >= self.numbers.offers:
            return refused("LIMIT_REACHED")
        if kind == "REFUND_WITH_RETURN" and case.reason != "NOT_AS_DESCRIBED":
            return refused("RETURN_NOT_APPLICABLE")
        fits = amount in (None, 0) if kind == "NO_REFUND" else amount is not None and 0 < amount <= case.most
        if not fits:
            return refused("AMOUNT_OUT_OF_RANGE")
        if (amount or 0) > case.left:
            return refused("MORE_THAN_IS_LEFT")
        before = case.standing(MANAGER)
        if before is not None:
            case.proposals[before - 1].state = "REPLACED"
        case.proposals.append(Proposal(MANAGER, kind, amount or 0))
        self.wrote("PROPOSAL_MADE")
        return None

    def decide(
        self, role: str, outcome: str, amount: int | None, with_return: bool, cites: Sequence[int]
    ) -> Verdict:
        """R24: BUYER_FAVOUR is what was asked for last, SELLER_FAVOUR nothing, PARTIAL any other amount."""
        case = self.it
        if no := self.gate("decide", role) or self.not_mine():
            return no
        settled = case.settlement
        everything, highest = (settled.amount, settled.amount) if settled else (case.asked, case.most)
        if amount is not None and not 0 <= amount <= highest:
            return refused("AMOUNT_OUT_OF_RANGE")
        if (amount or 0) > case.left:
            return refused("MORE_THAN_IS_LEFT")
        everything = min(everything, case.left)
        if outcome == "PARTIAL":
            refund, fits = amount or 0, amount not in (None, 0, everything)
        else:
            refund = everything if outcome == "BUYER_FAVOUR" else 0
            fits = amount in (None, refund)
        if not fits:
            return refused("OUTCOME_MISMATCH")
        once_more = case.settlement is not None
        if with_return and (case.reason != "NOT_AS_DESCRIBED" or once_more or refund == 0):
            return refused("RETURN_NOT_APPLICABLE")
        if not self.are_accepted(cites, PARTIES):
            return refused("EVIDENCE_NOT_SHARED")
        code = "DECIDED_PARTIAL" if outcome == "PARTIAL" else f"DECIDED_{outcome}"
        ending = Ending(code, refund, with_return, MANAGER)
        if with_return:
            self.await_return("DECIDED", ending)
        else:
            self.close("DECIDED", "DECIDED", ending)
        return None

    def are_accepted(self, cites: Sequence[int], of: Sequence[str]) -> bool:
        given = self.it.exhibits
        return all(
            1 <= n <= len(given) and given[n - 1].state == "ACCEPTED" and given[n - 1].party in of
            for n in cites
        )
