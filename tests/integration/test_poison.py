"""Q32: one unreadable row of every kind among good ones. Whoever reads many goes on and serves all others, and names
the row by a log line and a metric.

`NAMED_BY` is the table of kinds of rows and readers. A new kind of row, or a new function that reads what is many
people's, fails until it has an entry.
"""

import json
from collections.abc import Callable, Iterator
from dataclasses import replace
from typing import Any

import pytest

from buyer_protection.adapters.dynamodb import keys
from buyer_protection.adapters.dynamodb.timer_store import PynamoTimerStore
from buyer_protection.application.workers.announce import Announcer
from buyer_protection.application.workers.webhooks import WebhookDelivery
from buyer_protection.composition import container
from buyer_protection.runtime.observability import WorkerFailedError
from infra.queue_names import READ_BY
from infra.routes import SPECS, Kind
from tests.integration.conftest import TABLE_NAME
from tests.integration.people import BUYER, SELLER
from tests.integration.poisoned import (
    CONTROLS,
    GOOD,
    HOOK,
    KEYS,
    LONG_AGO,
    MODELS,
    NOW,
    OF_A_CASE,
    dispute_of,
    fill,
    order_of,
    poison,
)
from tests.support import ses_events
from tests.support.api_events import CONTEXT, ENVIRONMENT, backend, document, member, person
from tests.support.fake_files import MemoryEvidenceFiles
from tests.support.fake_signer import SIGNER
from tests.support.fake_system import FakeTeam
from tests.support.fake_webhooks import FakeSender, FakeWebhookQueue
from tests.support.fake_workers import FakeBus, FakeExecutions, FakeQueue, FakeRetryQueue, FakeTransport
from tests.support.in_process import WORKERS, call, handler_of
from tests.support.pictures import FakePictures

pytestmark = pytest.mark.verify
MANAGER, OPERATOR, SHOP = member("manager-1"), member("operator-1", "operator"), backend()
Read = Callable[[Any], None]


@pytest.fixture
def world(table: Any, monkeypatch: pytest.MonkeyPatch) -> Iterator[Any]:
    """The table, filled, and functions whose services answer in this process; answers what they are."""
    for name, value in {**ENVIRONMENT, **WORKERS}.items():
        monkeypatch.setenv(name, value)
    container.get.cache_clear()
    fill()
    built = container.get()
    built.executions, built.notification_queue, built.team = FakeExecutions(), FakeQueue(), FakeTeam()
    built.mail_transport, built.webhook_queue = FakeTransport(), FakeWebhookQueue()
    built.evidence_files, built.signer = MemoryEvidenceFiles(), SIGNER
    built.pictures = FakePictures()
    built.event_bus = Announcer(FakeBus(), built.event_feed, built.webhook_store, built.webhook_queue)
    built.stream_processor = replace(built.stream_processor, retry_queue=FakeRetryQueue())
    built.webhook_delivery = WebhookDelivery(built.webhook_store, FakeSender(), built.context.clock)
    yield built
    container.get.cache_clear()


def items(action: str, caller: Any, **more: Any) -> list[Any]:
    answer = call(action, caller, **more)
    assert answer["statusCode"] == 200, answer["body"]
    found: list[Any] = document(answer)["items"]
    return found


def all_of(action: str, caller: Any, name: str) -> dict[str, Any]:
    """Every page of a list, by an id."""
    found, token = {}, None
    while True:
        query = {"page_size": ["7"], **({"page_token": [token]} if token else {})}
        answer = document(call(action, caller, query=query))
        found |= {one[name]: one for one in answer["items"]}
        token = answer.get("next_page_token")
        if token is None:
            return found


def batch(action: str, bodies: dict[str, Any]) -> set[str]:
    """What a queue's function gives back of a batch, by the names of the messages."""
    records = [{"messageId": name, "body": json.dumps(body)} for name, body in bodies.items()]
    answer = handler_of(action)({"Records": records}, CONTEXT)
    return {one["itemIdentifier"] for one in answer["batchItemFailures"]}


# --- the readers of what is many people's -----------------------------------------------------------------------


def sweep_deadlines(world: Any) -> None:
    done = handler_of("sweep_deadlines")({}, CONTEXT)
    for name in GOOD[:3]:
        assert world.context.cases.load(dispute_of(name)).case.status == "CLAIM_EVIDENCE"
    assert world.notification_queue.asked == [dispute_of("good-1")]
    assert [event.event_id for event in world.event_bus.bus.published] == ["rf-dp-paid-RefundRequested-2"]
    good = {sk for _, sk in world.webhook_queue.asked}
    assert {"1000000000005-first", "1000000000004-last"} <= good
    assert done["failed_UnreadableRowError"] >= 6
    # None of them is at the head of what is due in the next round.
    assert not {row.due_at for row in PynamoTimerStore().due(NOW, limit=99)}


