"""Values inside sentences, kept apart from the direction of the words around them.

An order id or an amount in an Arabic sentence, or an Arabic name in an English one, would otherwise reorder what
stands beside it. Values are marked with Unicode's isolates as soon as they are known (`isolate`, `left_to_right`);
the HTML layout turns the marks into `<bdi>`, and the text part keeps them only where the words themselves run from
right to left: elsewhere they would be stray characters to old mail programs.
"""

import re

from markupsafe import Markup, escape

_FIRST_STRONG, _LEFT_TO_RIGHT, _END = "\u2068", "\u2066", "\u2069"
_NO_MARKS = str.maketrans(dict.fromkeys((_FIRST_STRONG, _LEFT_TO_RIGHT, _END)))
# Values hold no values.
_VALUE = re.compile(f"([{_FIRST_STRONG}{_LEFT_TO_RIGHT}])([^{_END}]*){_END}")
_OWN_STOP = re.compile(rf"(?<=\.){_END}\.")
# Ids, amounts and instants are not broken over two lines; what would be too wide for a narrow screen is.
_UNBROKEN_LENGTH = 20


def isolate(value: str) -> str:
    """The value, with a direction of its own; "" stays ""."""
    return f"{_FIRST_STRONG}{value}{_END}" if value else ""


def left_to_right(value: str) -> str:
    """The value, which always reads from left to right, such as a date in digits."""
    return f"{_LEFT_TO_RIGHT}{value}{_END}"


def as_html(text: str) -> Markup:
    """The text escaped, its marks as elements: for texts whose marks are all ours (`cleaning` removes others)."""
    return Markup(_VALUE.sub(_element, str(escape(text))))  # noqa: S704 - escaped; only `<bdi>` is added


def without_marks(text: str) -> str:
    """The text as it reads where everything runs in one direction."""
    return text.translate(_NO_MARKS)


def one_stop(sentence: str) -> str:
    """The sentence without a second full stop where a value, such as an amount in "د.ك.", ends in its own."""
    return _OWN_STOP.sub(_END, sentence)


def _element(found: re.Match[str]) -> str:
    instant = found[1] == _LEFT_TO_RIGHT
    direction = ' dir="ltr"' if instant else ""
    unbroken = ' style="white-space:nowrap;"' if instant or len(found[2]) <= _UNBROKEN_LENGTH else ""
    return f"<bdi{direction}{unbroken}>{found[2]}</bdi>"
