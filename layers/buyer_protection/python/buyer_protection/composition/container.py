"""The composition root: the only module that knows which adapter stands behind which port.

A `Container` builds each thing once, on first use, from the settings. Adapters and the workers' use cases are imported
where they are built, so that a function pays at its cold start only for what it uses.
"""

from collections.abc import Callable, Mapping
from functools import cache, cached_property, partial
from typing import TYPE_CHECKING

from buyer_protection.application.actions.context import Context
from buyer_protection.composition import membership, switches
from buyer_protection.composition.archiving import archive, archivist, case_store, order_retention
from buyer_protection.domain.policy import ALIEXPRESS_CLASSIC, Policy, policy_for_stage
from buyer_protection.runtime import settings

if TYPE_CHECKING:
    from buyer_protection.application.actions.execute import Command
    from buyer_protection.application.actions.webhooks import WebhookKeeper
    from buyer_protection.application.mails.bounces import BounceHandler
    from buyer_protection.application.mails.delivery import Content, MailDelivery
    from buyer_protection.application.ports.events import EventBus
    from buyer_protection.application.ports.evidence_files import EvidenceFiles
    from buyer_protection.application.ports.feed import EventFeed
    from buyer_protection.application.ports.idempotency import Answer
    from buyer_protection.application.ports.mail_transport import AddressBook, MailTransport
    from buyer_protection.application.ports.mail_view import MailView
    from buyer_protection.application.ports.mails import NotificationQueue, Outbox
    from buyer_protection.application.ports.operations import OperationsStore, Queues
    from buyer_protection.application.ports.people import PersonStore
    from buyer_protection.application.ports.pictures import Pictures
    from buyer_protection.application.ports.refunds import RefundStore
    from buyer_protection.application.ports.sellers import SellerMetrics
    from buyer_protection.application.ports.signing import PublicKeys, Signer
    from buyer_protection.application.ports.switches import Switch
    from buyer_protection.application.ports.team import Team
    from buyer_protection.application.ports.templates import TemplateStore
    from buyer_protection.application.ports.timers import Executions, TimerStore
    from buyer_protection.application.ports.webhooks import WebhookQueue, WebhookStore
    from buyer_protection.application.schemas.requests import DecisionRequest
    from buyer_protection.application.workers.audit import Auditor
    from buyer_protection.application.workers.breaker import Breaker
    from buyer_protection.application.workers.dispatch import StreamProcessor
    from buyer_protection.application.workers.sweep_round import Sweeper
    from buyer_protection.application.workers.webhooks import WebhookDelivery