def audit_cases(_world: Any) -> None:
    passed = handler_of("audit_cases")({}, CONTEXT)
    assert (passed["ended"], passed["cases"]) == (True, len(OF_A_CASE) + len(GOOD))


def notify_parties(world: Any) -> None:
    asked = {name: {"case_id": dispute_of(name)} for name in (*OF_A_CASE, *GOOD)}
    failed = batch("notify_parties", {**asked, "no JSON of ours": "?"})
    assert failed & {*GOOD, "MAIL"} == set()
    about = {(mail["dispute_id"], mail["recipient"]) for mail in world.mail_transport.sent}
    assert {(dispute_of(name), role) for name in GOOD[:3] for role in ("BUYER", "SELLER")} <= about
    # Of one case's mails, too, the one that can be read leaves.
    assert (dispute_of("MAIL"), "SELLER") in about
    assert failed == {"FACTS", "STATE", "ORDER", "LEDGER", "ADDRESS", *_IN_DOSSIER, "no JSON of ours"}


# What a mail's case is read with.
_IN_DOSSIER = {"TL", "OFFER", "EVIDENCE", "MESSAGE", "RULING", "BRIEF", "ARCHIVED"}


def records(table: Any) -> list[dict[str, Any]]:
    """What the stream says of rows that are written just now: those that nobody can read, then a good one."""
    found = []
    for pk, sk in [
        *(KEYS[kind] for kind in ("TL", "REFUND", "TIMER", "LEDGER")),
        keys.timeline("dp-good-1", 1),
    ]:
        key = {"pk": {"S": pk}, "sk": {"S": sk}}
        image = {**table.get_item(TableName=TABLE_NAME, Key=key)["Item"], "finished_at": {"S": LONG_AGO}}
        said = {"Keys": key, "NewImage": image, "ApproximateCreationDateTime": NOW.timestamp()}
        found.append({"eventName": "INSERT", "eventSource": "aws:dynamodb", "dynamodb": said})
    return found


def dispatch_changes(world: Any) -> None:
    written = records(world.table)
    world.event_bus.bus.published.clear()
    assert handler_of("dispatch_changes")({"Records": written}, CONTEXT) == {"batchItemFailures": []}
    # At once, not after two minutes: whoever wrote behind them in the stream waits for nothing.
    assert world.stream_processor.retry_queue.kept == written[:4]
    assert "DisputeOpened" in {event.type for event in world.event_bus.bus.published}
    assert "dp-good-1" in world.notification_queue.asked
    # From there each comes back by itself, as often as the queue's redrive allows.
    later = {str(number): record for number, record in enumerate(written)}
    assert batch("dispatch_changes", later) == {"0", "1", "2", "3"}


def receive_events(_world: Any) -> None:
    def event(name: str) -> dict[str, Any]:
        at = NOW.isoformat()
        detail = {"order_id": order_of(name), "event_id": "e-2", "shipment_id": "s-1", "status": "IN_TRANSIT"}
        said = {"detail-type": "TrackingUpdated", "detail": {**detail, "occurred_at": at}}
        return {"id": f"id-{name}", "source": "shop", "time": at, **said}

    asked = {name: event(name) for name in (*OF_A_CASE, *GOOD)}
    failed = batch("receive_events", {**asked, "no event": "?"})
    assert failed == {"FACTS", "STATE", "ORDER", "LEDGER", "no event"}


def receive_mail_events(world: Any) -> None:
    names = ("FACTS", "STATE", "ADDRESS", "good-2")
    bounce = ses_events.bounce()
    asked = {
        name: ses_events.envelope(bounce, dispute_of(name), "SELLER", "seller@example.com") for name in names
    }
    failed = batch("receive_mail_events", {**asked, "no event": "?"})
    assert failed == {"FACTS", "STATE", "no event"}
    assert world.context.cases.load("dp-good-2").case.seller_notice is not None


def verify_upload(_world: Any) -> None:
    def event(name: str) -> dict[str, Any]:
        return {"source": "aws.s3", "detail": {"object": {"key": f"evidence/{dispute_of(name)}/ev-1/f-1"}}}

    asked = {name: event(name) for name in (*OF_A_CASE, *GOOD)}
    assert batch("verify_upload", {**asked, "no event": "?"}) >= {"FACTS", "STATE", "no event"}
    assert not batch("verify_upload", {name: asked[name] for name in GOOD})


