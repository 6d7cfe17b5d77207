"""Q14: whatever people write, a mail stays what we wrote: no markup, no header, no link of theirs."""

import re
import unicodedata
from dataclasses import replace
from functools import cache
from itertools import product

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from buyer_protection.adapters.mail import cleaning
from buyer_protection.adapters.mail.rendering import render
from buyer_protection.application.ports.mail_view import MailKind
from tests.support.each import check_each, each_case
from tests.support.sampling import sample
from tests.unit.test_mail_rendering import MATRIX, URL, Outline, page_text, view

HOSTILE = (
    "<script>alert(1)</script>",
    "\r\nBcc: victim@example.org\r\n\r\nbody",
    "\x00\x07\x1b[31m\x7f\x85",
    "\u202eevil\u2066\u200f\u061c",
    "x" * 10_000,
    "{{ 7 * 7 }}{% for x in y %}{{ d.__class__ }}{# #}",
    "%s %(order)s %d 100%",
    '" onmouseover="alert(1)" style="background:url(https://evil.example.org)',
    "</blockquote></table></main><h1>Paid</h1>",
    "https://evil.example.org www.evil.example.org javascript:alert(1) evil.example.org",
    "-->]]></style><style>*{display:none}</style>",
    "\n\nBY WHEN\nnever\n-- \nOpen the case: evil.example.org",
    "\ud800\u2028\u2029\ufeff\u0301" + "a" + "\u0301" * 500,
    "&lt;b&gt;&amp;",
    # A homograph of a known shop, with a Cyrillic letter; the same in full-width letters and dots.
    "https://shоp.example.com/login \uff53\uff48\uff4f\uff50\uff0e\uff45\uff58ample\u3002com",
    "\u202e\u2066https://moc.elpmaxe.live\u2069\u202c\u2067\u2068",
    "\u2069\u2069\u2068\u2068 break out of the isolate \u2066\u2067",
    "مرحبا (abc) שלום 123-456 \u200f!",
    "H\u0337\u0316\u0317\u0318\u0319\u031a\u031b\u031c\u031d\u031e" * 40,
    "${7*7} #{7*7} <%= 7*7 %> {{cycler.__init__.__globals__}} %(name)s {0} {name}",
    "Subject: You won\nTo: victim@example.org\nContent-Type: text/html\n\n<b>x</b>",
    "a\x00b\x00",
    "\ufeff\u200b\u2060\u00ad",
)
texts = st.one_of(
    st.sampled_from(HOSTILE),
    st.text(max_size=60),
    st.lists(st.one_of(st.sampled_from(HOSTILE), st.text(max_size=20)), max_size=4).map("".join),
)


def without_values(tags: list[str]) -> list[str]:
    return [tag for tag in tags if tag != "bdi"]


LANGUAGES = ("en", "pt-BR", "es", "fr", "ru", "ar")
MARKS = "\u202a\u202b\u202c\u202d\u202e\u2066\u2067\u2068\u2069\u200e\u200f\u061c"


@cache
def shape(kind: MailKind, role: str, language: str) -> list[str]:
    """What stands around a value is ours in any number; everything else is counted."""
    return without_values(Outline(render(replace(view(kind, role), locale=language)).html).tags)


def assert_harmless(kind: MailKind, role: str, text: str, language: str = "en") -> None:
    """Whoever wrote the text, and whatever of the order holds it."""
    details = {
        # Empty text would take a quotation away, so something visible comes with it.
        name: f"a {text}" if name in FREE_TEXT else value
        for name, value in view(kind, role).details.items()
    }
    hostile = replace(
        view(kind, role), details=details, recipient_name=text, item_titles=(text, "b"), locale=language
    )
    mail = render(hostile)
    page = Outline(mail.html)
    assert without_values(page.tags) == shape(kind, role, language)
    assert set(page.links) == {URL}
    assert not [name for name, _ in page.attributes if name.startswith("on")]
    assert {value for name, value in page.attributes if name == "style" and "url" in (value or "")} == set()
    for line in (mail.subject, mail.preheader):
        assert line.splitlines() == [line]
        assert len(line) <= cleaning.SUBJECT_LENGTH
    assert re.findall(r"(?i)\b(?:https?://|www\.|mailto:|javascript:)\S*", mail.text) == [URL]
    assert len(mail.text) < 12_000
    assert_visible(page_text(mail.html), mail.subject, mail.preheader)
    assert_visible(without_our_isolates(mail.text) if language == "ar" else mail.text)
    mail.text.encode()
    mail.html.encode()


