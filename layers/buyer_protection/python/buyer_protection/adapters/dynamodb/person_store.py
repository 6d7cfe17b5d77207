"""What is kept of a person (port `PersonStore`), by the table in `personal_data`."""

from collections.abc import Iterable, Mapping, Sequence, Set
from datetime import datetime
from typing import Any

from msgspec import to_builtins
from pynamodb.expressions.condition import Condition
from pynamodb.expressions.update import Action

from buyer_protection.adapters.dynamodb import keys, mapping
from buyer_protection.adapters.dynamodb.answered import commit_answered
from buyer_protection.adapters.dynamodb.blanking import taken_away
from buyer_protection.adapters.dynamodb.case_lists import opened_keys_of
from buyer_protection.adapters.dynamodb.case_rows import RowsOfCases
from buyer_protection.adapters.dynamodb.commit import revision_is
from buyer_protection.adapters.dynamodb.indexes import ByBuyer, BySeller
from buyer_protection.adapters.dynamodb.legal_holds import is_any_held
from buyer_protection.adapters.dynamodb.order_lists import places
from buyer_protection.adapters.dynamodb.person_tables import ErasureRow, LegalHoldRow
from buyer_protection.adapters.dynamodb.personal_data import PERSONAL
from buyer_protection.adapters.dynamodb.row import Row, is_known
from buyer_protection.adapters.dynamodb.tables import (
    AddressRow,
    AssignmentRow,
    EvidenceRow,
    IdempotencyRow,
    OrderRow,
)
from buyer_protection.adapters.dynamodb.transaction import Transaction
from buyer_protection.application.ports.archive import CaseArchive
from buyer_protection.application.ports.errors import ConflictingWriteError
from buyer_protection.application.ports.evidence_files import folders_of
from buyer_protection.application.ports.idempotency import IdempotencyRecord
from buyer_protection.application.ports.mail_transport import address_id
from buyer_protection.application.ports.mails import subject_of_person
from buyer_protection.application.ports.people import Kept, Part
from buyer_protection.application.ports.timers import DueKind
from buyer_protection.domain.enums import Role
from buyer_protection.domain.erasure import Erasure, ErasureStatus

# The parts of a person, in this order: how far an erasure has come is one of these and a place in it.
_STAGES = ("BUYER-CASES", "SELLER-CASES", "BUYER-ORDERS", "SELLER-ORDERS")
# By which a row of a case is named to the person.
_IDS = ("offer_id", "evidence_id", "message_id", "seq")
# What lies within a value and is of no use to the person: salts, and S3's names.
_INNER = frozenset({"salt", "version_id"})