def deliver_webhooks(world: Any) -> None:
    _, sk = KEYS["DELIVERY"]
    asked = ((HOOK, sk.split("#")[1]), (HOOK, "1000000000005-first"), (HOOK, "1000000000004-last"))
    bodies = {delivery: {"webhook_id": hook, "delivery_id": delivery} for hook, delivery in asked}
    assert batch("deliver_webhooks", {**bodies, "no message": "?"}) == {"1000000000000-bad", "no message"}
    assert {event_id for _, _, event_id, _ in world.webhook_delivery.sender.sent} == {"first", "last"}


def list_disputes(_world: Any) -> None:
    for caller in (person(BUYER.actor_id), MANAGER):
        found = all_of("list_disputes", caller, "dispute_id")
        assert len(found) == len(OF_A_CASE) + len(GOOD)
        assert {one for one, shown in found.items() if shown.get("unreadable")} == {"dp-FACTS", "dp-STATE"}


def get_mediation_queue(_world: Any) -> None:
    found = all_of("get_mediation_queue", MANAGER, "dispute_id")
    assert {dispute_of(name) for name in GOOD[:3]} <= found.keys()


def list_orders(_world: Any) -> None:
    found = all_of("list_orders", person(BUYER.actor_id), "order_id")
    assert {order_of(name) for name in GOOD} <= found.keys()
    assert {one for one, shown in found.items() if shown.get("unreadable")} == {"o-ORDER", "o-LEDGER"}


def list_events(_world: Any) -> None:
    found = [one["id"] for one in items("list_events", SHOP, query={"page_size": ["100"]})]
    assert found[:2] == ["first", "last"]


def list_webhooks(_world: Any) -> None:
    assert [one["webhook_id"] for one in items("list_webhooks", SHOP)] == [HOOK]


def list_webhook_deliveries(_world: Any) -> None:
    found = {one["event_id"] for one in items("list_webhook_deliveries", SHOP, webhook_id=HOOK)}
    assert {"first", "last"} <= found


def list_templates(_world: Any) -> None:
    assert [one["template_id"] for one in items("list_templates", MANAGER)] == ["first", "last"]


def get_mediation_summary(_world: Any) -> None:
    assert document(call("get_mediation_summary", MANAGER))["open"] >= 3


def get_mediation_team(_world: Any) -> None:
    assert call("get_mediation_team", MANAGER)["statusCode"] == 200


def get_operations_summary(_world: Any) -> None:
    assert call("get_operations_summary", OPERATOR)["statusCode"] == 200


def take_next_claim(_world: Any) -> None:
    taken = call("take_next_claim", MANAGER)
    assert taken["statusCode"] == 200, taken["body"]


def export_case(_world: Any) -> None:
    for name in GOOD:
        assert call("export_case", person(SELLER.actor_id), dispute_id=dispute_of(name))["statusCode"] == 200


# In this order: the sweeper makes claims of what is overdue.
READERS: dict[str, Read] = {
    reader.__name__: reader
    for reader in (
        sweep_deadlines,
        audit_cases,
        dispatch_changes,
        notify_parties,
        receive_events,
        receive_mail_events,
        verify_upload,
        deliver_webhooks,
        list_disputes,
        get_mediation_queue,
        list_orders,
        list_events,
        list_webhooks,
        list_webhook_deliveries,
        list_templates,
        get_mediation_summary,
        get_mediation_team,
        get_operations_summary,
        take_next_claim,
        export_case,
    )
}
# Functions beside them that nobody calls about one case, order or webhook: these read no row.
READS_NOTHING = {"get_me", "list_keys"}
_INBOUND = {"receive_events", "receive_mail_events", "verify_upload"}
_OF_A_CASE = {"audit_cases", "sweep_deadlines", "notify_parties", "list_disputes", *_INBOUND}
_IN_DOSSIER_BY = {"audit_cases", "notify_parties"}
# Who names the row of a kind. Nobody: it is read only where one case, order, seller, webhook or call is asked for.
NAMED_BY: dict[str, set[str]] = {
    "FACTS": _OF_A_CASE,
    "STATE": _OF_A_CASE,
    "TIMER": {"sweep_deadlines", "audit_cases", "dispatch_changes"},
    "REFUND": {"sweep_deadlines", "audit_cases", "dispatch_changes"},
    "MAIL": {"sweep_deadlines", "audit_cases", "notify_parties"},
    "DELIVERY": {"sweep_deadlines", "deliver_webhooks", "list_webhook_deliveries"},
    "TL": {*_IN_DOSSIER_BY, "dispatch_changes"},
    "EVIDENCE": {*_IN_DOSSIER_BY, "verify_upload"},
    **dict.fromkeys(("OFFER", "MESSAGE", "RULING", "BRIEF"), _IN_DOSSIER_BY),
    **{kind: {"audit_cases"} for kind in ("ASSIGNMENT", "NOTE", "LOOK")},
    # Whoever reads more of a case than where it stands asks whether the archive has it.
    "ARCHIVED": _IN_DOSSIER_BY,
    "ORDER": {"notify_parties", "receive_events", "list_orders"},
    "LEDGER": {"audit_cases", "notify_parties", "receive_events", "list_orders", "dispatch_changes"},
    "ADDRESS": {"notify_parties"},
    "FEED": {"list_events"},
    "ENDPOINT": {"sweep_deadlines", "dispatch_changes", "list_webhooks"},
    "TEMPLATE": {"list_templates"},
    **{
        kind: set()
        for kind in (
            *("LISTED", "ELSEWHERE", "TRACK", "IDEM", "COUNTED", "METRICS", "DAILY", "SIGNING"),
            # Of the operators' commands alone: `python -m ops trace list`.
            "COMMAND",
        )
    },
    "ERASURE": {"sweep_deadlines"},
    "LEGAL_HOLD": set(),
    "HOLD": {"sweep_deadlines", "get_operations_summary"},
    "AUDIT": {"audit_cases", "get_operations_summary"},
    "SWEEP": {"get_operations_summary"},
}


