"""What each line and subject of a mail advises its reader to do, so that tests can ask whether it would be taken (R50).

A table of every sentence under "What you can do", in English, as a pattern. One that is in no row fails the test:
whoever adds a sentence says here what it advises.
"""

import re
from collections.abc import Callable, Iterator, Mapping
from datetime import datetime
from typing import NamedTuple

from buyer_protection.adapters.mail.rendering import MailContent
from buyer_protection.domain.available_actions import available_actions, other_party
from buyer_protection.domain.dispute import Dispute
from buyer_protection.domain.enums import Action, Role, Status
from buyer_protection.domain.permissions import may


class Reading(NamedTuple):
    """A mail that its reader opens at that instant."""

    case: Dispute
    reader: Role
    now: datetime

    def takes(self, *actions: Action) -> bool:
        """Whether each of these is among the reader's actions, and open."""
        offered = available_actions(self.case, self.reader, self.now)
        return {it.action for it in offered if it.available_from <= self.now} >= set(actions)

    def lists(self, action: Action) -> bool:
        """Whether it is among the reader's actions, perhaps from a later instant on."""
        return action in {it.action for it in available_actions(self.case, self.reader, self.now)}

    def settles(self) -> bool:
        """Whether either side can make or accept an offer."""
        sides = (self, self._replace(reader=other_party(self.reader)))
        how = (Action.MAKE_OFFER, Action.ACCEPT_OFFER, Action.ACCEPT_REQUEST)
        return any(side.takes(action) for side in sides for action in how)

    def is_in(self, *statuses: Status) -> bool:
        return self.case.status in statuses


Holds = Callable[[Reading], bool]


def takes(*actions: Action) -> Holds:
    return lambda reading: reading.takes(*actions)


def has(*statuses: Status) -> Holds:
    return lambda reading: reading.is_in(*statuses)


def later(action: Action) -> Holds:
    """What the reader may do once the other side has done its part."""
    return lambda reading: may(reading.case, reading.reader, action) or reading.is_in(Status.AWAITING_RETURN)


def _nothing(_reading: Reading) -> bool:
    """News, or what needs no call of the API."""
    return True


_GIVE, _WRITE = takes(Action.ADD_EVIDENCE), takes(Action.SEND_MESSAGE)
_OFFER, _CONFIRM = takes(Action.MAKE_OFFER), takes(Action.CONFIRM_RETURN_ADDRESS)
_REGISTER, _ACKNOWLEDGE = takes(Action.REGISTER_RETURN_SHIPMENT), takes(Action.ACKNOWLEDGE_RETURN)
_CLAIM = has(Status.CLAIM_EVIDENCE)


def _once_both_are_done(reading: Reading) -> bool:
    """R22, R43: it begins only where there is something to judge, and where both are asked."""
    case = reading.case
    judged = case.settlement is not None or case.evidence_by_buyer or case.evidence_by_seller
    return reading.takes(Action.EVIDENCE_COMPLETE) and bool(judged) and case.evidence_asked_of is None


def _is_before_its_date(reading: Reading) -> bool:
    """What was possible still is: the window that the case waits in has not ended."""
    deadline = reading.case.deadline
    return deadline is not None and reading.now < deadline