class PynamoPersonStore:
    """A case or order is read whole, and each of its rows changed by itself: twice is once. What is in the archive is
    read from there; `application/workers/archive.py` writes it anew."""

    def __init__(self, archive: CaseArchive | None = None) -> None:
        self._rows = RowsOfCases(archive)

    def erasure(self, person_id: str) -> Erasure | None:
        """See `PersonStore.erasure`."""
        row = _erasure_row(person_id)
        if row is None:
            return None
        return Erasure(person_id, row.requested_at, row.effective_at, row.status, row.ended_at)

    def reached(self, person_id: str) -> Mapping[str, str] | None:
        """See `PersonStore.reached`."""
        row = _erasure_row(person_id)
        return row.reached if row else None

    def keep_erasure(
        self,
        erasure: Erasure,
        before: Erasure | None,
        now: datetime,
        idempotency: IdempotencyRecord | None = None,
    ) -> None:
        """See `PersonStore.keep_erasure`."""
        due_key = keys.due_key(subject_of_person(erasure.person_id), DueKind.EFFECT)
        row = ErasureRow(
            *keys.erasure(erasure.person_id),
            requested_at=erasure.requested_at,
            effective_at=erasure.effective_at,
            status=erasure.status,
            ended_at=erasure.ended_at,
            due_key=due_key if erasure.waits else None,
            due_at=erasure.effective_at if erasure.waits else None,
        )
        transaction = Transaction()
        if before is None:
            transaction.put_new(row)
        else:
            as_read = ErasureRow.requested_at == before.requested_at
            transaction.put_over(row, as_read & (ErasureRow.status == before.status))
        commit_answered(transaction, now, idempotency)

    def stored(self, idempotency_id: str) -> IdempotencyRecord | None:
        """See `PersonStore.stored`."""
        key = keys.idempotency(idempotency_id)
        row = Row.fetch([key]).get(key)
        return mapping.idempotency_record_of(row) if isinstance(row, IdempotencyRow) else None

    def postpone_erasure(self, erasure: Erasure, until: datetime, reached: Mapping[str, str] | None) -> None:
        """See `PersonStore.postpone_erasure`."""
        waits = (ErasureRow.status == ErasureStatus.WAITING) & (
            ErasureRow.requested_at == erasure.requested_at
        )
        actions: list[Action] = [ErasureRow.due_at.set(until)]
        if reached is not None:
            actions.append(ErasureRow.reached.set(dict(reached)))
        ErasureRow(*keys.erasure(erasure.person_id)).change_if(waits, actions)

    def is_any_held(self, person_ids: Set[str], dispute_ids: Set[str] = frozenset()) -> bool:
        """See `PersonStore.is_any_held`."""
        return is_any_held({*map(keys.person_pk, person_ids), *map(keys.case_pk, dispute_ids)})

    def hold(self, person_id: str | None, dispute_id: str | None, now: datetime) -> bool:
        """See `PersonStore.hold`."""
        row = LegalHoldRow(*keys.legal_hold(_pk_of(person_id, dispute_id)), since=now)
        return row.put_if(LegalHoldRow.pk.does_not_exist() | LegalHoldRow.until.exists())

    def lift(self, person_id: str | None, dispute_id: str | None, now: datetime) -> bool:
        """See `PersonStore.lift`."""
        row = LegalHoldRow(*keys.legal_hold(_pk_of(person_id, dispute_id)))
        stands = LegalHoldRow.since.exists() & LegalHoldRow.until.does_not_exist()
        return row.change_if(stands, [LegalHoldRow.until.set(now)])

    def parts(self, person_id: str, after: Mapping[str, str] | None, *, limit: int) -> Sequence[Part]:
        """See `PersonStore.parts`."""
        found: list[Part] = []
        reached = _STAGES.index(after["stage"]) if after else 0
        for stage in _STAGES[reached:]:
            start = after if after and after["stage"] == stage else None
            found += _parts_of(stage, person_id, limit - len(found), start)
            if len(found) >= limit:
                break
        return found

    def folders(self, part: Part) -> Sequence[str]:
        """See `PersonStore.folders`."""
        if part.dispute_id is None:
            return []
        items = self._rows.beginning(EvidenceRow, part.dispute_id, keys.EVIDENCE_PREFIX)
        own = (it.evidence_id for it in items if it.party is part.role)
        return [folder for one in own for folder in folders_of(part.dispute_id, one)]

    def kept(self, part: Part) -> Sequence[Kept]:
        """See `PersonStore.kept`."""
        found = (_kept(row, part.role) for row in self._all_of(part))
        return [one for one in found if one.values]

    def erase(self, part: Part, now: datetime) -> int:
        """See `PersonStore.erase`. What is found by a row goes before what the row says about where it is."""
        rows = Row.collection(_pk_of_part(part))
        answers = Row.fetch(keys.idempotency(one) for one in _answers_of(self._all_of(part))).values()
        for row in rows:
            if isinstance(row, OrderRow):
                _forget_address(row, part.role, now)
        return sum(_overwrite(row, part.role) for row in (*answers, *rows))

    def _all_of(self, part: Part) -> list[Row]:
        if part.dispute_id is None:
            return Row.collection(keys.order_pk(part.order_id or ""))
        return self._rows.whole(part.dispute_id)


def _erasure_row(person_id: str) -> ErasureRow | None:
    key = keys.erasure(person_id)
    row = Row.fetch([key]).get(key)
    return row if isinstance(row, ErasureRow) else None


def _pk_of(person_id: str | None, dispute_id: str | None) -> str:
    return keys.case_pk(dispute_id) if dispute_id is not None else keys.person_pk(person_id or "")


