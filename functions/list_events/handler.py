"""GET /v1/events: the events of thirty days, for systems that poll or have missed something."""

from buyer_protection.application.actions import feed
from buyer_protection.application.ports.idempotency import Answer
from buyer_protection.application.schemas.webhook_documents import FeedQuery
from buyer_protection.composition import container
from buyer_protection.runtime import edge


@edge.action("list_events")
def handler(request: edge.Request) -> Answer:
    """200 with a part of the feed."""
    query, known = request.query(FeedQuery), container.get()
    return feed.list_events(known.context, request.command, known.event_feed, query)
