"""Mails of a simulated life: without texts, with the instant at which each was sent."""

from collections.abc import Mapping
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

from buyer_protection.application.ports.mail_transport import MailDeferredError
from buyer_protection.application.ports.mail_view import MailView
from tests.simulation.faults import TimedOutError
from tests.support.fake_workers import FakeTransport

if TYPE_CHECKING:
    from tests.simulation.life import Life


@dataclass(frozen=True, slots=True)
class Content:
    """A mail as far as the post office needs one; rendering has tests of its own."""

    subject: str
    html: str
    text: str


class DatedTransport(FakeTransport):
    """Remembers when each mail was sent."""

    def __init__(self, life: "Life") -> None:
        super().__init__()
        self._life = life

    def send(self, *, tags: Mapping[str, str], **mail: str) -> str:
        self._life.sent.append((self._life.clock.at, tags))
        return super().send(tags=tags, **mail)


class Mailing:
    """Port `MailTransport` as SES's adapter makes it: who does not answer is asked again later."""

    def __init__(self, transport: Any) -> None:
        self._transport = transport

    def send(self, **mail: Any) -> str:
        try:
            return str(self._transport.send(**mail))
        except TimedOutError as silence:
            raise MailDeferredError("ReadTimeoutError") from silence


def plain(view: MailView) -> Content:
    """A mail without its texts: what it says is tested elsewhere."""
    return Content(f"{view.order_id} {view.kind}", "", "")
