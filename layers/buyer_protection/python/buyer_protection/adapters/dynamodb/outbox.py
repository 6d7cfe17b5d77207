"""MAIL rows (port `Outbox`): one a timeline entry and person, so that a retried step sends nothing twice (R23)."""

from collections.abc import Sequence
from datetime import datetime, timedelta

from pynamodb.expressions.update import Action

from buyer_protection.adapters.dynamodb import keys
from buyer_protection.adapters.dynamodb.tables import MailRow
from buyer_protection.application.ports.mail_view import MailKind
from buyer_protection.application.ports.mails import OutboxMail

# How long the ordinary way through the queue has before the sweeper takes a mail for stuck.
GRACE = timedelta(minutes=2)
# The same for a mail that waits for SES: it lies in the queue, and the queue may be long.
PATIENCE = timedelta(minutes=15)

PENDING = "PENDING"
SENT = "SENT"
DROPPED = "DROPPED"


class PynamoOutbox:
    """A row is due for the sweeper while it is pending, and never while somebody holds its lease."""

    def add(self, mails: Sequence[OutboxMail], now: datetime) -> None:
        """See `Outbox.add`."""
        for mail in mails:
            MailRow(
                *_key(mail),
                seq=mail.seq,
                recipient=mail.recipient,
                mail=mail.kind.value,
                attempts=mail.attempts,
                status=PENDING,
                correlation_id=mail.correlation_id,
                due_key=keys.due_key(mail.dispute_id),
                due_at=now + GRACE,
            ).put_if_new()

    def unsent(self, dispute_id: str) -> Sequence[OutboxMail]:
        """See `Outbox.unsent`."""
        rows = MailRow.collection(keys.subject_pk(dispute_id), MailRow.sk.startswith(keys.MAIL_PREFIX))
        return [
            OutboxMail(
                dispute_id, row.seq, row.recipient, MailKind(row.mail), row.attempts, row.correlation_id
            )
            for row in rows
            if row.status == PENDING
        ]

    def lease(self, mail: OutboxMail, now: datetime, seconds: int) -> bool:
        """See `Outbox.lease`. Counts the attempt; a lease that ran out leaves the mail due again."""
        until = now + timedelta(seconds=seconds)
        free = MailRow.leased_until.does_not_exist() | (MailRow.leased_until <= now)
        return MailRow(*_key(mail)).change_if(
            (MailRow.status == PENDING) & free,
            [MailRow.leased_until.set(until), MailRow.due_at.set(until), MailRow.attempts.add(1)],
        )

    def postpone(self, mail: OutboxMail, until: datetime) -> None:
        """See `Outbox.postpone`."""
        self._keep_until(mail, until, until + PATIENCE)

    def hold(self, mail: OutboxMail, until: datetime) -> None:
        """See `Outbox.hold`."""
        self._keep_until(mail, until, until)

    def _keep_until(self, mail: OutboxMail, until: datetime, due_at: datetime) -> None:
        MailRow(*_key(mail)).change_if(
            MailRow.status == PENDING, [MailRow.leased_until.set(until), MailRow.due_at.set(due_at)]
        )

    def settle(
        self, mail: OutboxMail, now: datetime, *, message_id: str | None, dropped: str | None = None
    ) -> None:
        """See `Outbox.settle`."""
        actions: list[Action] = [
            MailRow.status.set(SENT if message_id is not None else DROPPED),
            MailRow.settled_at.set(now),
            MailRow.leased_until.remove(),
            MailRow.due_key.remove(),
            MailRow.due_at.remove(),
        ]
        if message_id is not None:
            actions.append(MailRow.message_id.set(message_id))
        if dropped is not None:
            actions.append(MailRow.dropped.set(dropped))
        MailRow(*_key(mail)).change_if(MailRow.status == PENDING, actions)


def _key(mail: OutboxMail) -> keys.Key:
    return keys.mail(mail.dispute_id, mail.seq, mail.recipient)
