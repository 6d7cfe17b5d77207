"""Every mail to every reader: complete, in their time zone, in their formats."""

import re
from dataclasses import replace
from datetime import UTC, datetime, timedelta
from html.parser import HTMLParser

import pytest
from jinja2 import UndefinedError

from buyer_protection.adapters.mail import catalogue
from buyer_protection.adapters.mail.rendering import MailContent, render
from buyer_protection.application.ports.mail_view import (
    BUYER,
    SELLER,
    SPECS,
    DetailValue,
    MailKind,
    MailView,
    Window,
)
from buyer_protection.domain.enums import (
    Action,
    DecisionReason,
    EvidenceType,
    FileRefusal,
    IfMissed,
    OutcomeCode,
    SubReason,
)

HAPPENED = datetime(2026, 3, 5, 17, 3, 27, 123_000, tzinfo=UTC)
DUE = HAPPENED + timedelta(days=5)
URL = "https://shop.example.com/disputes/d-0001"

DETAILS: dict[str, DetailValue] = {
    "accepted_by": "SELLER",
    "can_reopen_until": HAPPENED + timedelta(days=9),
    "chain_head": "0f5a1c27e4d94b8f" * 4,
    "carrier": "Carrier",
    "claim_reason": "SELLER_NOT_RESPONDING",
    "asked_of": "BUYER",
    "claim_text": "No answer.",
    "delivered_at": HAPPENED,
    "description": "It never came.",
    "escalated_by": "BUYER",
    "escalation_available_at": HAPPENED + timedelta(days=3),
    "evidence_text": "See the picture.",
    "evidence_type": "PHOTO",
    "evidence_types": ("PHOTO", "STATEMENT"),
    "file_name": "parcel.png",
    "from_role": "SELLER",
    "has_own_evidence": False,
    "offer_by": "SELLER",
    "offer_note": "Sorry for the trouble.",
    "offer_refund_minor": 700,
    "of_return": False,
    "offer_type": "REFUND",
    "outcome_code": "DECIDED_PARTIAL",
    "previous_due_at": HAPPENED + timedelta(days=1),
    "previous_reason": "NOT_RECEIVED",
    "review_waits": False,
    "problem": "DAMAGED",
    "problem_note": "Broken.",
    "question": "Which parcel?",
    "rationale": "The parcel came late.\nHalf the price is fair.",
    "reason_change_due_at": DUE,
    "reasons": ("DELIVERED_LATE",),
    "refund_minor": 700,
    "refusal": "WRONG_TYPE",
    "replaced_refund_minor": 300,
    "replaced_type": "REFUND",
    "return_address": "1 Dock Road",
    "return_required": True,
    "return_result": "RECEIVED",
    "left_minor": 900,
    "previous_minor": 1299,
    "cause": "REFUND_ELSEWHERE",
    "offers_lapsed": True,
    "agreed_minor": 800,
    "paid_minor": 700,
    "can_agree": True,
    "request_stands": True,
    "can_be_judged": True,
    "for_both": True,
    "on_their_way": ("p2 (Post TN2)",),
    "parcel": "p1 (Post TN1): Blue mug",
    "parcels": ("p3 (Post TN3)",),
    "still_open": True,
    "of_team": False,
    "sub_reason": "DAMAGED",
    "tracking_number": "TN1",
    "waiting_offer_refund_minor": 500,
    "waiting_offer_type": "REFUND_WITH_RETURN",
}
MATRIX = [(kind, role) for kind, spec in SPECS.items() for role in sorted(spec.audience)]


def view(kind: MailKind = MailKind.OFFER_MADE, recipient: str = BUYER, **changes: DetailValue) -> MailView:
    """A complete view of that kind; `changes` are details that replace the usual ones."""
    spec = SPECS[kind]
    details = {name: DETAILS[name] for name in spec.required + spec.optional} | changes
    return MailView(
        kind=kind,
        recipient=recipient,
        recipient_name="Ana",
        locale="en",
        time_zone="America/Sao_Paulo",
        dispute_id="d-0001",
        order_id="ord-77",
        dispute_url=URL,
        item_titles=("Blue mug", "Red mug"),
        reason="NOT_RECEIVED",
        requested_refund_minor=1299,
        currency="USD",
        happened_at=HAPPENED,
        due_at=DUE,
        if_missed="AUTO_ESCALATE",
        status="NEGOTIATION",
        details=details,
    )


