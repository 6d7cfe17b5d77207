"""Amounts and instants as the reader writes them, by Babel."""

import re
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta, tzinfo
from decimal import Decimal
from typing import Protocol
from zoneinfo import ZoneInfo

from babel import Locale, UnknownLocaleError
from babel.dates import format_date, format_time, get_timezone_name
from babel.numbers import parse_pattern
from babel.units import format_unit

from buyer_protection.adapters.mail import bidi

# ISO 4217 says how many decimals an amount in minor units has. Babel's own table is CLDR's, which differs
# (it has no decimals for IQD, ISO has three), and a wrong exponent misstates an amount a thousandfold.
_CURRENCIES_BY_DECIMALS = {
    0: "BIF CLP DJF GNF ISK JPY KMF KRW PYG RWF UGX UYI VND VUV XAF XOF XPF",
    3: "BHD IQD JOD KWD LYD OMR TND",
    4: "CLF UYW",
}
_DECIMALS = {code: digits for digits, codes in _CURRENCIES_BY_DECIMALS.items() for code in codes.split()}
# A code that is its own symbol ("KWD") is set apart from the digits, as CLDR asks and Babel leaves out.
_LETTER_BESIDE_DIGIT = re.compile(r"(?<=[^\W\d_])(?=\d)|(?<=\d)(?=[^\W\d_])")

# Older mail programs show a box for the narrow space that CLDR uses in times and amounts.
_NARROW_SPACE = "\u202f"
# Direction marks would be stray characters in the text part; amounts are isolated instead.
_PLAIN_AMOUNT = str.maketrans({_NARROW_SPACE: "\u00a0", "\u200e": None, "\u200f": None, "\u061c": None})


@dataclass(frozen=True, slots=True)
class Instant:
    """One instant: `local` in the reader's zone, `utc` beside it, and `both` for use inside a sentence."""

    local: str
    utc: str
    both: str


class TimeWords(Protocol):
    """The reader's language says in which order the parts of a time stand."""

    def local_time(self, date: str, time: str, zone: str) -> str: ...

    def both_times(self, local: str, utc: str) -> str: ...


def locale_for(language: str, wanted: str) -> Locale:
    """The words' language, with the reader's region where CLDR has that pair.

    German dates inside an English mail would read as a mistake, so English words for "de-DE" get the formats
    of en_DE: English, as in Germany.
    """
    try:
        words = Locale.parse(language)
    except (ValueError, UnknownLocaleError):
        return Locale("en")
    region = _region(wanted)
    if words.territory or not region:
        return words
    try:
        return Locale(words.language, territory=region, script=words.script)
    except UnknownLocaleError:
        return words


def _region(wanted: str) -> str | None:
    for part in wanted[:35].replace("_", "-").split("-")[1:]:
        if len(part) == 2 and part.isascii() and part.isalpha():
            return part.upper()
    return None


def zone_for(name: str) -> tzinfo:
    """The zone of that IANA name; UTC where it is unknown or not a name at all."""
    try:
        return ZoneInfo(name)
    except (KeyError, ValueError, OSError):
        return UTC


def money(minor: int, currency: str, locale: Locale) -> str:
    """1299 USD as "$12.99", 1299 JPY as "¥1,299", 1299 KWD as "KWD 1.299", in the reader's locale, isolated."""
    decimals = _DECIMALS.get(currency, 2)
    pattern = parse_pattern(locale.currency_formats["standard"].pattern)
    pattern.frac_prec = (decimals, decimals)
    amount = Decimal(minor).scaleb(-decimals)
    formatted: str = pattern.apply(amount, locale, currency=currency, currency_digits=False)
    return bidi.isolate(_LETTER_BESIDE_DIGIT.sub("\u00a0", formatted.translate(_PLAIN_AMOUNT)))


def instant(
    when: datetime, zone: tzinfo, locale: Locale, words: TimeWords, *, opens: bool = False
) -> Instant:
    """`when` in both zones.

    The local time shows minutes. A deadline is rounded down and an opening (`opens`) up, so that who goes by
    the mail is never too late or too early; the UTC instant shows the seconds.
    """
    local = when.astimezone(zone)
    if opens and (local.second or local.microsecond):
        local += timedelta(minutes=1)
    local = local.replace(second=0, microsecond=0)
    exact = when.astimezone(UTC)
    if opens and exact.microsecond:
        exact += timedelta(seconds=1)
    text = words.local_time(
        format_date(local, "full", locale=locale),
        format_time(local, "short", tzinfo=zone, locale=locale).replace(_NARROW_SPACE, " "),
        _zone_name(local, zone, locale),
    )
    utc = bidi.left_to_right(f"{exact:%Y-%m-%d %H:%M:%S} UTC")
    return Instant(local=text, utc=utc, both=words.both_times(text, utc))


def duration(span: timedelta, locale: Locale) -> str:
    """A span in its largest fitting unit, rounded down: "15 days", "23 hours", "1 minute"; "" where it is over."""
    seconds = int(span.total_seconds())
    for unit, length in (("day", 86_400), ("hour", 3_600), ("minute", 60), ("second", 1)):
        # Below two of a unit the smaller one says more: 47 hours, not one day.
        if seconds >= 2 * length or (seconds >= length and (seconds % length == 0 or length == 1)):
            return _counted(seconds // length, f"duration-{unit}", locale)
    return ""


def _counted(count: int, unit: str, locale: Locale) -> str:
    text = format_unit(count, unit, locale=locale)
    # Where CLDR has no long form of its own (days in Portuguese), Babel does not fall back to the short one.
    return format_unit(count, unit, "short", locale=locale) if unit in text else text


def _zone_name(local: datetime, zone: tzinfo, locale: Locale) -> str:
    if zone is UTC:
        return "UTC"
    return str(get_timezone_name(local, "long", locale=locale))
