"""From a `MailView` to a mail: the words of its kind, put into the HTML and the text layout.

Words come first, as plain text, one template per kind (`templates/mails/`); each of its names (`subject`,
`happened`, `actions` …) holds one line per paragraph or point. The layouts then place these lines; the HTML
one escapes all of them, so neither a template's words nor anybody's text can become markup.
"""

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import UTC, datetime
from functools import reduce
from typing import Any

from babel import Locale
from babel.lists import format_list
from jinja2 import Environment

from buyer_protection.adapters.mail import bidi, catalogue, cleaning, formats
from buyer_protection.application.ports.mail_view import SPECS, MailView
from buyer_protection.domain.enums import Action, Role

# These details are paragraphs that somebody wrote; every other text is a single line.
_PARAGRAPHS = frozenset(
    {
        "claim_text",
        "description",
        "evidence_text",
        "offer_note",
        "problem_note",
        "question",
        "rationale",
        "return_address",
    }
)
# Details that stand inside a sentence though others wrote them.
_NAMES = frozenset({"carrier", "tracking_number", "parcel", "parcels", "on_their_way"})
# Instants from which something is possible, as opposed to those until which it is.
_OPENINGS = frozenset({"escalation_available_at"})
_SHOWN_ITEMS = 5


@dataclass(frozen=True, slots=True)
class MailContent:
    """A mail to be sent: `subject` and `preheader` are single lines, `html` a document, `text` its equal."""

    subject: str
    preheader: str
    html: str
    text: str


def render(mail: MailView, redress: str = "") -> MailContent:
    """The mail in the reader's language, locale and time zone; English and UTC where these are unknown.

    `redress` is whom a mail about a decision names for complaints and out-of-court settlement; nobody if it is empty.

    Raises ValueError for a reader this kind is not meant for or a page address that is not http(s), and
    jinja2.UndefinedError where a required detail is missing.
    """
    if mail.recipient not in SPECS[mail.kind].audience:
        raise ValueError(f"{mail.kind} is not a mail for {mail.recipient}")
    writer = _Writer(mail, redress)
    words = writer.words()
    layout = writer.layout(words)
    text = writer.env.get_template("layout.txt.j2").render(layout)
    return MailContent(
        subject=layout["subject"],
        preheader=layout["preheader"],
        html=writer.env.get_template("layout.html.j2").render(layout),
        text=text if layout["dir"] == "rtl" else bidi.without_marks(text),
    )


class _Words:
    """The macros of `words.txt.j2`, each giving a plain line."""

    def __init__(self, env: Environment) -> None:
        self._module = env.get_template("words.txt.j2").module

    def __getattr__(self, name: str) -> Any:
        macro = getattr(self._module, name)
        return lambda *args: str(macro(*args)).strip()


