"""A table with one unreadable row of each kind among good ones, each kind's about a case, an order or a webhook of its
own (Q32)."""

from collections.abc import Iterator
from dataclasses import replace
from datetime import UTC, datetime, timedelta
from importlib import import_module
from pkgutil import iter_modules
from typing import Any

from buyer_protection.adapters import dynamodb
from buyer_protection.adapters.dynamodb import event_rows, keys
from buyer_protection.adapters.dynamodb.case_store import PynamoCaseStore
from buyer_protection.adapters.dynamodb.event_feed import PynamoEventFeed
from buyer_protection.adapters.dynamodb.order_store import PynamoOrderStore
from buyer_protection.adapters.dynamodb.outbox import PynamoOutbox
from buyer_protection.adapters.dynamodb.row import Row
from buyer_protection.adapters.dynamodb.template_store import PynamoTemplateStore
from buyer_protection.adapters.dynamodb.webhook_store import PynamoWebhookStore
from buyer_protection.application.ports.events import OutboundEvent
from buyer_protection.application.ports.mail_transport import address_id
from buyer_protection.application.ports.mail_view import MailKind
from buyer_protection.application.ports.mails import OutboxMail, subject_of_person, subject_of_webhook
from buyer_protection.application.ports.templates import Template
from buyer_protection.domain import negotiation
from buyer_protection.domain.enums import Role
from buyer_protection.domain.order import Contact
from buyer_protection.domain.webhooks import Delivery, Endpoint, Secrets
from tests.integration import people
from tests.integration.conftest import TABLE_NAME
from tests.integration.people import OPENED, SELLER
from tests.support.fake_system import FixedClock

NOW = datetime.now(UTC).replace(microsecond=0)
YESTERDAY, LONG_AGO = NOW - timedelta(days=1), "2026-01-01T00:00:00.000Z"
HOOK, BAD_HOOK = "erp", "bad"
BOUNCED = Contact("bounced@example.com", "Ana")
GOOD = ("good-1", "good-2", "good-3", "paid")
OF_A_CASE = (
    "FACTS", "STATE", "TIMER", "TL", "OFFER", "EVIDENCE", "MESSAGE", "MAIL", "REFUND", "ASSIGNMENT", "NOTE", "LOOK",
    "RULING", "BRIEF", "ORDER", "LISTED", "LEDGER", "ELSEWHERE", "TRACK", "IDEM", "COUNTED", "ADDRESS", "ARCHIVED",
)  # fmt: skip


def dispute_of(name: str) -> str:
    return f"dp-{name}"


def order_of(name: str) -> str:
    return f"o-{name}"


def _keys() -> dict[str, keys.Key]:
    """The key of the row of each kind that nobody can read."""
    case, order = dispute_of, order_of
    return {
        "FACTS": keys.facts(case("FACTS")),
        "STATE": keys.state(case("STATE")),
        "TIMER": keys.timer(case("TIMER")),
        "TL": keys.timeline(case("TL"), 1),
        "OFFER": keys.offer(case("OFFER"), 1),
        "EVIDENCE": keys.evidence(case("EVIDENCE"), 1),
        "MESSAGE": keys.message(case("MESSAGE"), 1),
        "MAIL": keys.mail(case("MAIL"), 1, "BUYER"),
        "REFUND": keys.refund(case("REFUND")),
        "ASSIGNMENT": keys.assignment(case("ASSIGNMENT"), LONG_AGO, "c"),
        "NOTE": keys.note(case("NOTE"), "nt-1"),
        "LOOK": keys.look(case("LOOK"), "lk-1"),
        "RULING": keys.ruling(case("RULING"), "dc-1"),
        "BRIEF": keys.brief(case("BRIEF")),
        "ORDER": keys.order(order("ORDER")),
        "LISTED": keys.listed_order(order("LISTED")),
        "LEDGER": keys.ledger(order("LEDGER")),
        "ELSEWHERE": keys.elsewhere(order("ELSEWHERE"), "r-1"),
        "TRACK": keys.track(order("TRACK"), "e-1"),
        "IDEM": keys.idempotency("i-1"),
        "ARCHIVED": keys.archived(case("ARCHIVED")),
        "COUNTED": keys.counted(case("COUNTED"), "disputes"),
        "METRICS": keys.metrics(SELLER.actor_id, case("TL")),
        "DAILY": keys.daily(SELLER.actor_id, case("TL"), OPENED.date()),
        "ADDRESS": keys.address(address_id(BOUNCED.email)),
        "FEED": (event_rows.feed_pk(YESTERDAY.date()), f"{YESTERDAY.isoformat()}#bad"),
        "ENDPOINT": event_rows.endpoint(BAD_HOOK),
        "SIGNING": event_rows.secret(BAD_HOOK),
        "DELIVERY": event_rows.delivery(HOOK, "1000000000000-bad"),
        "TEMPLATE": (keys.TEMPLATES, "bad"),
        "COMMAND": (keys.COMMANDS, "2026-03-01T00:00:00.000Z#bad"),
        "HOLD": keys.REFUNDS_HELD,
        "AUDIT": keys.AUDIT,
        "SWEEP": keys.SWEEP,
        "ERASURE": keys.erasure("bad"),
        "LEGAL_HOLD": keys.legal_hold(keys.person_pk("bad")),
    }