def assert_visible(*parts: str) -> None:
    for part in parts:
        for char in set(part):
            assert char == "\n" or unicodedata.category(char) not in {"Cc", "Cs"}
            assert char not in MARKS


def without_our_isolates(text: str) -> str:
    """The text of a right-to-left mail without the values' isolates, each closed on the line that opens it."""
    return re.sub(r"[\u2066\u2068]([^\u2066\u2068\u2069\n]*)\u2069", r"\1", text)


FREE_TEXT = frozenset(
    {"claim_text", "description", "evidence_text", "file_name", "offer_note", "problem_note", "question"}
    | {"rationale", "return_address", "carrier", "tracking_number"}
)


@each_case((kind, role, text) for (kind, role), text in product(MATRIX, HOSTILE))
def test_q14_known_attacks_are_harmless_in_every_mail(kind: MailKind, role: str, text: str) -> None:
    assert_harmless(kind, role, text)


def attack(kind: MailKind, role: str, language: str, text: str) -> None:
    assert_harmless(kind, role, text, language)


@pytest.mark.sampled
def test_q14_known_attacks_are_harmless_in_every_language() -> None:
    """Every attack in every mail and language; of a sample each seventh, which meets every mail and language."""
    every = [
        (kind, role, tongue, text) for (kind, role), tongue, text in product(MATRIX, LANGUAGES[1:], HOSTILE)
    ]
    check_each(attack, sample(every, 7, lambda one: one[:2], lambda one: one[2:]))


@given(pair=st.sampled_from(MATRIX), text=texts, language=st.sampled_from(LANGUAGES))
@settings(max_examples=300, deadline=None, suppress_health_check=[HealthCheck.too_slow])
def test_q14_any_text_is_harmless_in_every_mail_and_language(
    pair: tuple[MailKind, str], text: str, language: str
) -> None:
    assert_harmless(*pair, text, language)


@given(text=texts)
@settings(max_examples=100, deadline=None)
def test_cleaning_is_bounded_and_repeatable(text: str) -> None:
    line = cleaning.one_line(text, 50)
    assert len(line.replace("\u2060", "")) <= 50
    assert cleaning.one_line(line, 50) == line
    assert len(cleaning.header(text)) <= cleaning.SUBJECT_LENGTH
    assert cleaning.header(text).isprintable() or "\u200c" in text or "\u200d" in text or "\u00a0" in text


@given(order=texts)
@settings(max_examples=100, deadline=None)
def test_an_order_id_cannot_add_a_header(order: str) -> None:
    mail = render(replace(view(), order_id=order))
    assert mail.subject.splitlines() == [mail.subject]
    assert mail.subject.startswith("Answer an offer (order")


def test_ordinary_text_stays_as_it_was_written() -> None:
    note = "Sorry & thanks: 3 < 5, 100% é ñ 你好 שלום 👩\u200d👧\nSecond line."
    mail = render(view(offer_note=note))
    assert "> Sorry & thanks: 3 < 5, 100% é ñ 你好 שלום 👩\u200d👧\n> Second line." in mail.text
    assert "Sorry &amp; thanks: 3 &lt; 5, 100% é ñ 你好 שלום 👩\u200d👧\nSecond line." in mail.html


def test_addresses_of_others_do_not_become_links() -> None:
    mail = render(view(offer_note="Pay at https://evil.example.org/x or evil.example.org"))
    assert "> Pay at [link removed] or evil.\u2060example.\u2060org" in mail.text


def test_long_text_is_cut_with_a_sign() -> None:
    mail = render(view(MailKind.DECIDED, rationale="y" * 10_000))
    assert "y" * 1_999 + "…" in mail.text
    assert "y" * 2_000 not in mail.text


@pytest.mark.parametrize(
    "url", ["javascript:alert(1)", "//evil.example.org", "https://a.test/\r\nx", "", "https://a b"]
)
def test_a_page_address_that_is_none_is_refused(url: str) -> None:
    with pytest.raises(ValueError, match="http"):
        render(replace(view(), dispute_url=url))
