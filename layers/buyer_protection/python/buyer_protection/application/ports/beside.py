"""What is kept beside a case and changes nothing of it: no entry, no version, nothing that a party sees (R45)."""

from datetime import datetime
from typing import TypeAlias

from msgspec import Struct

from buyer_protection.domain.rulings import KeptRuling
from buyer_protection.domain.sides import Proposal


class Note(Struct, frozen=True):
    """A note of the team about a case: its author's id, its text, and when it was written. Never changed."""

    dispute_id: str
    note_id: str
    author_id: str
    text: str
    written_at: datetime


class RulingStep(Struct, frozen=True):
    """R47: a ruling begins to wait (of the case at `version`), or is refused or withdrawn (`version` None)."""

    dispute_id: str
    ruling: KeptRuling
    version: int | None = None


class ProposalTaken(Struct, frozen=True):
    """One side's yes to the team's standing proposal, as it was read and as it is from now on.

    `before_deadline`: taken before the end of the case's window only.
    """

    dispute_id: str
    before: Proposal
    after: Proposal
    before_deadline: bool


class Look(Struct, frozen=True):
    """A member of the team has read the earlier disputes of a party of this case. Never changed.

    `reader_id`: who looked; `person_id`: at whose disputes.
    """

    dispute_id: str
    look_id: str
    reader_id: str
    person_id: str
    seen_at: datetime


class AlreadySo(Struct, frozen=True):
    """What was asked for was so already: nothing is kept but the answer, so that a late repetition of the call does not
    do it after all."""

    dispute_id: str


Beside: TypeAlias = Note | RulingStep | ProposalTaken | Look | AlreadySo
