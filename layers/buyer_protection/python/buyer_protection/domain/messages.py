"""The case's message thread (R5): who writes, who is told, and when they have read it.

A party is mailed once when something waits for them, and again only after they have read the thread.
"""

from dataclasses import replace
from datetime import datetime

from buyer_protection.domain.dispute import Change, Dispute, Message
from buyer_protection.domain.enums import PARTIES, Action, EventType, Role
from buyer_protection.domain.errors import LimitReachedError
from buyer_protection.domain.permissions import check
from buyer_protection.domain.timeline import MESSAGE_RECIPIENTS, Actor

_WAITING = {Role.BUYER: "buyer_has_unread", Role.SELLER: "seller_has_unread"}


def has_unread(case: Dispute, reader: Role) -> bool:
    """Whether something waits for this party that they were told of and have not read."""
    return reader in PARTIES and bool(getattr(case, _WAITING[reader]))


def send_message(case: Dispute, actor: Actor, text: str, now: datetime) -> Change:
    """One more message; the timeline says that it was sent, not what it says."""
    check(case, actor.role, Action.SEND_MESSAGE, now)
    if case.messages >= case.policy.max_messages:
        raise LimitReachedError(f"A dispute can hold at most {case.policy.max_messages} messages.", rule="R5")
    message = Message(f"ms-{case.messages + 1}", actor.role, actor.actor_id, text, now)
    told = [role for role in PARTIES if role is not actor.role and not has_unread(case, role)]
    updates: dict[str, object] = {_WAITING[role]: True for role in told}
    data = {"message_id": message.message_id, MESSAGE_RECIPIENTS: told}
    change = case.record(now, actor, EventType.MESSAGE_SENT, data, messages=case.messages + 1, **updates)
    return replace(change, new_message=message)


def note_read(case: Dispute, actor: Actor, now: datetime) -> Change | None:
    """The party has opened the thread; None where nothing waited for them."""
    if not has_unread(case, actor.role):
        return None
    data = {"party": actor.role, "up_to": f"ms-{case.messages}"}
    return case.record(now, actor, EventType.MESSAGES_READ, data, **{_WAITING[actor.role]: False})
