"""A page of the runbook, followed by script: nothing is done that the page does not name."""

from __future__ import annotations

import re
import shlex
from collections.abc import Callable, Sequence
from functools import cache
from pathlib import Path

from tools.runbook import PAGE

_COMMAND = re.compile(r"`python -m ops ([^`]*)`|^python -m ops (.*)$", re.MULTILINE)
_PLACEHOLDER = re.compile(r"dp-…|<.*>|T|U|prod|.*\.(?:csv|jsonl)|\d{4}-\d\d-\d\dT[\d:]+Z")
# What follows them is the operator's own.
_FREE = frozenset(
    {"--why", "--since", "--until", "--before", "--statement", "--payments", "--lines", "--table"}
)
Operate = Callable[..., int]


class NotOnThePageError(AssertionError):
    """The script wanted to do what no page of this alarm names."""


@cache
def sections(page: Path = PAGE) -> dict[str, str]:
    """The page's sections by their headings, each on one line."""
    parts = re.split(r"^## (.+)$", page.read_text(encoding="utf-8"), flags=re.MULTILINE)
    return {name: " ".join(text.split()) for name, text in zip(parts[1::2], parts[2::2], strict=True)}


def commands_of(text: str) -> list[list[str]]:
    """The words of each command that the text names."""
    return [shlex.split(inline or line, comments=True) for inline, line in _COMMAND.findall(text)]


def is_named(words: Sequence[str], template: Sequence[str]) -> bool:
    """Whether the command is the template with its placeholders filled in; `--dry-run` may be added."""
    given = [word for word in words if word != "--dry-run"]
    expected = list(template)
    while given and expected:
        one = expected.pop(0)
        if _PLACEHOLDER.fullmatch(one):
            given.pop(0)
            # `dp-… dp-…` stands for as many as there are.
            while one == "dp-…" and given and given[0].startswith("dp-"):
                given.pop(0)
            while expected[:1] == ["dp-…"]:
                expected.pop(0)
        elif given.pop(0) != one:
            return False
        elif one in _FREE and given and expected:
            given.pop(0)
            expected.pop(0)
    return not given and not expected


class Follower:
    """Follows the sections that it was sent to: `ops` gives a command, `by_hand` does a step in a console."""

    def __init__(self, operate: Operate, *texts: str) -> None:
        self._operate = operate
        self._text = "\n".join(texts)
        self.done: list[str] = []

    @classmethod
    def of_alarms(cls, operate: Operate, *names: str) -> Follower:
        """Of the runbook's sections with these names."""
        return cls(operate, *(sections()[name] for name in names))

    def send_to(self, text: str, operate: Operate) -> None:
        """Follow another page too, which an alarm leads to; commands are given by `operate` from here on."""
        self._text += "\n" + text
        self._operate = operate

    def ops(self, *words: str) -> int:
        """The command's exit code. NotOnThePageError where no section names it."""
        if not any(is_named(words, template) for template in commands_of(self._text)):
            raise NotOnThePageError(f"no section names: python -m ops {shlex.join(words)}")
        self._note(f"`ops {' '.join(_short(words))}`")
        return self._operate(*words)

    def by_hand(self, step: str, do: Callable[[], object]) -> None:
        """A step that the page asks for in a console, in the words of the page."""
        if step not in self._text:
            raise NotOnThePageError(f"no section says: {step}")
        self._note(f'"{step}"')
        do()

    def _note(self, what: str) -> None:
        if what not in self.done:
            self.done.append(what)


def _short(words: Sequence[str]) -> list[str]:
    """Ids and reasons are of no use in a table."""
    kept = list(words)
    if "--why" in kept:
        at = kept.index("--why")
        del kept[at : at + 2]
    # Files by their names, whoever has them where.
    return ["dp-…" if word.startswith("dp-") else word.rpartition("/")[2] for word in kept]
