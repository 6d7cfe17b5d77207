"""What exporting and erasing a person's data needs of the world (R48)."""

from collections.abc import Mapping, Sequence, Set
from datetime import datetime
from typing import Any, Protocol

from msgspec import Struct

from buyer_protection.application.ports.idempotency import IdempotencyRecord
from buyer_protection.domain.enums import Role
from buyer_protection.domain.erasure import Erasure


class Kept(Struct, frozen=True):
    """What one row holds of a person: its kind, its id within the case ("" where there is one), the values by name."""

    kind: str
    row_id: str
    values: Mapping[str, Any]


class Part(Struct, frozen=True):
    """What is kept of a person with one case, or with one order: that much is erased, or exported, at once.

    `role` is the person's in it; `place` is where the next part begins.
    """

    role: Role
    dispute_id: str | None
    order_id: str | None
    place: Mapping[str, str]


class PersonStore(Protocol):
    """Requests to erase, legal holds, and the rows that hold something of a person."""

    def erasure(self, person_id: str) -> Erasure | None:
        """The last request; consistent."""
        ...

    def keep_erasure(
        self,
        erasure: Erasure,
        before: Erasure | None,
        now: datetime,
        idempotency: IdempotencyRecord | None = None,
    ) -> None:
        """The request as it becomes, and what is kept of the answer; due while it waits. ConflictingWriteError where it
        is not as it was read any more."""
        ...

    def stored(self, idempotency_id: str) -> IdempotencyRecord | None:
        """What is kept of the answer to a call."""
        ...

    def postpone_erasure(self, erasure: Erasure, until: datetime, reached: Mapping[str, str] | None) -> None:
        """Let the request be due at that instant, where it still waits, and keep how far it has come."""
        ...

    def reached(self, person_id: str) -> Mapping[str, str] | None:
        """How far the erasure has come: `place` of the last part that is done."""
        ...

    def is_any_held(self, person_ids: Set[str], dispute_ids: Set[str] = frozenset()) -> bool:
        """Whether a legal hold is on one of these people or cases; consistent."""
        ...

    def hold(self, person_id: str | None, dispute_id: str | None, now: datetime) -> bool:
        """Set a hold on a person or on a case; False where there is one."""
        ...

    def lift(self, person_id: str | None, dispute_id: str | None, now: datetime) -> bool:
        """Lift it; False where there is none."""
        ...

    def parts(self, person_id: str, after: Mapping[str, str] | None, *, limit: int) -> Sequence[Part]:
        """At most so many parts behind that place: the cases, then the orders, of each role of the person."""
        ...

    def folders(self, part: Part) -> Sequence[str]:
        """Where the person's files of a part lie, as prefixes of their keys; copies lie below them too."""
        ...

    def kept(self, part: Part) -> Sequence[Kept]:
        """What the rows of a part hold of the person."""
        ...

    def erase(self, part: Part, now: datetime) -> int:
        """Overwrite it, and the answers and address marks that follow from it. Returns how many rows were changed.

        Twice is once."""
        ...


class PersonFiles(Protocol):
    """The files of people, and the list of erasures that no restored table forgets."""

    def erase(self, folder: str) -> int:
        """Remove every version of everything below the folder for good. Returns how many there were."""
        ...

    def note_erasure(self, person_id: str) -> None:
        """Keep, outside of the table, that this person's data is erased."""
        ...

    def noted_erasures(self) -> Sequence[tuple[str, datetime]]:
        """Each person whose data was erased, and when that was noted last."""
        ...
