"""What the archive of closed cases needs of the world (R48): objects for good, and rows that leave once they are there.

An object is one case: JSON with the signed export as anybody can check it, and every row as the table had it. Rows are
the store's own, named by their sort keys.
"""

from collections.abc import Mapping, Sequence
from datetime import datetime
from typing import Any, Protocol

from msgspec import Struct

from buyer_protection.application.ports.cases import Dossier
from buyer_protection.domain.enums import Role

FORMAT = "buyer-protection-archive/1"

# By sort key, as the table has them.
Rows = Mapping[str, Mapping[str, Any]]


class ArchiveDamagedError(Exception):
    """The object of an archived case is not there, or is not what was verified; the message names the case."""


class ArchivedObject(Struct, frozen=True):
    """What is stored; `tag` names this very content to who writes over it."""

    content: bytes
    tag: str


class ArchiveMark(Struct, frozen=True):
    """What the table says of an archived case: SHA-256, in hex, of the object that was verified; the version of the
    case and the instant that it is of; whether a legal hold keeps it. `next_sha256` is of one that is being written."""

    sha256: str
    version: int
    archived_at: datetime
    held: bool = False
    next_sha256: str | None = None


class GatheredCase(Struct, frozen=True):
    """All rows of a case, those of the archive among them: what the table has comes before what the archive has.

    `archived` is what the object has by now, `loose` the sort keys of rows that the table has and should not keep.
    """

    dossier: Dossier
    rows: Rows
    archived: Rows
    loose: Sequence[str]
    mark: ArchiveMark | None
    tag: str | None
    has_unsent_mail: bool


class CaseArchive(Protocol):
    """The objects. Nobody removes one but the archive's own end, and an erasure the versions before its own."""

    def read(self, dispute_id: str) -> ArchivedObject | None:
        """The object of a case as it is now."""
        ...

    def put(self, dispute_id: str, content: bytes, *, days: int | None, over: str | None) -> None:
        """Write it, over the content of that tag alone, or where there is none: ConflictingWriteError otherwise. It
        goes after so many days, or never."""
        ...

    def forget_before(self, dispute_id: str) -> int:
        """Remove every version but the newest for good. Returns how many there were."""
        ...


class ArchiveRows(Protocol):
    """The rows of cases, as the archive takes them."""

    def gather(self, dispute_id: str, erased: Role | None = None) -> GatheredCase | None:
        """Everything; consistent. With `erased`, without what is that side's own. None where there is no case.

        Raises ArchiveDamagedError."""
        ...

    def dossier_of(self, dispute_id: str, rows: Rows) -> Dossier:
        """What such rows say."""
        ...

    def announce(self, dispute_id: str, before: ArchiveMark, sha256: str) -> None:
        """Say which object is about to be written over the one that is marked. ConflictingWriteError where another one
        is marked by now."""
        ...

    def mark(self, dispute_id: str, mark: ArchiveMark, before: ArchiveMark | None) -> None:
        """Say that the case is in the archive. ConflictingWriteError where the case, or the mark, is another by now."""
        ...

    def let_go(
        self, dispute_id: str, loose: Sequence[str], *, rows_at: datetime, case_at: datetime | None
    ) -> None:
        """Have these rows leave the table by themselves at one instant, and what is left of the case at another, or
        never. Twice is once."""
        ...

    def let_order_go(self, order_id: str, at: datetime | None) -> None:
        """Have an order that had disputes leave the table, with its contacts, at that instant, or never; nothing where
        a dispute of it is open, or it has left. Twice is once."""
        ...