def page_text(html: str) -> str:
    return re.sub(r"<[^>]+>", "", html)


def first_line(mail: MailContent) -> str:
    return mail.text.splitlines()[0]


class Outline(HTMLParser):
    """The tags, links and attributes of a page, and whether every tag is closed in its turn."""

    VOID = frozenset({"meta", "br", "img", "link", "hr", "input"})

    def __init__(self, html: str) -> None:
        super().__init__()
        self.tags: list[str] = []
        self.links: list[str] = []
        self.attributes: list[tuple[str, str | None]] = []
        self._open: list[str] = []
        self.feed(html)
        self.close()
        assert self._open == []

    def handle_starttag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        self.tags.append(tag)
        self.attributes += attrs
        self.links += [value or "" for name, value in attrs if name == "href"]
        if tag not in self.VOID:
            self._open.append(tag)

    def handle_endtag(self, tag: str) -> None:
        assert self._open.pop() == tag


def test_every_kind_has_a_specification() -> None:
    assert set(SPECS) == set(MailKind)


@pytest.mark.parametrize(("kind", "role"), MATRIX)
def test_every_mail_says_what_happened_first_and_names_the_order(kind: MailKind, role: str) -> None:
    mail = render(view(kind, role))
    assert "ord-77" in mail.subject
    assert len(mail.subject) < 100
    assert "ord-77" in first_line(mail)
    heading = re.search(r"<h1[^>]*>(.+)</h1>", mail.html)
    assert heading is not None
    assert page_text(heading[1]).replace("&#39;", "'") == first_line(mail)
    assert mail.preheader in mail.html.replace("&#39;", "'")
    for title in ("This case", "If you do nothing"):
        assert title in mail.html
        assert title.upper() in mail.text


@pytest.mark.parametrize(("kind", "role"), MATRIX)
def test_every_mail_shows_the_deadline_in_both_zones(kind: MailKind, role: str) -> None:
    mail = render(view(kind, role))
    for part in (page_text(mail.html), mail.text):
        assert "Tuesday, March 10, 2026, 2:03 PM (Brasilia Standard Time)" in part
        assert "2026-03-10 17:03:27 UTC" in part
    assert mail.text.endswith("\n")


@pytest.mark.parametrize(("kind", "role"), MATRIX)
def test_every_mail_is_a_sound_accessible_page(kind: MailKind, role: str) -> None:
    mail = render(view(kind, role))
    page = Outline(mail.html)
    assert set(page.links) == {URL}
    assert page.tags.count("h1") == 1
    assert page.tags.index("h1") < page.tags.index("h2")
    assert ("lang", "en") in page.attributes
    assert ("dir", "ltr") in page.attributes
    assert not {"img", "script", "link", "iframe", "form"} & set(page.tags)
    assert "url(" not in mail.html
    assert "prefers-color-scheme: dark" in mail.html
    assert re.findall(r"https?://[^\s\"<]+", mail.text) == [URL]


@pytest.mark.parametrize(("kind", "role"), MATRIX)
def test_every_mail_renders_without_its_optional_details_and_without_a_deadline(
    kind: MailKind, role: str
) -> None:
    spec = SPECS[kind]
    bare = replace(view(kind, role), details={name: DETAILS[name] for name in spec.required}, due_at=None)
    mail = render(replace(bare, if_missed=None, item_titles=(), recipient_name=""))
    assert "None" not in mail.text
    assert "None" not in mail.html
    assert "\n\n\n" not in mail.text


@pytest.mark.parametrize(
    ("kind", "name"),
    [(kind, name) for kind, spec in SPECS.items() for name in spec.required if name != "offer_by"],
)
def test_a_missing_required_detail_fails_instead_of_leaving_a_hole(kind: MailKind, name: str) -> None:
    if name == "offer_refund_minor":
        return _assert_undefined(kind, name, offer_type="REFUND")
    return _assert_undefined(kind, name)


def _assert_undefined(kind: MailKind, name: str, **changes: DetailValue) -> None:
    role = min(SPECS[kind].audience)
    full = view(kind, role, **changes)
    with pytest.raises(UndefinedError):
        render(replace(full, details={key: value for key, value in full.details.items() if key != name}))


