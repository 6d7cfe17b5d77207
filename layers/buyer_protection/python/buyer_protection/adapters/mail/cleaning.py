"""Text that people wrote, made harmless before any template sees it (Q14).

Escaping for HTML is the layout's work (autoescape). Here goes what escaping does not touch: control and
direction characters that reorder or hide text, line ends in one-line places, endless text, and addresses that
mail programs would turn into links by themselves.
"""

import re
import unicodedata

NAME_LENGTH = 80
LINE_LENGTH = 160
TEXT_LENGTH = 2_000
SUBJECT_LENGTH = 160

# Separators and invisible characters; the joiners U+200C and U+200D stay, since scripts and emoji need them.
_INVISIBLE = frozenset("\u00ad\u034f\u061c\u115f\u1160\u180e\u200b\u200e\u200f\u3164\ufeff\uffa0")
_LINE_ENDS = re.compile(r"\r\n?|[\x0b\x0c\x85\u2028\u2029]")
_ADDRESS = re.compile(
    r"(?i)(?:\b[a-z][a-z0-9+.-]{1,30}://|\bwww\.)\S*|\b(?:mailto|javascript|data|tel|sms):\S+"
)
_BARE_DOMAIN_DOT = re.compile(r"(?<=[\w-])([.@\u3002\uff0e\uff61])(?=[^\W\d_])")
_WORD_JOINER = "\u2060"
# Combining marks beyond this many on one letter are used to paint over neighbouring lines.
_MARKS_PER_LETTER = 4


def one_line(text: str, limit: int = LINE_LENGTH, link_removed: str = "") -> str:
    """The text on one line of at most `limit` characters, without control characters or live addresses."""
    return " ".join(many_lines(text, limit, link_removed).split())


def many_lines(text: str, limit: int = TEXT_LENGTH, link_removed: str = "") -> str:
    """The text with its line breaks, at most `limit` characters, otherwise as `one_line`.

    `link_removed` stands in the place of web addresses. Blank lines are folded into one.
    """
    # Cut generously first: the work below must not grow with what somebody pasted.
    text = _visible(text[: limit * 4])
    text = _ADDRESS.sub(link_removed, text)
    text = _cut(re.sub(r"\n{3,}", "\n\n", text).strip(), limit)
    return _BARE_DOMAIN_DOT.sub(rf"\1{_WORD_JOINER}", text)


def header(text: str) -> str:
    """A mail header's value: one line, visible characters only, at most `SUBJECT_LENGTH` of them."""
    return _cut(" ".join(_visible(text).split()), SUBJECT_LENGTH)


def _visible(text: str) -> str:
    text = unicodedata.normalize("NFC", _LINE_ENDS.sub("\n", text))
    kept: list[str] = []
    marks = 0
    for char in text:
        marks = marks + 1 if unicodedata.combining(char) else 0
        if marks <= _MARKS_PER_LETTER and _may_stay(char):
            kept.append(" " if char == "\t" else char)
    return "".join(kept)


def _may_stay(char: str) -> bool:
    if char in "\n\t\u200c\u200d":
        return True
    return char not in _INVISIBLE and unicodedata.category(char) not in {"Cc", "Cf", "Cs", "Co", "Cn"}


def _cut(text: str, limit: int) -> str:
    return text if len(text) <= limit else text[: limit - 1].rstrip() + "…"
