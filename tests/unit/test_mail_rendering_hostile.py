"""Q14: whatever people write, a mail stays what we wrote: no markup, no header, no link of theirs."""

import re
import unicodedata
from dataclasses import replace

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from buyer_protection.adapters.mail import cleaning
from buyer_protection.adapters.mail.rendering import render
from buyer_protection.application.mail_view import MailKind
from tests.unit.test_mail_rendering import MATRIX, URL, Outline, view

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
)
texts = st.one_of(
    st.sampled_from(HOSTILE),
    st.text(max_size=60),
    st.lists(st.one_of(st.sampled_from(HOSTILE), st.text(max_size=20)), max_size=4).map("".join),
)
PLAIN_TAGS = {(kind, role): Outline(render(view(kind, role)).html).tags for kind, role in MATRIX}


def assert_harmless(kind: MailKind, role: str, text: str) -> None:
    details = {
        # Empty text would take a quotation away, so something visible comes with it.
        name: f"a {text}" if name in FREE_TEXT else value
        for name, value in view(kind, role).details.items()
    }
    hostile = replace(view(kind, role), details=details, recipient_name=text, item_titles=(text, "b"))
    mail = render(hostile)
    page = Outline(mail.html)
    assert page.tags == PLAIN_TAGS[kind, role]
    assert set(page.links) == {URL}
    assert not [name for name, _ in page.attributes if name.startswith("on")]
    for line in (mail.subject, mail.preheader):
        assert "\n" not in line
        assert "\r" not in line
        assert len(line) <= cleaning.SUBJECT_LENGTH
    assert re.findall(r"(?i)\b(?:https?://|www\.|mailto:|javascript:)\S*", mail.text) == [URL]
    assert len(mail.text) < 12_000
    for part in (mail.text, page_text(mail.html)):
        for char in part:
            assert char == "\n" or unicodedata.category(char) not in {"Cc", "Cs"}
            assert char not in "\u202a\u202b\u202c\u202d\u202e\u2066\u2067\u2068\u2069\u200e\u200f\u061c"
    mail.text.encode()
    mail.html.encode()


def page_text(html: str) -> str:
    return re.sub(r"<[^>]+>", "", html)


FREE_TEXT = frozenset(
    {"claim_text", "description", "evidence_text", "excerpt", "offer_note", "problem_note", "question"}
    | {"rationale", "return_address", "carrier", "tracking_number"}
)


@pytest.mark.parametrize("text", HOSTILE)
@pytest.mark.parametrize(("kind", "role"), MATRIX)
def test_known_attacks_are_harmless_in_every_mail(kind: MailKind, role: str, text: str) -> None:
    assert_harmless(kind, role, text)


@given(pair=st.sampled_from(MATRIX), text=texts)
@settings(max_examples=150, deadline=None, suppress_health_check=[HealthCheck.too_slow])
def test_any_text_is_harmless_in_every_mail(pair: tuple[MailKind, str], text: str) -> None:
    assert_harmless(*pair, text)


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