LINES: Mapping[str, Holds] = {
    "Accept it: ": takes(Action.ACCEPT_OFFER),
    "Accept the proposal": takes(Action.ACCEPT_OFFER),
    "Accept or decline the offer that waits": takes(Action.ACCEPT_OFFER, Action.DECLINE_OFFER),
    "Accept the request": takes(Action.ACCEPT_REQUEST),
    "(A|If you do not have it, say so in a) written statement": _GIVE,
    "Add ": _GIVE,
    "Answer it with evidence": _GIVE,
    "Answer the seller: ": _OFFER,
    "Confirm the address": _CONFIRM,
    "Decline it and say why, with evidence": takes(Action.DECLINE_OFFER, Action.ADD_EVIDENCE),
    "Decline it, or make": takes(Action.DECLINE_OFFER, Action.MAKE_OFFER),
    "Decline it\\.": takes(Action.DECLINE_OFFER),
    "Escalate the dispute": takes(Action.ESCALATE),
    "Evidence is not taken (from you )?now\\. Write": _WRITE,
    "Evidence is not taken now\\.$": _nothing,
    "Go on looking for an agreement": takes(Action.MAKE_OFFER, Action.ACCEPT_OFFER),
    "If something is still wrong, you can open a new dispute": _nothing,
    "If something is wrong with it, report": later(Action.ACKNOWLEDGE_RETURN),
    "If the goods are back, acknowledge": _ACKNOWLEDGE,
    "If the order arrives after all, cancel": takes(Action.CANCEL, Action.CHANGE_REASON),
    "If the parcel is missing or something is wrong": _ACKNOWLEDGE,
    "If you agree with the seller, accept": Reading.settles,
    "If you cannot agree, you can ask": lambda reading: reading.lists(Action.ESCALATE),
    "If you still want to settle, make": _OFFER,
    "Look at the parcel": _nothing,
    "Look at your answer again": takes(Action.ACCEPT_REQUEST, Action.MAKE_OFFER),
    "Make ": _OFFER,
    "Please (check|contact)": _nothing,
    "Read (it on the page|the message on|the decision|the new amount)": _nothing,
    "Read the message and answer": _WRITE,
    "Register the shipment": later(Action.REGISTER_RETURN_SHIPMENT),
    "Say that you have nothing more to add\\.": takes(Action.EVIDENCE_COMPLETE),
    "Say that you have nothing more to add: once both": _once_both_are_done,
    "Send the goods to": _REGISTER,
    "Show what you packed": _GIVE,
    "The (buyer could|case is closed|page of the case|refund is now)": _nothing,
    "Wait for the decision, and watch": has(Status.UNDER_REVIEW, Status.CLAIM_EVIDENCE),
    "Wait for the parcel": has(Status.AWAITING_RETURN),
    "Wait until the seller acknowledges": has(Status.RETURN_SHIPPED),
    "Wait until the seller has confirmed the return address": has(Status.AWAITING_RETURN),
    "We look at it": _nothing,
    "When the parcel arrives, open it at once and acknowledge": _ACKNOWLEDGE,
    "When they arrive, acknowledge": later(Action.ACKNOWLEDGE_RETURN),
    "Write to the team": _WRITE,
    "You can still agree": Reading.settles,
    "You can still read": _nothing,
    "You do not have it: .* the seller on the page": _WRITE,
    "You do not have it: .* neighbours\\.$": _nothing,
    "You get no further email": _nothing,
    "You have it and all is well: cancel": takes(Action.CANCEL),
    "You have it, but it is not as described: change": takes(Action.CHANGE_REASON),
    "You do not have to do anything about this": _is_before_its_date,
    "You have to do nothing": lambda reading: not reading.takes(Action.ESCALATE),
    "You need not do anything\\. You may add evidence": _GIVE,
    "No further dispute": _nothing,
}
# Of subjects: those that say what to do.
SUBJECTS: Mapping[str, Holds] = {
    "add your evidence|upload it again|[Gg]ive your (evidence|side)|new evidence and answer": _GIVE,
    "now a claim, and is being reviewed": has(Status.UNDER_REVIEW),
    "is now a claim \\(": _CLAIM,
    "Answer a refund request": lambda reading: any(
        reading.takes(action) for action in (Action.ACCEPT_REQUEST, Action.MAKE_OFFER, Action.DECLINE_OFFER)
    ),
    "Answer an offer": takes(Action.DECLINE_OFFER),
    "make (another one|one of your own)": _OFFER,
    "send the goods back": has(Status.AWAITING_RETURN),
    "[Cc]onfirm the return address": _CONFIRM,
    "write to the team|Read and answer": _WRITE,
    "cancel or change": takes(Action.CANCEL, Action.CHANGE_REASON),
    "ask for a decision": takes(Action.ESCALATE),
    "check and acknowledge|Acknowledge the return": _ACKNOWLEDGE,
    "being reviewed, please wait": has(Status.UNDER_REVIEW),
    "return is registered, please wait": has(Status.RETURN_SHIPPED),
    "changed the reason: answer": lambda reading: (
        reading.takes(Action.ADD_EVIDENCE)
        or reading.takes(Action.MAKE_OFFER)
        or reading.takes(Action.ACCEPT_REQUEST)
    ),
}
# The headings of the date that ask for something.
HEADINGS: Mapping[str, Holds] = {
    "TIME TO AGREE UNTIL": has(Status.NEGOTIATION),
    "GIVE YOUR EVIDENCE BY|EVIDENCE CAN BE ADDED UNTIL": _GIVE,
    "DECISION EXPECTED BY": has(Status.UNDER_REVIEW),
    "REGISTER THE RETURN BY": _REGISTER,
    "CONFIRM THE RETURN ADDRESS BY": _CONFIRM,
    "ACKNOWLEDGE THE RETURN BY": _ACKNOWLEDGE,
    "CHANGE THE REASON BY": takes(Action.CHANGE_REASON),
}


def untaken(content: MailContent, reading: Reading) -> Iterator[str]:
    """What the mail advises and the case would not take, or what no table knows."""
    text = content.text.split("\nGOOD TO KNOW")[0]
    for line in re.findall(r"(?m)^- (.*)$", text):
        found = [holds for pattern, holds in LINES.items() if re.match(pattern, line)]
        if not found or not all(holds(reading) for holds in found):
            yield line
    for pattern, holds in SUBJECTS.items():
        if re.search(pattern, content.subject) and not holds(reading):
            yield content.subject
    for pattern, holds in HEADINGS.items():
        if (heading := re.search(rf"(?m)^({pattern})$", text)) and not holds(reading):
            yield heading.group()