class Container:
    """All that the functions work with. A test makes one of its own, and sets what it replaces as an attribute."""

    def __init__(self) -> None:
        from buyer_protection.adapters.dynamodb.row import configure
        from buyer_protection.runtime.observability import unreadable_row

        # All adapters share the table's connection, and the other services' clients its session.
        cloud = settings.cloud()
        configure(
            settings.cases().table_name,
            cloud.region,
            cloud.endpoint,
            in_background=settings.is_in_background(),
            on_unreadable=unreadable_row,
            due_shards=settings.due_shards(),
        )

    @cached_property
    def context(self) -> Context:
        """What every use case of the API works with, and the clock's own too."""
        from buyer_protection.adapters.aws.system import RandomIds, SystemClock
        from buyer_protection.adapters.dynamodb.order_store import PynamoOrderStore

        clock, orders = SystemClock(), PynamoOrderStore(order_retention(self.policy))
        return Context(case_store(), orders, clock, RandomIds(clock), self.policy, membership.is_member(self))

    @cached_property
    def policy(self) -> Policy:
        """The profile that new cases are opened under, with the stage's length of a day."""
        found = policy_for_stage(ALIEXPRESS_CLASSIC.profile, settings.cases().day_seconds)
        if found is None:
            raise AssertionError("the default profile is always known")
        return found

    @cached_property
    def mail_delivery(self) -> "MailDelivery":
        """What the notification function works with."""
        from buyer_protection.adapters.aws.notification_queue import SqsNotificationQueue
        from buyer_protection.application.mails.delivery import MailDelivery
        from buyer_protection.composition.mail_reports import note_sent_mail, report_mail

        return MailDelivery(
            cases=self.context.cases,
            orders=self.context.orders,
            outbox=self.outbox,
            transport=self.mail_transport,
            render=self.render_mail,
            clock=self.context.clock,
            site_url=settings.mail().site_url,
            addresses=self.address_book,
            queue=SqsNotificationQueue(settings.mail().queue_url),
            report=report_mail,
            on_sent=note_sent_mail,
        )

    @cached_property
    def bounce_handler(self) -> "BounceHandler":
        """What the function that receives bounces and complaints works with."""
        from buyer_protection.application.mails.bounces import BounceHandler

        return BounceHandler(self.context.cases, self.context.orders, self.address_book)

    @cached_property
    def address_book(self) -> "AddressBook":
        """Marked addresses."""
        from buyer_protection.adapters.dynamodb.address_book import PynamoAddressBook

        return PynamoAddressBook()

    @cached_property
    def sweeper(self) -> "Sweeper":
        """What the sweeper works with. Its threads share one client of each service."""
        from buyer_protection.adapters.aws.clients import make_ready
        from buyer_protection.adapters.aws.person_files import S3PersonFiles
        from buyer_protection.application.workers.breaker import GuardedWebhookQueue
        from buyer_protection.application.workers.erasure import Eraser
        from buyer_protection.application.workers.sweep_round import Sweeper

        concurrency = settings.sweep_concurrency()
        if concurrency > 1:
            make_ready("events", "sqs", "stepfunctions")
        it, files = self.context, S3PersonFiles(settings.evidence().bucket)
        return Sweeper(
            cases=it.cases,
            timers=self.timers,
            refunds=self.refunds,
            executions=self.executions,
            queue=self.notification_queue,
            bus=self.event_bus,
            clock=self.context.clock,
            orders=self.context.orders,
            switch=self.refund_switch,
            clock_switch=self.clock_switch,
            webhooks=GuardedWebhookQueue(self.webhook_queue, self.breaker),
            concurrency=concurrency,
            page=settings.sweep_page(),
            breaker=self.breaker,
            eraser=Eraser(it.cases, self.people, files, it.clock, self.policy, archivist(self)),
        )

    @cached_property
    def people(self) -> "PersonStore":
        """What is kept of a person, and requests to erase it."""
        from buyer_protection.adapters.dynamodb.person_store import PynamoPersonStore

        return PynamoPersonStore(archive())

    @cached_property
    def breaker(self) -> "Breaker":
        """Which services have not answered the batch or the round that is under way."""
        from buyer_protection.application.workers.breaker import Breaker

        return Breaker(self.context.clock)

    @cached_property
    def auditor(self) -> "Auditor":
        """What the nightly audit works with."""
        from buyer_protection.adapters.dynamodb.audit_store import PynamoAuditStore
        from buyer_protection.application.workers.audit import Auditor

        return Auditor(PynamoAuditStore(), self.context.clock, archivist(self))

    @cached_property
    def operations(self) -> "OperationsStore":
        """What the workers leave for operators."""
        from buyer_protection.adapters.dynamodb.operations_store import PynamoOperationsStore

        return PynamoOperationsStore(archive())

    @cached_property
    def queues(self) -> "Queues":
        """The queues of the stage; their client is made on first use."""
        from buyer_protection.adapters.aws.queues import SqsQueues

        return SqsQueues(*settings.queues())

    @cached_property
    def templates(self) -> "TemplateStore":
        """The team's texts for rationales."""
        from buyer_protection.adapters.dynamodb.template_store import PynamoTemplateStore

        return PynamoTemplateStore()

    @cached_property
    def refund_switch(self) -> "Switch":
        """Whether operators hold refunds back."""
        return switches.refunds()

    @cached_property
    def clock_switch(self) -> "Switch":
        """Whether operators hold the clock."""
        return switches.clock()

    @cached_property
    def timers(self) -> "TimerStore":
        """TIMER rows, and what is due."""
        from buyer_protection.adapters.dynamodb.timer_store import PynamoTimerStore

        return PynamoTimerStore()

    @cached_property
    def refunds(self) -> "RefundStore":
        """REFUND rows."""
        from buyer_protection.adapters.dynamodb.refund_store import PynamoRefundStore

        return PynamoRefundStore()

    @cached_property
    def seller_metrics(self) -> "SellerMetrics":
        """Sellers' counters."""
        from buyer_protection.adapters.dynamodb.seller_metrics import PynamoSellerMetrics

        return PynamoSellerMetrics()

    @cached_property
    def stream_processor(self) -> "StreamProcessor":
        """What follows from a change."""
        from buyer_protection.adapters.aws.retry_queue import SqsRetryQueue
        from buyer_protection.adapters.dynamodb.stream_records import parse, written_at
        from buyer_protection.application.workers.dispatch import StreamProcessor

        return StreamProcessor(
            outbox=self.outbox,
            queue=self.notification_queue,
            bus=self.event_bus,
            executions=self.executions,
            clock=self.context.clock,
            cases=self.context.cases,
            orders=self.context.orders,
            sellers=self.seller_metrics,
            retry_queue=SqsRetryQueue(settings.stream().late_changes_queue_url),
            parse=parse,
            written_at=written_at,
            switch=self.refund_switch,
            breaker=self.breaker,
            era=settings.era(),
        )

    @cached_property
    def outbox(self) -> "Outbox":
        """Mails to be sent."""
        from buyer_protection.adapters.dynamodb.outbox import PynamoOutbox

        return PynamoOutbox()

    @cached_property
    def executions(self) -> "Executions":
        """The state machine."""
        from buyer_protection.adapters.aws.executions import StepFunctionsExecutions
        from buyer_protection.application.workers.breaker import GuardedExecutions

        return GuardedExecutions(StepFunctionsExecutions(settings.state_machine_arn()), self.breaker)

    @cached_property
    def event_bus(self) -> "EventBus":
        """Every way to the shop's systems: the bus, the feed and the webhooks."""
        from buyer_protection.adapters.aws.event_bus import EventBridgeBus
        from buyer_protection.application.workers.announce import Announcer
        from buyer_protection.application.workers.breaker import GuardedBus, GuardedWebhookQueue

        bus = GuardedBus(EventBridgeBus(settings.dispatch().event_bus_name), self.breaker)
        queue = GuardedWebhookQueue(self.webhook_queue, self.breaker)
        return Announcer(bus, self.event_feed, self.webhook_store, queue)

    @cached_property
    def event_feed(self) -> "EventFeed":
        """What was published, for thirty days."""
        from buyer_protection.adapters.aws.system import SystemClock
        from buyer_protection.adapters.dynamodb.event_feed import PynamoEventFeed

        return PynamoEventFeed(SystemClock())

    @cached_property
    def webhook_store(self) -> "WebhookStore":
        """Endpoints and deliveries."""
        from buyer_protection.adapters.dynamodb.webhook_store import PynamoWebhookStore

        return PynamoWebhookStore()

    @cached_property
    def webhook_queue(self) -> "WebhookQueue":
        """The queue in front of the function that delivers."""
        from buyer_protection.adapters.aws.webhook_queue import SqsWebhookQueue

        return SqsWebhookQueue(settings.webhook_queue_url())

    @cached_property
    def webhook_keeper(self) -> "WebhookKeeper":
        """What the calls work with that make a webhook or a secret."""
        from buyer_protection.adapters.aws.system import webhook_secret
        from buyer_protection.adapters.webhooks.addresses import Targets
        from buyer_protection.application.actions.webhooks import WebhookKeeper

        targets = Targets(any_address=settings.webhooks_reach_any_address())
        return WebhookKeeper(self.webhook_store, targets, webhook_secret)

    @cached_property
    def webhook_delivery(self) -> "WebhookDelivery":
        """What the function that delivers works with: the only one that imports the signing library."""
        from buyer_protection.adapters.webhooks.sender import HttpWebhookSender
        from buyer_protection.application.workers.webhooks import WebhookDelivery

        sender = HttpWebhookSender(any_address=settings.webhooks_reach_any_address())
        return WebhookDelivery(self.webhook_store, sender, self.context.clock)

    @cached_property
    def notification_queue(self) -> "NotificationQueue":
        """The queue in front of the notification function."""
        from buyer_protection.adapters.aws.notification_queue import SqsNotificationQueue
        from buyer_protection.application.workers.breaker import GuardedMailQueue

        queue = SqsNotificationQueue(settings.dispatch().notification_queue_url)
        return GuardedMailQueue(queue, self.breaker)

    @cached_property
    def mail_transport(self) -> "MailTransport":
        """SES."""
        from buyer_protection.adapters.aws.ses_transport import SesTransport

        mail = settings.mail()
        return SesTransport(mail.sender, mail.configuration_set)

    @cached_property
    def team(self) -> "Team":
        """The Case Management Team's user pool; its client is made on first use."""
        return membership.team()

    @cached_property
    def render_mail(self) -> "Callable[[MailView], Content]":
        """What makes a mail of its facts; the templates are loaded on first use."""
        from buyer_protection.adapters.mail.rendering import render

        return partial(render, redress=settings.redress())

    @cached_property
    def site_url(self) -> str:
        """The site that links of mails lead to."""
        return settings.site_url()

    @cached_property
    def confirm_above(self) -> Mapping[str, int]:
        """Above which amount at stake a ruling needs a second confirmation: minor units by currency (R47)."""
        return settings.confirm_above()

    @cached_property
    def preview_decision(self) -> "Callable[[Command, str, DecisionRequest], Answer]":
        """What a decision would do, without it. Only here does a function of the API write mails: no other start pays
        for it."""
        from buyer_protection.application.actions.decision_preview import preview_decision

        at = (self.context, self.render_mail, self.site_url)
        return partial(preview_decision, *at, confirm_above=self.confirm_above)

    @cached_property
    def signer(self) -> "Signer":
        """What signs exports; its client is made on first use."""
        from buyer_protection.adapters.aws.signing import KmsSigner

        return KmsSigner(settings.signing_key_arn())

    @cached_property
    def public_keys(self) -> "PublicKeys":
        """The keys that exports can be checked with."""
        from buyer_protection.adapters.aws.signing import KmsPublicKeys

        return KmsPublicKeys(settings.signing_key_arns())

    @cached_property
    def evidence_files(self) -> "EvidenceFiles":
        """Evidence files in S3; its client is made on first use."""
        from buyer_protection.adapters.aws.evidence_files import S3EvidenceFiles

        return S3EvidenceFiles(settings.evidence().bucket)

    @cached_property
    def pictures(self) -> "Pictures":
        """What makes copies of pictures; its libraries are in the verifying function's layer only."""
        from buyer_protection.adapters.pictures.maker import SeparatePictures

        return SeparatePictures()


@cache
def get() -> Container:
    """This process's own; `get.cache_clear()` lets a test begin with another environment."""
    return Container()