class _Writer:
    """One mail on its way: the language's templates and the reader's formats."""

    def __init__(self, mail: MailView, redress: str = "") -> None:
        self.mail = mail
        self.redress = redress
        self.language = catalogue.language_for(mail.locale, catalogue.languages(catalogue.LOCALE))
        self.env = catalogue.environment(self.language, catalogue.LOCALE)
        self.locale: Locale = formats.locale_for(self.language, mail.locale)
        self.zone = formats.zone_for(mail.time_zone)
        self.say = _Words(self.env)

    def words(self) -> Any:
        """The names set by the template of the mail's kind."""
        template = self.env.get_template(f"mails/{self.mail.kind.lower()}.txt.j2")
        return template.make_module(self._context())

    def layout(self, words: Any) -> dict[str, Any]:
        """What the layouts place: plain text only, apart from their own markup; advice as help (R37)."""
        common: Any = self.env.get_template("common.txt.j2").make_module(self._context())
        subject = cleaning.header(str(words.subject))
        happened = _lines(words.happened)
        missed = _first(words, "missed") or common.missed
        due = self._instant(self.mail.due_at)
        when_title = common.when_title.strip()
        return {
            "lang": self.language.replace("_", "-"),
            "dir": self.locale.text_direction,
            # Not every mail program knows the logical sides.
            "start": "right" if self.locale.text_direction == "rtl" else "left",
            "subject": subject,
            "preheader": cleaning.header(
                f"{self.say.labelled(when_title, due.local)}. {missed}" if due else missed
            ),
            "happened": happened,
            "quote_title": _first(words, "quote_title"),
            "quote": getattr(words, "quote", None) or "",
            "actions_title": _first(words, "actions_title") or common.actions_title,
            "actions": _lines(words.actions) or [common.no_action.strip()],
            "when_title": when_title,
            "due": due,
            "time_left": common.time_left.strip(),
            "due_iso": self.mail.due_at.astimezone(UTC).isoformat() if self.mail.due_at else "",
            "missed_title": _first(words, "missed_title") or common.missed_title,
            "missed": missed.strip(),
            "advice": _lines(getattr(words, "advice", "")),
            "facts": self._facts(common),
            "url": _page(self.mail.dispute_url),
            "common": common,
            "say": self.say,
        }

    def _context(self) -> dict[str, Any]:
        mail = self.mail
        return {
            "say": self.say,
            "to_buyer": mail.recipient == Role.BUYER,
            "name": bidi.isolate(self._line(mail.recipient_name, cleaning.NAME_LENGTH)),
            "order": _identifier(mail.order_id),
            "of_order": not mail.dispute_id,
            "reason": str(mail.reason),
            "asked": formats.money(mail.requested_refund_minor, mail.currency, self.locale),
            "due": self._instant(mail.due_at),
            "left": formats.duration(mail.due_at - mail.happened_at, self.locale) if mail.due_at else "",
            "window": None if mail.window is None else str(mail.window),
            "must_act": mail.must_act,
            "status": str(mail.status),
            "can": {str(action): action in mail.steps for action in Action},
            "if_missed": None if mail.if_missed is None else str(mail.if_missed),
            "hidden_items": max(0, len(mail.item_titles) - _SHOWN_ITEMS),
            "redress": bidi.isolate(self._line(self.redress, cleaning.NAME_LENGTH)) if self.redress else "",
            "d": self._details(),
            "events": [self._event(event) for event in mail.events],
        }

    def _event(self, event: MailView) -> str:
        """An event of a digest: when it happened, and the sentence that its own mail begins with."""
        happened = _lines(_Writer(event).words().happened)[0]
        at = self._instant(event.happened_at)
        return self.say.labelled(at.both, happened) if at else happened

    def _details(self) -> Mapping[str, Any]:
        spec = SPECS[self.mail.kind]
        values: dict[str, Any] = dict.fromkeys(spec.optional)
        values |= {name: self._detail(name, value) for name, value in self.mail.details.items()}
        return _without_minor(values)

    def _detail(self, name: str, value: Any) -> Any:
        if isinstance(value, datetime):
            return self._instant(value, opens=name in _OPENINGS)
        if name == "evidence_types" and isinstance(value, tuple):
            return format_list([self.say.evidence_type(part) for part in value], locale=self.locale)
        if isinstance(value, tuple):
            lines = (self._line(str(part)) for part in value)
            return tuple(bidi.isolate(line) if name in _NAMES else line for line in lines)
        if name in _PARAGRAPHS and isinstance(value, str):
            return cleaning.many_lines(value, link_removed=self.say.link_removed())
        if name in _NAMES and isinstance(value, str):
            return bidi.isolate(self._line(value))
        if isinstance(value, str):
            return self._line(str(value))
        if name.endswith("_minor") and value is not None:
            return formats.money(value, self.mail.currency, self.locale)
        return value

    def _facts(self, common: Any) -> list[tuple[str, str]]:
        mail = self.mail
        titles = [self._line(title) for title in mail.item_titles[:_SHOWN_ITEMS]]
        more = common.more_items.strip()
        shown = [bidi.isolate(title) for title in titles if title] + ([more] if more else [])
        items = reduce(self.say.joined, shown) if shown else ""
        happened = self._instant(mail.happened_at)
        asked = formats.money(mail.requested_refund_minor, mail.currency, self.locale)
        facts = [
            (common.fact_order, _identifier(mail.order_id)),
            (common.fact_items, items),
            (common.fact_reason, common.reason_text),
            (common.fact_request, asked if mail.dispute_id else ""),
            (common.fact_happened, happened.both if happened else ""),
            (common.fact_case, _identifier(mail.dispute_id) if mail.dispute_id else ""),
            (common.fact_chain, _identifier(str(mail.details.get("chain_head") or ""))),
        ]
        return [(label, value) for label, value in facts if value]

    def _line(self, text: str, limit: int = cleaning.LINE_LENGTH) -> str:
        return cleaning.one_line(text, limit, self.say.link_removed())

    def _instant(self, when: datetime | None, *, opens: bool = False) -> formats.Instant | None:
        return None if when is None else formats.instant(when, self.zone, self.locale, self.say, opens=opens)


def _without_minor(values: Mapping[str, Any]) -> dict[str, Any]:
    """Amounts go by the name they have as text: `refund_minor` becomes `refund`."""
    return {name.removesuffix("_minor"): value for name, value in values.items()}


def _lines(text: Any) -> list[str]:
    return [bidi.one_stop(line.strip()) for line in str(text).splitlines() if line.strip()]


def _first(words: Any, name: str) -> str:
    return " ".join(str(getattr(words, name, "")).split())


def _identifier(value: str) -> str:
    # Given by the shop, not by users: nothing but a header's safety is needed, and it must stay copyable.
    return bidi.isolate(cleaning.header(value)[: cleaning.NAME_LENGTH])


def _page(url: str) -> str:
    if not url.startswith(("https://", "http://")) or any(char.isspace() or ord(char) < 0x21 for char in url):
        raise ValueError("the page of the case must be an http(s) address")
    return url
