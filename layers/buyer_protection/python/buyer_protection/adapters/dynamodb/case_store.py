"""The cases in DynamoDB (port `CaseStore`)."""

from collections.abc import Mapping, Sequence
from datetime import datetime
from typing import Any

from pynamodb.expressions.update import Action

from buyer_protection.adapters.dynamodb import keys, mapping
from buyer_protection.adapters.dynamodb.beside import keep_beside
from buyer_protection.adapters.dynamodb.case_lists import PynamoCaseLists
from buyer_protection.adapters.dynamodb.case_rows import RowsOfCases
from buyer_protection.adapters.dynamodb.commit import Write, commit, commit_assignment
from buyer_protection.adapters.dynamodb.row import Row
from buyer_protection.adapters.dynamodb.tables import (
    BriefRow,
    EvidenceRow,
    FactsRow,
    IdempotencyRow,
    MessageRow,
    OfferRow,
    StateRow,
    TimelineRow,
)
from buyer_protection.adapters.dynamodb.team_tables import NoteRow, RulingRow
from buyer_protection.application.ports.archive import CaseArchive
from buyer_protection.application.ports.beside import Beside, Note
from buyer_protection.application.ports.cases import Assignment, Dossier, LoadedCase, Page
from buyer_protection.application.ports.idempotency import IdempotencyRecord
from buyer_protection.domain.agreement import Offer
from buyer_protection.domain.dispute import Change, Dispute
from buyer_protection.domain.enums import Role
from buyer_protection.domain.evidence_item import Evidence, EvidenceFile
from buyer_protection.domain.mail_alert import MailNotice
from buyer_protection.domain.numbers import evidence_number, message_number
from buyer_protection.domain.sides import Message
from buyer_protection.domain.timeline import TimelineEntry

# What the sweeper, the mails and the team keep beside these keeps nobody from reading the case.
_IN_DOSSIER = (OfferRow, EvidenceRow, TimelineRow, MessageRow, BriefRow, RulingRow)
_LAST_SEQ = 99_999_999
_LAST_MESSAGE = 9_999


