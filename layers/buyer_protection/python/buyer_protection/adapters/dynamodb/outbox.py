"""MAIL rows (port `Outbox`): one a timeline entry and person, so that a retried step sends nothing twice (R23)."""

from collections.abc import Iterable, Iterator, Sequence
from datetime import datetime, timedelta

from pynamodb.expressions.update import Action

from buyer_protection.adapters.dynamodb import keys
from buyer_protection.adapters.dynamodb.row import Row
from buyer_protection.adapters.dynamodb.tables import MailRow
from buyer_protection.application.ports.mail_view import MailKind
from buyer_protection.application.ports.mails import OutboxMail
from buyer_protection.application.ports.timers import DueKind

# How long the ordinary way through the queue has before the sweeper takes a mail for stuck.
GRACE = timedelta(minutes=2)
# The same for a mail that waits for SES: it lies in the queue, and the queue may be long.
PATIENCE = timedelta(minutes=15)

PENDING = "PENDING"
SENT = "SENT"
DROPPED = "DROPPED"


class PynamoOutbox:
    """A row is in the index of what is due once something went wrong with it, and until it is settled; never due while
    somebody holds its lease. Before that a record of the stream, and then a message of the queue, stands for it
    (decision 0067). Rows of before are in the index from the beginning."""

    def add(self, mails: Sequence[OutboxMail]) -> None:
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
            ).put_if_new()

    def leave_to_sweeper(self, mails: Sequence[OutboxMail], now: datetime) -> None:
        """See `Outbox.leave_to_sweeper`."""
        for mail in mails:
            self._index(mail, now + GRACE)

    def _index(self, mail: OutboxMail, due_at: datetime) -> None:
        MailRow(*_key(mail)).change_if(
            (MailRow.status == PENDING) & MailRow.due_key.does_not_exist(), _due(mail, due_at)
        )

    def unsent(self, dispute_id: str) -> Sequence[OutboxMail]:
        """See `Outbox.unsent`."""
        within = MailRow.sk.startswith(keys.MAIL_PREFIX)
        rows = MailRow.collection(keys.subject_pk(dispute_id), within, is_of_many=True)
        return list(_mails(dispute_id, (row for row in rows if row.status == PENDING)))

    def lease(self, mail: OutboxMail, now: datetime, seconds: int) -> bool:
        """See `Outbox.lease`. Counts the attempt."""
        until = now + timedelta(seconds=seconds)
        free = MailRow.leased_until.does_not_exist() | (MailRow.leased_until <= now)
        due = _due(mail, until) if mail.attempts else []
        taken = MailRow(*_key(mail)).change_if(
            (MailRow.status == PENDING) & free,
            [MailRow.leased_until.set(until), MailRow.attempts.add(1), *due],
        )
        if not taken and not mail.is_watched:
            self._index(mail, until)
        return taken

    def postpone(self, mail: OutboxMail, until: datetime) -> None:
        """See `Outbox.postpone`."""
        self._keep_until(mail, until, until + PATIENCE)

    def hold(self, mail: OutboxMail, until: datetime) -> None:
        """See `Outbox.hold`."""
        self._keep_until(mail, until, until)

    def _keep_until(self, mail: OutboxMail, until: datetime, due_at: datetime) -> None:
        MailRow(*_key(mail)).change_if(
            MailRow.status == PENDING, [MailRow.leased_until.set(until), *_due(mail, due_at)]
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


def _due(mail: OutboxMail, due_at: datetime) -> list[Action]:
    due_key = keys.due_key(mail.dispute_id, DueKind.EFFECT)
    return [MailRow.due_key.set(due_key), MailRow.due_at.set(due_at)]


def _key(mail: OutboxMail) -> keys.Key:
    return keys.mail(mail.dispute_id, mail.seq, mail.recipient)


def _mails(subject: str, rows: Iterable[MailRow]) -> Iterator[OutboxMail]:
    for row in rows:
        try:
            kind = MailKind(row.mail)
        except ValueError:
            Row.report_unreadable("MAIL", row.pk, row.sk)
            continue
        is_watched = row.due_key is not None
        yield OutboxMail(
            subject, row.seq, row.recipient, kind, row.attempts, row.correlation_id, is_watched=is_watched
        )
