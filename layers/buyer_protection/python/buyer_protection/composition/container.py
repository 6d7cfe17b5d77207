"""The composition root: the only module that knows which adapter stands behind which port.

Everything is built once per process, on first use, from the settings. Adapters and the workers' use cases are imported
where they are built, so that a function pays at its cold start only for what it uses.
"""

from functools import cache
from typing import TYPE_CHECKING

from buyer_protection.application.actions.context import Context
from buyer_protection.domain.policy import ALIEXPRESS_CLASSIC, Policy, policy_for_stage
from buyer_protection.runtime import settings

if TYPE_CHECKING:
    from buyer_protection.application.mails.bounces import BounceHandler
    from buyer_protection.application.mails.delivery import MailDelivery
    from buyer_protection.application.ports.events import EventBus
    from buyer_protection.application.ports.evidence_files import EvidenceFiles
    from buyer_protection.application.ports.mail_transport import AddressBook, MailTransport
    from buyer_protection.application.ports.mails import NotificationQueue, Outbox, OutboxMail
    from buyer_protection.application.ports.refund_switch import RefundSwitch
    from buyer_protection.application.ports.refunds import RefundStore
    from buyer_protection.application.ports.sellers import SellerMetrics
    from buyer_protection.application.ports.timers import Executions, TimerStore
    from buyer_protection.application.workers.audit import Auditor
    from buyer_protection.application.workers.dispatch import StreamProcessor
    from buyer_protection.application.workers.sweep import Sweeper


@cache
def context() -> Context:
    """What every use case of the API works with, and the clock's own too."""
    from buyer_protection.adapters.aws.system import RandomIds, SystemClock
    from buyer_protection.adapters.dynamodb.case_store import PynamoCaseStore
    from buyer_protection.adapters.dynamodb.order_store import PynamoOrderStore

    _connect()
    clock = SystemClock()
    return Context(PynamoCaseStore(), PynamoOrderStore(), clock, RandomIds(clock), policy())


@cache
def policy() -> Policy:
    """The profile that new cases are opened under, with the stage's length of a day."""
    found = policy_for_stage(ALIEXPRESS_CLASSIC.profile, settings.cases().day_seconds)
    if found is None:
        raise AssertionError("the default profile is always known")
    return found


@cache
def mail_delivery() -> "MailDelivery":
    """What the notification function works with."""
    from buyer_protection.adapters.aws.notification_queue import SqsNotificationQueue
    from buyer_protection.adapters.mail.rendering import render
    from buyer_protection.application.mails.delivery import MailDelivery

    return MailDelivery(
        cases=context().cases,
        orders=context().orders,
        outbox=outbox(),
        transport=mail_transport(),
        render=render,
        clock=context().clock,
        site_url=settings.mail().site_url,
        addresses=address_book(),
        queue=SqsNotificationQueue(settings.mail().queue_url),
        report=_report_mail,
    )


def _report_mail(mail: "OutboxMail", outcome: str, code: str) -> None:
    """Count what became of one mail: ids and codes only."""
    from buyer_protection.runtime.observability import count

    ids = {"dispute_id": mail.dispute_id, "seq": mail.seq, "recipient": mail.recipient, "kind": mail.kind}
    count("mail", outcome, {**ids, "attempts": mail.attempts, **({"code": code} if code else {})})


@cache
def bounce_handler() -> "BounceHandler":
    """What the function works with that is told of bounces and complaints."""
    from buyer_protection.application.mails.bounces import BounceHandler

    return BounceHandler(context().cases, context().orders, address_book())


@cache
def address_book() -> "AddressBook":
    """Marked addresses."""
    from buyer_protection.adapters.dynamodb.address_book import PynamoAddressBook

    _connect()
    return PynamoAddressBook()


@cache
def sweeper() -> "Sweeper":
    """What the sweeper works with. Its threads share one client of each service."""
    from buyer_protection.adapters.aws.clients import make_ready
    from buyer_protection.application.workers.sweep import Sweeper

    _connect()
    concurrency = settings.sweep_concurrency()
    if concurrency > 1:
        make_ready("events", "sqs", "stepfunctions")
    return Sweeper(
        cases=context().cases,
        timers=timers(),
        refunds=refunds(),
        executions=executions(),
        queue=notification_queue(),
        bus=event_bus(),
        clock=context().clock,
        orders=context().orders,
        switch=refund_switch(),
        concurrency=concurrency,
    )