def test_a_mail_is_refused_for_a_reader_it_is_not_meant_for() -> None:
    with pytest.raises(ValueError, match="not a mail for"):
        render(view(MailKind.MAY_ESCALATE, SELLER))


@pytest.mark.parametrize("value", list(IfMissed))
@pytest.mark.parametrize("role", [BUYER, SELLER])
def test_what_the_clock_does_is_said_for_every_value(value: IfMissed, role: str) -> None:
    mail = render(replace(view(MailKind.EVIDENCE_ADDED, role), if_missed=value))
    assert "goes on without your answer" not in mail.text
    assert "goes on without your answer" in render(replace(view(), if_missed="SOMETHING_NEW")).text


@pytest.mark.parametrize("value", [*DecisionReason, *EvidenceType, *FileRefusal, *SubReason])
def test_every_value_of_the_vocabulary_has_words(value: str) -> None:
    kinds = {
        DecisionReason: view(MailKind.DECIDED, reasons=(str(value),)),
        EvidenceType: view(MailKind.EVIDENCE_ADDED, evidence_type=str(value)),
        FileRefusal: view(MailKind.EVIDENCE_REFUSED, refusal=str(value)),
        SubReason: view(MailKind.REASON_CHANGED, SELLER, sub_reason=str(value)),
    }
    source = catalogue.environment("en", catalogue.LOCALE).loader
    assert source is not None
    words, _, _ = source.get_source(catalogue.environment("en", catalogue.LOCALE), "words.txt.j2")
    assert f'"{value}": _(' in words
    assert str(value) not in render(kinds[type(value)]).text or str(value) == "OTHER"


@pytest.mark.parametrize("outcome", [code for code in OutcomeCode if code.startswith("DECIDED")])
@pytest.mark.parametrize("role", [BUYER, SELLER])
def test_a_decision_carries_outcome_reasons_rationale_and_that_it_is_final(outcome: str, role: str) -> None:
    """R24, R25."""
    mail = render(view(MailKind.DECIDED, role, outcome_code=outcome, return_required=False))
    assert ("$7.00" in first_line(mail)) == (outcome != "DECIDED_SELLER_FAVOUR")
    for words in ("The order was delivered late.", "> Half the price is fair.", "This decision is final."):
        assert words in mail.text


@pytest.mark.parametrize("language", ["en", "pt-BR", "es", "fr", "ru", "ar"])
def test_a_decision_names_whom_to_turn_to_where_the_stage_says_so_and_nobody_else_does(language: str) -> None:
    decided = replace(view(MailKind.DECIDED), locale=language)
    silent, named = render(decided), render(decided, redress="Ombud & Sons")
    assert "Ombud" not in silent.text
    assert named.text.count("Ombud & Sons") == 1
    assert named.html.count("Ombud &amp; Sons") == 1
    line = next(line for line in named.text.splitlines() if "Ombud" in line)
    assert (line.startswith("If you do not agree")) == (language == "en")
    for kind in set(SPECS) - {MailKind.DECIDED}:
        other = view(kind, next(iter(SPECS[kind].audience)))
        assert render(other, redress="Ombud & Sons") == render(other)


def test_the_delivered_mail_names_cancelling_and_the_last_instant_to_change_the_reason() -> None:
    """R27, R28, R30."""
    mail = render(replace(view(MailKind.DELIVERED), if_missed="REASON_CHANGE_CLOSES"))
    assert "cancel the dispute now" in mail.text
    assert re.search(r"change the reason of the dispute before .*2026-03-10 17:03:27 UTC", mail.text)
    assert "can no longer be changed" in mail.text


@pytest.mark.parametrize("role", [BUYER, SELLER])
def test_a_claim_by_the_clock_and_one_by_the_buyer_read_differently(role: str) -> None:
    """R15, R16, R22."""
    clock = render(view(MailKind.ESCALATED, role, escalated_by="SYSTEM", claim_reason=None, claim_text=None))
    buyer = render(view(MailKind.ESCALATED, role))
    assert first_line(clock) != first_line(buyer)
    assert "The seller does not answer." in buyer.text


