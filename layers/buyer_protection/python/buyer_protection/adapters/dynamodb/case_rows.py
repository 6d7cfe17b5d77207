"""The rows of a case, wherever they are: in the table, or in the archive once they have left it (R48).

The one place that knows of both. Rows of the table come before those of the archive, so that what is written beside an
archived case, or changed, is seen at once. The table is read first and then asked whether the case is archived: while
it is not, every row is still there.
"""

import json
import time
from collections import OrderedDict
from collections.abc import Iterable, Mapping
from hashlib import sha256
from typing import Any, TypeVar

from pynamodb.attributes import BooleanAttribute, UnicodeAttribute

from buyer_protection.adapters.dynamodb import keys
from buyer_protection.adapters.dynamodb.attributes import CountAttribute, InstantAttribute
from buyer_protection.adapters.dynamodb.row import Row
from buyer_protection.application.ports.archive import (
    ArchiveDamagedError,
    ArchivedObject,
    ArchiveMark,
    CaseArchive,
    Rows,
)
from buyer_protection.application.ports.errors import UnreadableRowError

R = TypeVar("R", bound=Row)

# The rows that stay in the table as long as an archived case can be read: lists, histories, the one dispute an order
# may have, sellers' metrics and the match of refunds are made of them.
STAYING = frozenset(
    {keys.FACTS, keys.STATE, keys.TIMER, keys.REFUND, keys.ARCHIVED, keys.LEGAL_HOLD},
)
# Those that are no part of the case.
BESIDE = frozenset({keys.ARCHIVED, keys.LEGAL_HOLD})
# No case is archived within a day of the policy after its closing: one that was open so long ago still is not.
OPEN_SECONDS = 1.0
# Whoever reads pages of one case finds it in the process.
KEPT = 4


class ArchivedRow(Row, discriminator="ARCHIVED"):
    """That the case is in the archive: SHA-256 of the object, and of the one that is being written over it."""

    sha256 = UnicodeAttribute()
    next_sha256 = UnicodeAttribute(null=True)
    version = CountAttribute()
    archived_at = InstantAttribute()
    held = BooleanAttribute(null=True)


class RowsOfCases:
    """`archive` is None where a function has no right to it, and no archived case to read."""

    def __init__(self, archive: CaseArchive | None = None) -> None:
        self._archive = archive
        self._found: OrderedDict[tuple[str, str], Rows] = OrderedDict()
        self._open: tuple[str, float] = "", 0.0

    def seen(self, dispute_id: str, *, is_open: bool) -> None:
        """The case was just read: who now reads the rows of an open one need not look for an archive."""
        self._open = (dispute_id, time.monotonic()) if is_open else ("", 0.0)

    def between(
        self, kind: type[R], dispute_id: str, first: str, last: str, *, limit: int | None = None
    ) -> list[R]:
        """Rows of one kind with sort keys of this range, in their order; at most `limit`."""
        pk = keys.case_pk(dispute_id)
        rows = kind.collection(pk, kind.sk.between(first, last), limit=limit)
        found = self._merged(kind, dispute_id, rows, lambda sk: first <= sk <= last)
        return found[:limit]

    def beginning(self, kind: type[R], dispute_id: str, prefix: str) -> list[R]:
        """Rows of one kind with sort keys that begin so, in their order."""
        rows = kind.collection(keys.case_pk(dispute_id), kind.sk.startswith(prefix))
        return self._merged(kind, dispute_id, rows, lambda sk: sk.startswith(prefix))

    def whole(
        self,
        dispute_id: str,
        *,
        only: tuple[type[Row], ...] | None = None,
        left_out: list[UnreadableRowError] | None = None,
    ) -> list[Row]:
        """All rows, or those of these kinds; see `Row.collection`."""
        kinds: tuple[type[Row], ...] | None = None if only is None else (*only, ArchivedRow)
        rows = Row.collection(keys.case_pk(dispute_id), only=kinds, left_out=left_out)
        mark = next((row for row in rows if isinstance(row, ArchivedRow)), None)
        if mark is None:
            return rows
        old = _rows_of(self.archived(dispute_id, mark), left_out)
        return _in_order([it for it in old if only is None or isinstance(it, only)], rows)

    def named(self, dispute_id: str, wanted: Iterable[keys.Key]) -> dict[keys.Key, Row]:
        """Those of these rows that are in the archive; none where the case is not."""
        mark = mark_of(dispute_id)
        items = self.archived(dispute_id, mark) if mark is not None else {}
        found = {key: items[key[1]] for key in wanted if key[1] in items}
        return {key: Row.from_raw_data(dict(item)) for key, item in found.items()}

    def archived(self, dispute_id: str, mark: ArchivedRow) -> Rows:
        """What the archive has of a case, by sort key. Raises ArchiveDamagedError."""
        known = dispute_id, mark.sha256
        found = self._found.get(known)
        if found is None:
            found = self._found[known] = self.verified(dispute_id, mark)[0]
            if len(self._found) > KEPT:
                self._found.popitem(last=False)
        return found

    def verified(self, dispute_id: str, mark: ArchivedRow) -> tuple[Rows, ArchivedObject]:
        """The rows of the object, and the object, which is one that the table names. Raises ArchiveDamagedError."""
        if self._archive is None:
            raise ArchiveDamagedError(f"{dispute_id}: this function has no archive")
        found = self._archive.read(dispute_id)
        if found is not None and not _is_named(found, mark):
            # It may just have been written anew.
            latest = mark_of(dispute_id)
            found = found if latest is not None and _is_named(found, latest) else None
        if found is None:
            raise ArchiveDamagedError(f"{dispute_id}: the object is not there, or not what was verified")
        return rows_in(found.content), found

    def _merged(self, kind: type[R], dispute_id: str, rows: list[R], is_in: Any) -> list[R]:
        known, since = self._open
        if known == dispute_id and time.monotonic() < since + OPEN_SECONDS:
            return rows
        mark = mark_of(dispute_id)
        if mark is None:
            return rows
        items = self.archived(dispute_id, mark)
        old = _rows_of({sk: item for sk, item in items.items() if is_in(sk)}, None)
        return [row for row in _in_order(old, rows) if isinstance(row, kind)]


def mark_of(dispute_id: str) -> ArchivedRow | None:
    """Whether the case is in the archive; consistent."""
    key = keys.archived(dispute_id)
    row = Row.fetch([key]).get(key)
    return row if isinstance(row, ArchivedRow) else None


def archive_mark_of(row: ArchivedRow) -> ArchiveMark:
    """What the row says."""
    return ArchiveMark(row.sha256, row.version, row.archived_at, bool(row.held), row.next_sha256)


def rows_in(content: bytes) -> Rows:
    """The rows of an object."""
    found: Mapping[str, Mapping[str, Any]] = json.loads(content)["rows"]
    return found


def _is_named(found: ArchivedObject, mark: ArchivedRow) -> bool:
    return sha256(found.content).hexdigest() in (mark.sha256, mark.next_sha256)


def _rows_of(items: Rows, left_out: list[UnreadableRowError] | None) -> list[Row]:
    rows: list[Row] = []
    for item in items.values():
        try:
            rows.append(Row.from_raw_data(dict(item)))
        except UnreadableRowError as error:
            if left_out is None:
                raise
            left_out.append(error)
    return rows


def _in_order(old: Iterable[Row], new: Iterable[Row]) -> list[Row]:
    by_key = {row.sk: row for row in (*old, *new)}
    return [by_key[sk] for sk in sorted(by_key)]