class PynamoCaseStore(PynamoCaseLists):
    """Every change is one transaction, every read that decides is consistent, every index only finds ids.

    What has left the table for the archive is read from there by who has a right to it (`case_rows`)."""

    def __init__(self, archive: CaseArchive | None = None) -> None:
        self._rows = RowsOfCases(archive)

    def load(
        self,
        dispute_id: str,
        *,
        idempotency_id: str | None = None,
        evidence_ids: Sequence[str] = (),
        decision_id: str | None = None,
    ) -> LoadedCase | None:
        """See `CaseStore.load`."""
        wanted = {keys.evidence(dispute_id, n): i for i in evidence_ids if (n := evidence_number(i))}
        receipt_keys = [keys.idempotency(idempotency_id)] if idempotency_id is not None else []
        ruling_keys = [keys.ruling(dispute_id, decision_id)] if decision_id is not None else []
        named = [*receipt_keys, *wanted, *ruling_keys]
        rows = Row.fetch([keys.facts(dispute_id), keys.state(dispute_id), *named])
        case = _case(rows, dispute_id)
        if case is None:
            return None
        self._rows.seen(dispute_id, is_open=not case.is_closed)
        if case.is_closed and (gone := [key for key in (*wanted, *ruling_keys) if key not in rows]):
            rows |= self._rows.named(dispute_id, gone)
        idempotency = next(
            (mapping.idempotency_record_of(row) for row in rows.values() if isinstance(row, IdempotencyRow)),
            None,
        )
        found = {
            row.evidence_id: mapping.evidence_of(row) for row in rows.values() if isinstance(row, EvidenceRow)
        }
        ruling = next((row.ruling for row in rows.values() if isinstance(row, RulingRow)), None)
        return LoadedCase(case, idempotency, found if evidence_ids else None, ruling)

    def commit(
        self,
        change: Change,
        *,
        now: datetime,
        idempotency: IdempotencyRecord | None = None,
        brief: Mapping[str, Any] | None = None,
    ) -> None:
        """See `CaseStore.commit`."""
        commit(Write(change, now, idempotency, brief))

    def idempotency_record(self, idempotency_id: str) -> IdempotencyRecord | None:
        """See `CaseStore.idempotency_record`."""
        key = keys.idempotency(idempotency_id)
        row = Row.fetch([key]).get(key)
        return mapping.idempotency_record_of(row) if isinstance(row, IdempotencyRow) else None

    def keep_assignment(
        self, assignment: Assignment, *, now: datetime, idempotency: IdempotencyRecord | None = None
    ) -> None:
        """See `CaseStore.keep_assignment`."""
        commit_assignment(assignment, now, idempotency)

    def keep_beside(
        self, step: Beside, *, now: datetime, idempotency: IdempotencyRecord | None = None
    ) -> None:
        """See `CaseStore.keep_beside`."""
        keep_beside(step, now, idempotency)

    def notes(self, dispute_id: str, *, after: str = "", limit: int = 50) -> Page[Note]:
        """See `CaseStore.notes`."""
        _, begins = keys.note(dispute_id, after)
        # `~` sorts behind every character of an id.
        _, last = keys.note(dispute_id, "~")
        first = f"{begins}!" if after else begins
        rows = self._rows.between(NoteRow, dispute_id, first, last, limit=limit + 1)
        found = [
            Note(dispute_id, row.note_id, row.author_id, row.text, row.written_at) for row in rows[:limit]
        ]
        return Page(found, {"after": found[-1].note_id} if len(rows) > limit else None)

    def replace_notice(
        self, dispute_id: str, role: Role, kept: MailNotice | None, after: MailNotice | None
    ) -> bool:
        """See `CaseStore.replace_notice`."""
        notice = StateRow.buyer_notice if role is Role.BUYER else StateRow.seller_notice
        unchanged = notice.does_not_exist() if kept is None else notice == kept
        return StateRow(*keys.state(dispute_id)).change_if(
            StateRow.pk.exists() & unchanged, [notice.remove() if after is None else notice.set(after)]
        )

    def replace_metadata(self, dispute_id: str, metadata: Mapping[str, str]) -> bool:
        """See `CaseStore.replace_metadata`."""
        kept = FactsRow.metadata
        action = kept.set(dict(metadata)) if metadata else kept.remove()
        return FactsRow(*keys.facts(dispute_id)).change_if(FactsRow.pk.exists(), [action])

    def replace_files(self, dispute_id: str, kept: Evidence, files: Sequence[EvidenceFile]) -> bool:
        """See `CaseStore.replace_files`."""
        copied, key = EvidenceRow.copied, keys.evidence(dispute_id, evidence_number(kept.evidence_id))
        unchanged = copied.does_not_exist() | (copied == _copied(kept.files))
        actions: list[Action] = [EvidenceRow.files.set(tuple(files)), copied.set(_copied(files))]
        # What was erased meanwhile stays so (R48).
        unchanged &= EvidenceRow.erased.does_not_exist()
        return EvidenceRow(*key).change_if(EvidenceRow.counts.is_in(True) & unchanged, actions)

    def timeline(self, dispute_id: str, *, after_seq: int = 0, limit: int = 50) -> Page[TimelineEntry]:
        """See `CaseStore.timeline`."""
        _, first = keys.timeline(dispute_id, after_seq + 1)
        _, last = keys.timeline(dispute_id, _LAST_SEQ)
        rows = self._rows.between(TimelineRow, dispute_id, first, last, limit=limit + 1)
        entries = [mapping.entry_of(row) for row in rows[:limit]]
        return Page(entries, {"after_seq": entries[-1].seq} if len(rows) > limit else None)

    def offers(self, dispute_id: str) -> Sequence[Offer]:
        """See `CaseStore.offers`."""
        facts, state = _facts_and_state(
            Row.fetch([keys.facts(dispute_id), keys.state(dispute_id)]), dispute_id
        )
        if facts is None or state is None:
            return []
        rows = self._rows.beginning(OfferRow, dispute_id, keys.OFFER_PREFIX)
        return mapping.offers_of(facts, state, rows)

    def evidence(self, dispute_id: str) -> Sequence[Evidence]:
        """See `CaseStore.evidence`."""
        rows = self._rows.beginning(EvidenceRow, dispute_id, keys.EVIDENCE_PREFIX)
        return [mapping.evidence_of(row) for row in rows]

    def messages(self, dispute_id: str, *, after: int = 0, limit: int = 50) -> Page[Message]:
        """See `CaseStore.messages`."""
        _, first = keys.message(dispute_id, after + 1)
        _, last = keys.message(dispute_id, _LAST_MESSAGE)
        rows = self._rows.between(MessageRow, dispute_id, first, last, limit=limit + 1)
        found = [mapping.message_of(row) for row in rows[:limit]]
        more = len(rows) > limit
        return Page(found, {"after": message_number(found[-1].message_id)} if more else None)

    def dossier(self, dispute_id: str) -> Dossier | None:
        """See `CaseStore.dossier`."""
        facts, state = _facts_and_state(
            Row.fetch([keys.facts(dispute_id), keys.state(dispute_id)]), dispute_id
        )
        if facts is None or state is None:
            return None
        return dossier_of(facts, state, self._rows.whole(dispute_id, only=_IN_DOSSIER))


def dossier_of(facts: FactsRow, state: StateRow, rows: Sequence[Row]) -> Dossier:
    """What the rows of a case say, oldest first."""
    return Dossier(
        mapping.dispute_of(facts, state),
        mapping.offers_of(facts, state, [row for row in rows if isinstance(row, OfferRow)]),
        [mapping.evidence_of(row) for row in rows if isinstance(row, EvidenceRow)],
        [mapping.entry_of(row) for row in rows if isinstance(row, TimelineRow)],
        [mapping.message_of(row) for row in rows if isinstance(row, MessageRow)],
        next((row.content for row in rows if isinstance(row, BriefRow)), None),
        [row.ruling for row in rows if isinstance(row, RulingRow)],
    )


def _copied(files: Sequence[EvidenceFile]) -> int:
    return sum(1 for file in files if file.copy is not None)


def _case(rows: Mapping[keys.Key, Row], dispute_id: str) -> Dispute | None:
    facts, state = _facts_and_state(rows, dispute_id)
    return None if facts is None or state is None else mapping.dispute_of(facts, state)


def _facts_and_state(
    rows: Mapping[keys.Key, Row], dispute_id: str
) -> tuple[FactsRow | None, StateRow | None]:
    facts, state = rows.get(keys.facts(dispute_id)), rows.get(keys.state(dispute_id))
    return facts if isinstance(facts, FactsRow) else None, state if isinstance(state, StateRow) else None