KEYS = _keys()
# Switches and marks of the workers, one row each and not one of many: poisoned by themselves.
_PARTIES = (Role.BUYER, Role.SELLER)
CONTROLS = ("HOLD", "AUDIT", "SWEEP")


def kinds(kind: type[Row] = Row) -> Iterator[type[Row]]:
    """Every kind of row that there is."""
    for each in kind.__subclasses__():
        yield each
        yield from kinds(each)


def discriminator(kind: type[Row]) -> str:
    return str(Row.kind.get_discriminator(kind))


for _module in iter_modules(dynamodb.__path__, f"{dynamodb.__name__}."):
    import_module(_module.name)
MODELS = {discriminator(kind): kind for kind in kinds()}
_INDEXED = {
    "buyer_key",
    "seller_key",
    "opened_key",
    "queue_key",
    "queue_due",
    "due_key",
    "due_at",
    "expires_at",
}
# What the sweeper itself writes over.
_WRITTEN = {"aside_since", "aside_until"}


def poison(table: Any, kind: str) -> None:
    """Put something into an attribute of the row that nothing of this kind holds; where there is no row, make one. Rows
    that come to their turn by an instant are due."""
    pk, sk = KEYS[kind]
    key = {"pk": {"S": pk}, "sk": {"S": sk}}
    item = table.get_item(TableName=TABLE_NAME, Key=key).get("Item", {**key, "kind": {"S": kind}})
    own = [
        name
        for name in MODELS[kind].get_attributes()
        if name not in {*_INDEXED, *_WRITTEN, *Row.get_attributes()}
    ]
    if own:
        item[own[0]] = {"L": []}
    else:
        # An index takes no other type: what it sorts by says nothing.
        item["queue_due"] = {"S": "no instant"}
    if kind in {"TIMER", "MAIL", "REFUND", "DELIVERY", "ERASURE"}:
        others = {"DELIVERY": subject_of_webhook(HOOK), "ERASURE": subject_of_person("bad")}
        subject = others.get(kind, dispute_of(kind))
        item |= {"due_key": {"S": keys.due_key(subject)}, "due_at": {"S": LONG_AGO}}
    table.put_item(TableName=TABLE_NAME, Item=item)


def fill() -> None:
    """Cases whose negotiation is over, one for each kind of row and the good ones, orders, a webhook, a feed."""
    cases, orders, outbox = PynamoCaseStore(), PynamoOrderStore(), PynamoOutbox()
    for name in (*OF_A_CASE, *GOOD):
        order = people.order(order_of(name))
        orders.put(replace(order, buyer=BOUNCED) if name == "ADDRESS" else order)
        opened = people.opening(dispute_of(name), order_id=order_of(name))
        cases.commit(opened, now=OPENED)
        if name == "paid":
            cases.commit(negotiation.accept_request(opened.after, SELLER, OPENED), now=OPENED)
        outbox.add([OutboxMail(dispute_of(name), 1, role, MailKind.DISPUTE_OPENED) for role in _PARTIES])
    outbox.leave_to_sweeper(outbox.unsent(dispute_of("good-1")), OPENED)
    webhooks = PynamoWebhookStore()
    for hook in (HOOK, BAD_HOOK):
        endpoint = Endpoint(hook, f"https://{hook}.example.com", (), True, OPENED, OPENED)
        assert webhooks.create(endpoint, Secrets("whsec_AAAA"))
    for name in ("first", "last"):
        at = YESTERDAY - timedelta(minutes=1) if name == "first" else YESTERDAY + timedelta(minutes=1)
        event = OutboundEvent(name, "DisputeOpened", at, {"dispute_id": dispute_of(name)})
        PynamoEventFeed(FixedClock(at)).append([event])
        webhooks.ask(
            Delivery(HOOK, f"100000000000{len(name)}-{name}", name, event.type, "{}", at), None, at, None
        )
        template = Template(name, name, {"en": "Because."}, 1, OPENED)
        assert PynamoTemplateStore().put(template)
