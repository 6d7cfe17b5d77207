"""The thread's calls: write to the other side and the team, and read what they wrote (R5)."""

from datetime import datetime

from msgspec import Struct

from buyer_protection.application.actions.context import Context
from buyer_protection.application.actions.execute import Command, execute, load_case_for
from buyer_protection.application.actions.parts import asked_part, token_onwards
from buyer_protection.application.ports.idempotency import Answer
from buyer_protection.application.schemas.answers import listed_answer
from buyer_protection.application.schemas.documents import answer
from buyer_protection.application.schemas.instants import At
from buyer_protection.application.schemas.queries import PageQuery
from buyer_protection.application.schemas.requests import MessageRequest, ReadRequest
from buyer_protection.domain import messages
from buyer_protection.domain.dispute import Change
from buyer_protection.domain.enums import Action, Role
from buyer_protection.domain.sides import Message
from buyer_protection.domain.timeline import instant


class MessageDocument(Struct, frozen=True):
    """One message of the thread."""

    message_id: str
    dispute_id: str
    sender: Role
    text: str
    sent_at: At


def send_message(context: Context, command: Command, dispute_id: str, request: MessageRequest) -> Answer:
    """201 with the message. A party without unread messages gets one mail about it."""

    def created(change: Change, _role: Role, _now: datetime) -> Answer:
        if change.new_message is None:
            raise AssertionError("a message that was sent is part of its change")
        document = message_document(dispute_id, change.new_message)
        location = f"/v1/disputes/{dispute_id}/messages"
        return answer(201, document, version=change.after.version, location=location)

    return execute(
        context,
        command,
        dispute_id,
        Action.SEND_MESSAGE,
        lambda s: messages.send_message(s.case, s.actor, request.text, s.now),
        created,
    )


def mark_messages_read(context: Context, command: Command, dispute_id: str, request: ReadRequest) -> Answer:
    """200: it is noted that the caller has read up to that message, so that the next one is mailed again."""
    return execute(
        context,
        command,
        dispute_id,
        Action.MARK_MESSAGES_READ,
        lambda s: messages.mark_read(s.case, s.actor, request.up_to, s.now),
    )


def list_messages(context: Context, command: Command, dispute_id: str, page: PageQuery) -> Answer:
    """200 with a part of the thread, oldest first."""
    _, role = load_case_for(context.cases, command, dispute_id, Action.READ_CONTENTS)
    caller, query = command.caller.caller_id, thread_query(dispute_id)
    part = asked_part(caller, query, page.page_token, "after", page.page_size)
    found = context.cases.messages(dispute_id, after=part.after, limit=part.limit)
    items = [message_document(dispute_id, message) for message in found.items]
    token = token_onwards(caller, query, part, found.next_key)
    return listed_answer(items, token, role, context.clock.now())


def thread_query(dispute_id: str) -> str:
    """What binds a page token to the thread."""
    return f"messages {dispute_id}"


def message_document(dispute_id: str, message: Message) -> MessageDocument:
    """A message as all with access see it."""
    return MessageDocument(
        message.message_id, dispute_id, message.sender, message.text, instant(message.sent_at)
    )