@cache
def auditor() -> "Auditor":
    """What the nightly audit works with."""
    from buyer_protection.adapters.dynamodb.audit_store import PynamoAuditStore
    from buyer_protection.application.workers.audit import Auditor

    return Auditor(PynamoAuditStore(), context().clock)


@cache
def refund_switch() -> "RefundSwitch":
    """Whether operators hold refunds back."""
    from buyer_protection.adapters.dynamodb.refund_switch import PynamoRefundSwitch

    _connect()
    return PynamoRefundSwitch()


@cache
def timers() -> "TimerStore":
    """TIMER rows, and what is due."""
    from buyer_protection.adapters.dynamodb.timer_store import PynamoTimerStore

    _connect()
    return PynamoTimerStore()


@cache
def refunds() -> "RefundStore":
    """REFUND rows."""
    from buyer_protection.adapters.dynamodb.refund_store import PynamoRefundStore

    _connect()
    return PynamoRefundStore()


@cache
def seller_metrics() -> "SellerMetrics":
    """Sellers' counters."""
    from buyer_protection.adapters.dynamodb.seller_metrics import PynamoSellerMetrics

    _connect()
    return PynamoSellerMetrics()


@cache
def stream_processor() -> "StreamProcessor":
    """What follows from a change."""
    from buyer_protection.adapters.aws.retry_queue import SqsRetryQueue
    from buyer_protection.adapters.dynamodb.stream_records import parse, written_at
    from buyer_protection.application.workers.dispatch import StreamProcessor

    return StreamProcessor(
        outbox=outbox(),
        queue=notification_queue(),
        bus=event_bus(),
        executions=executions(),
        clock=context().clock,
        cases=context().cases,
        sellers=seller_metrics(),
        retry_queue=SqsRetryQueue(settings.stream().late_changes_queue_url),
        parse=parse,
        written_at=written_at,
        switch=refund_switch(),
    )


@cache
def outbox() -> "Outbox":
    """Mails to be sent."""
    from buyer_protection.adapters.dynamodb.outbox import PynamoOutbox

    _connect()
    return PynamoOutbox()


@cache
def executions() -> "Executions":
    """The state machine."""
    from buyer_protection.adapters.aws.executions import StepFunctionsExecutions

    _connect()
    return StepFunctionsExecutions(settings.dispatch().state_machine_arn)


@cache
def event_bus() -> "EventBus":
    """The bus to the shop's systems."""
    from buyer_protection.adapters.aws.event_bus import EventBridgeBus

    _connect()
    return EventBridgeBus(settings.dispatch().event_bus_name)


@cache
def notification_queue() -> "NotificationQueue":
    """The queue in front of the notification function."""
    from buyer_protection.adapters.aws.notification_queue import SqsNotificationQueue

    _connect()
    return SqsNotificationQueue(settings.dispatch().notification_queue_url)


@cache
def mail_transport() -> "MailTransport":
    """SES."""
    from buyer_protection.adapters.aws.ses_transport import SesTransport

    _connect()
    mail = settings.mail()
    return SesTransport(mail.sender, mail.configuration_set)


@cache
def evidence_files() -> "EvidenceFiles":
    """Evidence files in S3; its client is made on first use."""
    from buyer_protection.adapters.aws.evidence_files import S3EvidenceFiles

    _connect()
    return S3EvidenceFiles(settings.evidence().bucket)


@cache
def _connect() -> None:
    """Name the table. All adapters share its connection, and the other services' clients its session."""
    from buyer_protection.adapters.dynamodb.row import configure

    cloud = settings.cloud()
    configure(settings.cases().table_name, cloud.region, cloud.endpoint)


def forget() -> None:
    """Build everything anew on the next use: for tests, which change the environment."""
    settings.forget()
    stores = (
        context,
        policy,
        timers,
        refunds,
        refund_switch,
        seller_metrics,
        outbox,
        _connect,
        evidence_files,
    )
    senders = (executions, event_bus, notification_queue, mail_transport)
    workers = (stream_processor, mail_delivery, sweeper, auditor, bounce_handler, address_book)
    for built in (*stores, *senders, *workers):
        built.cache_clear()