def _pk_of_part(part: Part) -> str:
    return keys.order_pk(part.order_id or "") if part.dispute_id is None else keys.case_pk(part.dispute_id)


def _parts_of(stage: str, person_id: str, limit: int, start: Mapping[str, str] | None) -> list[Part]:
    side, what = stage.split("-")
    role = Role(side)
    if what == "ORDERS":
        return [
            Part(role, None, order_id, {"stage": stage, "placed_at": placed_at, "order_id": order_id})
            for placed_at, order_id in places(role, person_id, limit, start)[:limit]
        ]
    index, key = (
        (ByBuyer, keys.buyer_key(person_id)) if role is Role.BUYER else (BySeller, keys.seller_key(person_id))
    )
    return [
        Part(role, opened.split("#", 1)[1], None, {"stage": stage, "opened_key": opened})
        for opened in opened_keys_of(index, key, limit, start)
    ]


def _changes(row: Row, side: Role) -> dict[str, Any]:
    """What becomes of the attributes that hold something of the side; what is empty counts as absent."""
    found: dict[str, Any] = {}
    for name, held in PERSONAL.get(type(row), {}).items():
        kept = row.attribute_values.get(name)
        if held.blank is None or (kept is None and name != "erased"):
            continue
        blank = held.blank(kept, row, side)
        if (blank or None) != (kept or None):
            found[name] = blank
    return found


def blanked(item: Mapping[str, Any], side: Role) -> Mapping[str, Any]:
    """A row as it is stored, without what is the side's own; rows that this version does not know stay as they are."""
    if not is_known(item):
        return item
    row, found = Row.from_raw_data(dict(item)), dict(item)
    for name, value in _changes(row, side).items():
        attribute = row.get_attributes()[name]
        if attribute.null and not value:
            found.pop(name, None)
        else:
            found[name] = {attribute.attr_type: attribute.serialize(value)}
    return found


def _kept(row: Row, side: Role) -> Kept:
    kind: Any = Row.kind
    known, own = row.attribute_values, PERSONAL.get(type(row), {})
    values = {
        name: _without_inner(taken_away(to_builtins(known[name]), to_builtins(blank)))
        for name, blank in _changes(row, side).items()
        if own[name].exported
    }
    row_id = next((str(known[name]) for name in _IDS if name in known), "")
    return Kept(kind.get_discriminator(type(row)), row_id, values)


def _without_inner(value: Any) -> Any:
    if isinstance(value, dict):
        return {name: _without_inner(one) for name, one in value.items() if name not in _INNER}
    return [_without_inner(one) for one in value] if isinstance(value, list | tuple) else value


def _overwrite(row: Row, side: Role) -> bool:
    """Whether something had to be overwritten. Raises ConflictingWriteError where the order was said anew meanwhile."""
    changes = _changes(row, side)
    if not changes:
        return False
    kind, condition = type(row), Row.pk.exists()
    if isinstance(row, OrderRow):
        condition &= revision_is(row.revision or 0)
    if not kind(row.pk, row.sk).change_if(condition, [_action(row, it, changes[it]) for it in changes]):
        # An answer may have come to the end of its time meanwhile.
        if isinstance(row, IdempotencyRow):
            return False
        raise ConflictingWriteError(f"{row.pk} {row.sk}")
    return True


def _action(row: Row, name: str, value: Any) -> Action:
    attribute = row.get_attributes()[name]
    return attribute.remove() if attribute.null and not value else attribute.set(value)


def _answers_of(rows: Iterable[Row]) -> set[str]:
    """The answers that are kept of calls about these rows."""
    found: set[str] = set()
    for row in rows:
        if isinstance(row, AssignmentRow):
            found.add(row.sk.rsplit("#", 1)[1])
        elif answered := row.attribute_values.get("idempotency_id"):
            found.add(answered)
    return found


def _forget_address(row: OrderRow, side: Role, now: datetime) -> None:
    """Let the mark on the person's address go, should there be one."""
    contact = row.order.buyer if side is Role.BUYER else row.order.seller
    if contact.email:
        there: Condition = AddressRow.pk.exists()
        mark = AddressRow(*keys.address(address_id(contact.email)))
        mark.change_if(there, [AddressRow.expires_at.set(int(now.timestamp()))])
