"""How the answers of a call announce its end: `Deprecation` (RFC 9745), `Sunset` (RFC 8594) and a `Link` to the page.

Imported only by functions whose call has an end (`Ending` in `domain.actions`); docs/compatibility.md is the policy.
"""

from datetime import datetime, timedelta
from email.utils import format_datetime

from buyer_protection.domain.actions import Ending

# What a client has at least, from the first announcement to the end.
NOTICE = timedelta(days=365)


def headers_of(ending: Ending) -> dict[str, str]:
    """The headers of every answer, refusals included. ValueError for less notice than promised, or no UTC instant."""
    since, until = _utc(ending.since), _utc(ending.until)
    if until - since < NOTICE:
        raise ValueError(f"less than {NOTICE.days} days from {since:%Y-%m-%d} to {until:%Y-%m-%d}")
    return {
        "Deprecation": f"@{int(since.timestamp())}",
        "Sunset": format_datetime(until, usegmt=True),
        "Link": f'<{ending.page}>; rel="deprecation"; type="text/html"',
    }


def _utc(at: datetime) -> datetime:
    if at.utcoffset() != timedelta(0):
        raise ValueError(f"{at} is not in UTC")
    return at
