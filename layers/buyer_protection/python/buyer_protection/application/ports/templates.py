"""The team's texts for rationales, in the languages of the parties."""

from collections.abc import Mapping, Sequence
from datetime import datetime
from typing import Protocol

from msgspec import Struct


class Template(Struct, frozen=True):
    """A text by language, under a name that the team knows it by. `version` counts its changes from 1."""

    template_id: str
    name: str
    texts: Mapping[str, str]
    version: int
    updated_at: datetime


class TemplateStore(Protocol):
    """All templates of the team: a few dozen, read as a whole."""

    def templates(self) -> Sequence[Template]:
        """By id; consistent."""
        ...

    def put(self, template: Template) -> bool:
        """Write it whole, over the version before its own (the first over nothing). False where another came first."""
        ...