def test_an_offer_asks_for_an_answer_as_long_as_it_stands() -> None:
    """R14, R15: what has lapsed when the mail leaves is not offered for acceptance."""
    asked, lapsed = render(view()), render(view(still_open=False))
    assert asked.subject == "Answer an offer (order ord-77)"
    assert (
        "It takes the place of the earlier one, which can no longer be accepted: a refund of $3.00."
        in asked.text
    )
    assert "Accept it" in asked.text
    assert "Accept it" not in lapsed.text
    assert lapsed.subject == "An offer is over: make one of your own (order ord-77)"
    nothing = render(view(offer_type="NO_REFUND", offer_refund_minor=None, replaced_type=None))
    assert first_line(nothing) == "The seller made you an offer on order ord-77: no refund."


@pytest.mark.parametrize(("kind", "role"), MATRIX)
def test_no_mail_asks_for_evidence_where_none_is_taken(kind: MailKind, role: str) -> None:
    """R22: under review evidence is taken only when the team asks for it."""
    steps = frozenset(Action) - {Action.ADD_EVIDENCE}
    mail = render(replace(view(kind, role), status="UNDER_REVIEW", steps=steps, window="DECISION"))
    assert re.findall(r"(?m)^- (?:Add|Answer it with) .*evidence.*|^- Add what is asked.*", mail.text) == []


@pytest.mark.parametrize("window", list(Window))
@pytest.mark.parametrize("role", [BUYER, SELLER])
@pytest.mark.parametrize("must_act", [False, True])
def test_the_heading_of_the_date_says_what_ends_then(window: Window, role: str, must_act: bool) -> None:
    mail = render(replace(view(MailKind.ESCALATED, role), window=window, must_act=must_act))
    assert "BY WHEN" not in mail.text
    assert mail.preheader.split(":")[0].upper() in mail.text


@pytest.mark.parametrize(
    ("span", "said"),
    [
        (timedelta(days=15), "15 days"),
        (timedelta(days=1), "1 day"),
        (timedelta(hours=47, minutes=59), "47 hours"),
        (timedelta(seconds=119), "119 seconds"),
        (timedelta(seconds=1, milliseconds=999), "1 second"),
    ],
)
def test_the_time_left_is_rounded_down(span: timedelta, said: str) -> None:
    assert f"Counted from the event: {said}." in render(replace(view(), due_at=HAPPENED + span)).text
    over = render(replace(view(), due_at=HAPPENED - span))
    assert "Counted from the event" not in over.text + over.html


@pytest.mark.parametrize(
    ("currency", "minor", "shown"),
    [
        ("JPY", 1299, "¥1,299"),
        ("KWD", 1299, "KWD\u00a01.299"),
        ("USD", 1299, "$12.99"),
        ("IQD", 5000, "IQD\u00a05.000"),
    ],
)
def test_amounts_have_the_decimals_of_their_currency(currency: str, minor: int, shown: str) -> None:
    mail = render(replace(view(offer_refund_minor=minor), currency=currency))
    assert shown in first_line(mail)
    assert shown in page_text(mail.html)


@pytest.mark.parametrize(
    "locale", ["", "xx-YY", "tlh", "en_", "-", "☃", "a" * 10_000, "../../etc", "de-DE", "en-US-x"]
)
def test_an_unknown_language_falls_back_to_english(locale: str) -> None:
    mail = render(replace(view(), locale=locale))
    assert first_line(mail).startswith("The seller made you an offer on order ord-77")
    assert '<html lang="en" dir="ltr">' in mail.html


def test_formats_follow_the_region_of_the_reader() -> None:
    assert "Tuesday, 10 March 2026, 14:03" in render(replace(view(), locale="en-GB")).text


@pytest.mark.parametrize(
    "zone", ["", "Mars/Olympus", "../../etc/passwd", "/etc/passwd", "America", "a\0b", "x" * 9_000]
)
def test_an_unknown_time_zone_falls_back_to_utc(zone: str) -> None:
    mail = render(replace(view(), time_zone=zone))
    assert "Tuesday, March 10, 2026, 5:03 PM (UTC)" in mail.text


def test_an_opening_is_rounded_up_and_a_deadline_down() -> None:
    mail = render(view(MailKind.DISPUTE_OPENED))
    assert "2:04 PM (Brasilia Standard Time), which is 2026-03-08 17:03:28 UTC" in mail.text
    assert "Tuesday, March 10, 2026, 2:03 PM" in mail.text


def test_many_items_are_counted_not_listed() -> None:
    mail = render(replace(view(), item_titles=tuple(f"Item {n}" for n in range(8))))
    assert "Item 4; and 3 more items" in mail.text
    assert "Item 5" not in mail.text
