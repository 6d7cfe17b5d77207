"""Reading the feed: the events of thirty days, for systems that poll, and for those that missed something."""

import base64
import binascii
import re
from datetime import datetime, timedelta

import msgspec
from msgspec import Struct

from buyer_protection.application.actions.context import Context
from buyer_protection.application.actions.execute import Command, require_system
from buyer_protection.application.ports.feed import EventFeed
from buyer_protection.application.ports.idempotency import Answer
from buyer_protection.application.schemas.documents import answer
from buyer_protection.application.schemas.webhook_documents import FeedQuery
from buyer_protection.domain.errors import FieldError, InvalidRequestError, Place
from buyer_protection.domain.timeline import instant, parse_instant
from buyer_protection.domain.webhooks import KEPT_FOR

# What is newer is left out: of two rows that are being written now the later one may be seen first.
HIDDEN_FOR = timedelta(seconds=2)
# Rows that one call looks at, where `types` drops some of them.
_LOOKED_AT = 200
_POSITION = r"\d{4}-\d\d-\d\dT\d\d:\d\d:\d\d\.\d{3}Z(#[\x21-\x7e]{1,250})?"


class FeedDocument(Struct, frozen=True):
    """A part of the feed, oldest first. `next_cursor` is always there: the next call goes on from it.

    has_more: whether there is more already; otherwise ask again later
    """

    items: list[msgspec.Raw]
    next_cursor: str
    has_more: bool


def list_events(context: Context, command: Command, feed: EventFeed, query: FeedQuery) -> Answer:
    """200 with the events behind the cursor, as they were published, at least once, in the order of their writing."""
    require_system(command.caller)
    now = context.clock.now()
    after, until = _after(query.cursor, now), now - HIDDEN_FOR
    limit = max(query.page_size, _LOOKED_AT) if query.types else query.page_size
    rows = feed.read(after, until, limit=limit)
    wanted = [row for row in rows if not query.types or row.type in query.types]
    shown = wanted[: query.page_size]
    if len(wanted) > len(shown):
        has_more, reached = True, shown[-1].position
    elif len(rows) == limit:
        has_more, reached = True, rows[-1].position
    else:
        # Nothing can come to lie before this instant any more.
        has_more, reached = False, max(after, instant(until))
    items = [msgspec.Raw(row.body.encode()) for row in shown]
    return answer(200, FeedDocument(items, _cursor(reached), has_more))


def _after(cursor: str | None, now: datetime) -> str:
    """The position that a cursor stands for. 400 for what is none, and for one of before what is kept: its reader has
    missed events, and must know."""
    oldest = now - KEPT_FOR
    if cursor is None:
        return instant(oldest)
    try:
        position = base64.urlsafe_b64decode(cursor + "=" * (-len(cursor) % 4)).decode("ascii")
        if not re.fullmatch(_POSITION, position):
            raise ValueError
        at = parse_instant(position.split("#")[0])
    except (ValueError, binascii.Error):
        raise _refused("NOT_OF_THIS_LIST", "This is no cursor of the feed.") from None
    if at < oldest:
        raise _refused("EXPIRED", "The cursor is older than what is kept: read the disputes, and begin anew.")
    return position


def _refused(code: str, detail: str) -> InvalidRequestError:
    return InvalidRequestError(detail, fields=[FieldError("/cursor", code)], fields_in=Place.QUERY)


def _cursor(position: str) -> str:
    return base64.urlsafe_b64encode(position.encode()).decode().rstrip("=")
