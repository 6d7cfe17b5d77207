"""What a party is shown on its case when mails to it do not arrive: never the address, and never to the other side."""

from dataclasses import dataclass
from datetime import datetime
from enum import StrEnum


class MailProblem(StrEnum):
    """What became of mails, from the least to the gravest."""

    # One mail is late; it may still come.
    DELAYED = "MAIL_DELAYED"
    # One mail may not have arrived; later ones are still sent.
    NOT_DELIVERED = "MAIL_NOT_DELIVERED"
    # The address takes no mails: none are sent to it any more.
    UNDELIVERABLE = "MAIL_UNDELIVERABLE"
    # Its owner called our mails unwanted: none are sent to it any more.
    STOPPED = "MAIL_STOPPED"


class NoticeCode(StrEnum):
    """What a party is shown on its case: of mails that did not arrive (`mail_alert`), and of a refund that does not
    come as it should (R44)."""

    MAIL_DELAYED = "MAIL_DELAYED"
    MAIL_NOT_DELIVERED = "MAIL_NOT_DELIVERED"
    MAIL_UNDELIVERABLE = "MAIL_UNDELIVERABLE"
    MAIL_STOPPED = "MAIL_STOPPED"
    REFUND_RETRYING = "REFUND_RETRYING"
    REFUND_HELD = "REFUND_HELD"
    REFUND_GIVEN_UP = "REFUND_GIVEN_UP"
    REFUND_RETURNED = "REFUND_RETURNED"


_GRAVITY = {trouble: rank for rank, trouble in enumerate(MailProblem)}

# After these nothing more is sent to the address.
STOPS = frozenset({MailProblem.UNDELIVERABLE, MailProblem.STOPPED})


@dataclass(frozen=True, slots=True)
class MailNotice:
    """What is shown to one party. `address_id` stands for the address that it is about, and is never shown."""

    trouble: MailProblem
    at: datetime
    address_id: str


def is_graver(trouble: MailProblem, than: MailProblem) -> bool:
    """Whether this takes the place of the other."""
    return _GRAVITY[trouble] > _GRAVITY[than]


def noticed(kept: MailNotice | None, new: MailNotice) -> MailNotice:
    """The notice shown after `new`: the gravest about an address, then the latest, in whatever order they arrive."""
    if kept is None or kept.address_id != new.address_id:
        return new
    return max(kept, new, key=lambda notice: (_GRAVITY[notice.trouble], notice.at))
