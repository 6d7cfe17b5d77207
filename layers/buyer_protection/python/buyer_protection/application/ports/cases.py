"""What the use cases need of the world. Adapters implement these; tests hold fakes and adapters to one contract."""

from collections.abc import Mapping, Sequence
from datetime import datetime
from typing import TYPE_CHECKING, Any, Protocol

from msgspec import Struct

from buyer_protection.domain.agreement import Offer
from buyer_protection.domain.dispute import Change, Dispute
from buyer_protection.domain.enums import Role
from buyer_protection.domain.evidence_item import Evidence, EvidenceFile
from buyer_protection.domain.mail_alert import MailNotice
from buyer_protection.domain.rulings import KeptRuling
from buyer_protection.domain.sides import Message
from buyer_protection.domain.timeline import TimelineEntry

if TYPE_CHECKING:
    pass
from buyer_protection.application.ports.beside import Beside, Note
from buyer_protection.application.ports.case_lists import CaseLists
from buyer_protection.application.ports.idempotency import IdempotencyRecord
from buyer_protection.application.ports.pages import Page

__all__ = ["Assignment", "CaseStore", "Dossier", "LoadedCase", "Page"]


class LoadedCase(Struct, frozen=True):
    """One consistent read: the case, the receipt of this very command if there is one, evidence and ruling asked for by
    id."""

    case: Dispute
    idempotency: IdempotencyRecord | None = None
    evidence: Mapping[str, Evidence] | None = None
    ruling: KeptRuling | None = None


class Dossier(Struct, frozen=True):
    """All that is kept of one case, oldest first."""

    case: Dispute
    offers: Sequence[Offer]
    evidence: Sequence[Evidence]
    timeline: Sequence[TimelineEntry]
    messages: Sequence[Message]
    brief: Mapping[str, Any] | None
    rulings: Sequence[KeptRuling] = ()


class Assignment(Struct, frozen=True):
    """Who of the team gives a claim to whom, or back to nobody; `previous` is who has it as it was read."""

    dispute_id: str
    by: str
    assignee: str | None
    previous: str | None


class CaseStore(CaseLists, Protocol):
    """The cases. Every change is one transaction (`commit`); every read that decides is consistent."""

    def load(
        self,
        dispute_id: str,
        *,
        idempotency_id: str | None = None,
        evidence_ids: Sequence[str] = (),
        decision_id: str | None = None,
    ) -> LoadedCase | None:
        """One BatchGetItem, consistent: FACTS, STATE, and where asked for the IDEM row, EVID rows and the RULING row.

        None: no case.
        """
        ...

    def commit(
        self,
        change: Change,
        *,
        now: datetime,
        idempotency: IdempotencyRecord | None = None,
        brief: Mapping[str, Any] | None = None,
    ) -> None:
        """One TransactWriteItems with everything the change brings.

        STATE (condition: version as loaded, and by `change.guard` `deadline > :now`, `deadline <= :now` or nothing),
        FACTS where a text or reason changed, TIMER where epoch, alarm status or wake instant changed (a raised epoch
        removes the token), the timeline row (`attribute_not_exists`), offer and evidence rows, the REFUND row with the
        order's ledger, the order's `active_dispute_id`, the receipt (`attribute_not_exists`), the brief.

        Raises ConflictingWriteError, ReceiptExistsError, OrderHeldError (openings), RefundExceedsPaidError.
        """
        ...

    def idempotency_record(self, idempotency_id: str) -> IdempotencyRecord | None:
        """The receipt of a command that is about no case yet; consistent."""
        ...

    def keep_assignment(
        self, assignment: Assignment, *, now: datetime, idempotency: IdempotencyRecord | None = None
    ) -> None:
        """The claim's assignee and the step to it, beside the case: no entry, no version (R45).

        Raises ConflictingWriteError where another has it by now, or the case is no open claim any more;
        IdempotencyRecordExistsError.
        """
        ...

    def keep_beside(
        self, step: Beside, *, now: datetime, idempotency: IdempotencyRecord | None = None
    ) -> None:
        """What changes nothing of the case: no entry, no version (R45). One transaction with the caller's receipt.

        A ruling waits only on the version that it was made on and while no other waits; one that is settled must be
        the one that waits. A yes is taken only to the proposal as it was read.

        Raises ConflictingWriteError, IdempotencyRecordExistsError.
        """
        ...

    def notes(self, dispute_id: str, *, after: str = "", limit: int = 50) -> Page[Note]:
        """The team's notes after that one, oldest first; consistent. `next_key` is `{"after": note_id}`."""
        ...

    def replace_notice(
        self, dispute_id: str, role: Role, kept: MailNotice | None, after: MailNotice | None
    ) -> bool:
        """What a party is shown of its mails, where that is still `kept`; False otherwise. No version goes up."""
        ...

    def replace_metadata(self, dispute_id: str, metadata: Mapping[str, str]) -> bool:
        """The shop's own keys of a case, whole; False where there is no such case. No entry, no version."""
        ...

    def replace_files(self, dispute_id: str, kept: Evidence, files: Sequence[EvidenceFile]) -> bool:
        """The files of an item that counts, with copies that were made of them later (R49); False where it does not
        count any more, or others were made since `kept` was read. No entry, no version."""
        ...

    def timeline(self, dispute_id: str, *, after_seq: int = 0, limit: int = 50) -> Page[TimelineEntry]:
        """Entries after `after_seq`, oldest first; consistent. `next_key` is `{"after_seq": n}`."""
        ...

    def offers(self, dispute_id: str) -> Sequence[Offer]:
        """All proposals, oldest first; consistent, and read after STATE, which says which of them have lapsed."""
        ...

    def evidence(self, dispute_id: str) -> Sequence[Evidence]:
        """All evidence, oldest first; consistent."""
        ...

    def messages(self, dispute_id: str, *, after: int = 0, limit: int = 50) -> Page[Message]:
        """Messages after number `after`, oldest first; consistent. `next_key` is `{"after": n}`."""
        ...

    def dossier(self, dispute_id: str) -> Dossier | None:
        """The whole item collection of one case: FACTS and STATE first, then all by one consistent query (paged)."""
        ...
