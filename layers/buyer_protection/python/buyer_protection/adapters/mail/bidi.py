"""Values inside sentences, kept apart from the direction of the words around them.

An order id or an amount in an Arabic sentence, or an Arabic name in an English one, would otherwise reorder what
stands beside it. Values are marked with Unicode's isolates as soon as they are known (`isolate`, `left_to_right`);
the HTML layout turns the marks into `<bdi>`, and the text part keeps them only where the words themselves run from
right to left: elsewhere they would be stray characters to old mail programs.
"""

from markupsafe import Markup, escape

_FIRST_STRONG, _LEFT_TO_RIGHT, _END = "\u2068", "\u2066", "\u2069"
_TAGS = {_FIRST_STRONG: "<bdi>", _LEFT_TO_RIGHT: '<bdi dir="ltr">', _END: "</bdi>"}
_NO_MARKS = str.maketrans(dict.fromkeys(_TAGS))


def isolate(value: str) -> str:
    """The value, with a direction of its own; "" stays ""."""
    return f"{_FIRST_STRONG}{value}{_END}" if value else ""


def left_to_right(value: str) -> str:
    """The value, which always reads from left to right, such as a date in digits."""
    return f"{_LEFT_TO_RIGHT}{value}{_END}"


def as_html(text: str) -> Markup:
    """The text escaped, its marks as elements: for texts whose marks are all ours (`cleaning` removes others)."""
    html = str(escape(text))
    for mark, tag in _TAGS.items():
        html = html.replace(mark, tag)
    return Markup(html)  # noqa: S704 - escaped above; only the three tags are added


def without_marks(text: str) -> str:
    """The text as it reads where everything runs in one direction."""
    return text.translate(_NO_MARKS)
