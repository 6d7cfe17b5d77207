"""What the notification function logs and counts about mails."""

from datetime import timedelta

from buyer_protection.application.ports.mails import OutboxMail, order_of_subject
from buyer_protection.application.workers.promises import WITHIN, Promise
from buyer_protection.runtime.observability import count, log, promised


def report_mail(mail: OutboxMail, outcome: str, code: str) -> None:
    """Log and count what became of one mail: ids and codes only."""
    order_id = order_of_subject(mail.dispute_id)
    about = {"dispute_id": mail.dispute_id} if order_id is None else {"order_id": order_id}
    ids: dict[str, object] = {**about, "seq": mail.seq, "recipient": mail.recipient, "kind": mail.kind}
    ids |= {"attempts": mail.attempts, **({"code": code} if code else {})}
    ids |= {"correlation_id": mail.correlation_id} if mail.correlation_id else {}
    log("mail", {"action": "mail", "outcome": outcome, **ids})
    count("mail", outcome, ids)


def note_sent_mail(mail: OutboxMail, after: timedelta) -> None:
    """Whether a mail left in time after what it is about."""
    ids = {"dispute_id": mail.dispute_id}
    promised(Promise.MAIL, after.total_seconds(), WITHIN[Promise.MAIL].total_seconds(), ids)
