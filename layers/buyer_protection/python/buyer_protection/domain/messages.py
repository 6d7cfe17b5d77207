"""The case's message thread (R5): who writes, who gets a mail, and who has read it.

A party is mailed once when something waits for them, and again only after they have read the thread.
"""

from dataclasses import replace
from datetime import datetime

from buyer_protection.domain.dispute import Change, Dispute
from buyer_protection.domain.enums import PARTIES, Action, EventType, Role
from buyer_protection.domain.errors import FieldError, InvalidRequestError, LimitReachedError
from buyer_protection.domain.numbers import message_number
from buyer_protection.domain.permissions import check
from buyer_protection.domain.sides import Message
from buyer_protection.domain.texts import says_something
from buyer_protection.domain.timeline import MESSAGE_RECIPIENTS, Actor


def send_message(case: Dispute, actor: Actor, text: str, now: datetime) -> Change:
    """One more message; the timeline says that it was sent, not what it says."""
    check(case, actor.role, Action.SEND_MESSAGE, now)
    if not says_something(text):
        raise InvalidRequestError(
            "A message needs a character that can be seen.",
            rule="R22",
            fields=[FieldError("/text", "REQUIRED")],
        )
    sent, most = case.messages_by.get(actor.role, 0), case.policy.max_messages
    if sent >= most:
        # R46: each side's own, and the team's: nobody writes the others out of the thread.
        raise LimitReachedError(f"Each side can send at most {most} messages.", rule="R5")
    message = Message(f"ms-{case.messages + 1}", actor.role, actor.actor_id, text, now)
    informed = [role for role in PARTIES if role is not actor.role and not case.side(role).has_unread]
    counted = {**case.messages_by, actor.role.value: sent + 1}
    thread = case.thread.written(actor.role, now)
    after = replace(case, messages=case.messages + 1, messages_by=counted, thread=thread)
    if actor.role in PARTIES:
        # Who answers has read what was written.
        after = _with_unread(after, actor.role, False)
    for role in informed:
        after = _with_unread(after, role, True)
    data = {"message_id": message.message_id, MESSAGE_RECIPIENTS: informed}
    change = case.record(now, actor, EventType.MESSAGE_SENT, data, after)
    return replace(change, new_message=message)


def mark_read(case: Dispute, actor: Actor, up_to: str, now: datetime) -> Change | None:
    """The party has read up to that message; None where nothing waited for them, or something still does."""
    check(case, actor.role, Action.MARK_MESSAGES_READ, now)
    if not 0 < message_number(up_to) <= case.messages:
        raise InvalidRequestError(
            "There is no such message in this thread.",
            rule="R5",
            fields=[FieldError("/up_to", "NOT_IN_DISPUTE")],
        )
    if not case.side(actor.role).has_unread or message_number(up_to) < case.messages:
        return None
    data = {"party": actor.role, "up_to": up_to}
    after = _with_unread(replace(case, thread=case.thread.read(actor.role)), actor.role, False)
    return case.record(now, actor, EventType.MESSAGES_READ, data, after)


def unread(case: Dispute, reader: Role) -> int | None:
    """R5: how many messages of the others this party has not read; None for who is none, as nothing is kept of it.

    At least one where something is unread and the case was opened before they were counted.
    """
    if reader not in PARTIES:
        return None
    return max(case.thread.unread(reader), int(case.side(reader).has_unread))


def _with_unread(case: Dispute, role: Role, has_unread: bool) -> Dispute:
    return case.with_side(role, case.side(role)._replace(has_unread=has_unread))
