"""The machine's clock and its randomness (ports `Clock` and `Ids`)."""

import base64
import secrets
from datetime import UTC, datetime, timedelta

from buyer_protection.application.ports.system import Clock
from buyer_protection.domain.timeline import whole_ms

_CROCKFORD = "0123456789abcdefghjkmnpqrstvwxyz"
_LENGTH = 26
_RANDOM_BITS = 80
_EPOCH = datetime(1970, 1, 1, tzinfo=UTC)


def webhook_secret() -> str:
    """256 bits of chance, as Standard Webhooks writes a secret."""
    return "whsec_" + base64.b64encode(secrets.token_bytes(32)).decode()


class SystemClock:
    """The present, as it is stored: in whole milliseconds."""

    def now(self) -> datetime:
        """See `Clock.now`."""
        return whole_ms(datetime.now(UTC))


class RandomIds:
    """48 bits of milliseconds, then 80 of chance, in Crockford's base 32: 26 characters that sort by time."""

    def __init__(self, clock: Clock | None = None) -> None:
        self._clock = clock or SystemClock()

    def dispute_id(self) -> str:
        """See `Ids.dispute_id`."""
        return self.team_row_id("dp")

    def team_row_id(self, prefix: str) -> str:
        """See `Ids.team_row_id`."""
        milliseconds = (self._clock.now() - _EPOCH) // timedelta(milliseconds=1)
        return f"{prefix}-{_text(milliseconds << _RANDOM_BITS | secrets.randbits(_RANDOM_BITS))}"

    def salt(self) -> str:
        """See `Ids.salt`."""
        return secrets.token_hex(16)


def _text(number: int) -> str:
    return "".join(_CROCKFORD[number >> 5 * place & 31] for place in reversed(range(_LENGTH)))
