"""What is kept beside a case, in memory: the part of `CaseStore` that leaves the case as it is (R45)."""

from dataclasses import dataclass, replace
from datetime import datetime
from typing import TYPE_CHECKING

from buyer_protection.application.ports.beside import AlreadySo, Beside, Look, Note, ProposalTaken
from buyer_protection.application.ports.cases import Page
from buyer_protection.application.ports.errors import ConflictingWriteError, IdempotencyRecordExistsError
from buyer_protection.application.ports.idempotency import IdempotencyRecord
from buyer_protection.domain.rulings import WaitingRuling

if TYPE_CHECKING:
    from tests.support.fakes import World


@dataclass
class MemoryBeside:
    """Notes, rulings that wait, and a side's yes to the team's proposal."""

    world: "World"

    def keep_beside(
        self, step: Beside, *, now: datetime, idempotency: IdempotencyRecord | None = None
    ) -> None:
        world = self.world
        world.others_turn()
        if idempotency is not None and idempotency.idempotency_id in world.idempotency_records:
            raise IdempotencyRecordExistsError
        case = world.cases_kept[step.dispute_id]
        if isinstance(step, Note):
            world.notes[step.dispute_id].append(step)
        elif isinstance(step, Look):
            world.looks[step.dispute_id].append(step)
        elif isinstance(step, ProposalTaken):
            is_late = step.before_deadline and (case.deadline is None or now >= case.deadline)
            if case.proposal != step.before or is_late:
                raise ConflictingWriteError
            world.cases_kept[case.dispute_id] = replace(case, proposal=step.after)
        elif isinstance(step, AlreadySo):
            assert idempotency is not None, "an answer that nobody can ask for again"
            world.already_so.add(idempotency.idempotency_id)
        else:
            marker = WaitingRuling(step.ruling.decision_id, step.ruling.made_by)
            begins = step.version is not None
            if (case.version, case.waiting_ruling) != (
                (step.version, None) if begins else (case.version, marker)
            ):
                raise ConflictingWriteError
            world.cases_kept[case.dispute_id] = replace(case, waiting_ruling=marker if begins else None)
            world.rulings[case.dispute_id, step.ruling.decision_id] = step.ruling
        world.writes += 1
        world.keep_idempotency_record(idempotency)

    def notes(self, dispute_id: str, *, after: str = "", limit: int = 50) -> Page[Note]:
        later = [note for note in self.world.notes[dispute_id] if note.note_id > after]
        more = {"after": later[limit - 1].note_id} if len(later) > limit else None
        return Page(later[:limit], more)
