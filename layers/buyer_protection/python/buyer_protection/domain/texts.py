"""What counts as text: something that a reader can see (R22)."""

import unicodedata

from buyer_protection.domain.errors import FieldError, InvalidRequestError

# Unicode's default-ignorable characters that no category of the next set covers, and the blank of Braille.
_IGNORABLE = (
    (0x034F, 0x034F),
    (0x115F, 0x1160),
    (0x17B4, 0x17B5),
    (0x180B, 0x180F),
    (0x2800, 0x2800),
    (0x3164, 0x3164),
    (0xFE00, 0xFE0F),
    (0xFFA0, 0xFFA0),
    (0xE0000, 0xE0FFF),
)


def is_visible(character: str) -> bool:
    """Whether it can be seen: no white space, not default-ignorable, of no category C* or Z*, not U+2800 (R22)."""
    if character.isspace() or unicodedata.category(character)[0] in "CZ":
        return False
    return not any(first <= ord(character) <= last for first, last in _IGNORABLE)


def says_something(text: str) -> bool:
    """Whether at least one character can be seen: a text without one is no text (R22)."""
    return any(is_visible(character) for character in text)


def check_says_something(pointer: str, *texts: str) -> None:
    """400 `NOTHING_VISIBLE` at the pointer where none of the texts says something (R22)."""
    if not any(map(says_something, texts)):
        raise InvalidRequestError(
            "This text needs a character that can be seen.",
            rule="R22",
            fields=[FieldError(pointer, "NOTHING_VISIBLE")],
        )