def named(printed: str) -> set[str]:
    """The kinds of the rows that a reader named, each by a line and by a metric."""
    lines = [json.loads(line) for line in printed.splitlines()]
    said = {(one["pk"], one["sk"]) for one in lines if one.get("message") == "unreadable" and "pk" in one}
    counted = [one for one in lines if (one.get("action"), one.get("outcome")) == ("row", "UNREADABLE")]
    assert said == {(one["pk"], one["sk"]) for one in counted if "pk" in one}
    by_key = {key: kind for kind, key in KEYS.items()}
    return {by_key[key] for key in said}


def test_q32_every_row_that_nobody_can_read_is_named_and_keeps_nobody_else_back(
    world: Any, table: Any, capsys: pytest.CaptureFixture[str]
) -> None:
    for kind in KEYS.keys() - set(CONTROLS):
        poison(table, kind)
    world.table = table
    found: dict[str, set[str]] = {kind: set() for kind in KEYS if kind not in CONTROLS}
    for name, read in READERS.items():
        capsys.readouterr()
        read(world)
        printed = capsys.readouterr().out
        assert "no instant" not in printed
        for kind in named(printed):
            found[kind].add(name)
    assert found == {kind: readers for kind, readers in NAMED_BY.items() if kind not in CONTROLS}


def test_q32_what_the_workers_keep_of_themselves_stops_no_deadline(
    world: Any, table: Any, capsys: pytest.CaptureFixture[str]
) -> None:
    """A switch that cannot be read counts as turned on, and the audit waits for an operator."""
    for kind in CONTROLS:
        poison(table, kind)
    found: dict[str, set[str]] = {kind: set() for kind in CONTROLS}
    for read in ("sweep_deadlines", "audit_cases", "get_operations_summary"):
        capsys.readouterr()
        if read == "sweep_deadlines":
            done = handler_of(read)({}, CONTEXT)
            assert (done["transitions"], done["refunds_held"]) == (len(OF_A_CASE) + len(GOOD) - 1, 1)
            assert world.event_bus.bus.published == []
        elif read == "audit_cases":
            with pytest.raises(WorkerFailedError):
                handler_of(read)({}, CONTEXT)
        else:
            get_operations_summary(world)
        for kind in named(capsys.readouterr().out):
            found[kind].add(read)
    assert found == {kind: NAMED_BY[kind] for kind in CONTROLS}


def test_q32_every_kind_of_row_and_every_reader_of_what_is_many_peoples_has_an_entry() -> None:
    assert KEYS.keys() == NAMED_BY.keys() == MODELS.keys()
    by_themselves = {Kind.STREAM, Kind.SCHEDULE, Kind.NIGHTLY, Kind.QUEUE}
    workers = {row.id for row in SPECS if row.kind in by_themselves} | set(READ_BY.values())
    lists = {row.id for row in SPECS if row.kind is Kind.API and row.method == "GET" and "{" not in row.path}
    assert workers | lists <= READERS.keys() | READS_NOTHING
    assert set().union(*NAMED_BY.values()) <= READERS.keys()
