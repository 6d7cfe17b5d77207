"""How a case changes, whoever changes it: load, decide, commit; anew where another change came first."""

from collections.abc import Callable, Mapping
from dataclasses import replace
from datetime import datetime
from typing import Any, Generic, TypeVar, cast

from msgspec import Struct

from buyer_protection.application.ports.beside import Beside
from buyer_protection.application.ports.cases import CaseStore
from buyer_protection.application.ports.errors import (
    ConflictingWriteError,
    IdempotencyRecordExistsError,
    OrderHeldError,
)
from buyer_protection.application.ports.idempotency import IdempotencyRecord
from buyer_protection.application.ports.retries import retry_budget
from buyer_protection.application.ports.system import Clock
from buyer_protection.domain.dispute import Change
from buyer_protection.domain.era import Era
from buyer_protection.domain.errors import ContentionError

T = TypeVar("T")
L = TypeVar("L")


class Decision(Struct, Generic[T], frozen=True):
    """What is decided on what was loaded: `result` is the caller's; nothing is written without the others."""

    result: T
    change: Change | None = None
    idempotency: IdempotencyRecord | None = None
    beside: Beside | None = None
    brief: Mapping[str, Any] | None = None


class InEra:
    """Port `CaseStore` of a stage whose table was restored: the refund that a case ends with gets the era's id."""

    def __init__(self, cases: CaseStore, era: Era) -> None:
        self._cases, self._era = cases, era

    def __getattr__(self, name: str) -> Any:
        return getattr(self._cases, name)

    def commit(
        self,
        change: Change,
        *,
        now: datetime,
        idempotency: IdempotencyRecord | None = None,
        brief: Mapping[str, Any] | None = None,
    ) -> None:
        """See `CaseStore.commit`."""
        if (refund := change.refund) is not None:
            refund_id = self._era.mark(refund.refund_id, refund.requested_at)
            change = replace(
                change,
                refund=replace(refund, refund_id=refund_id),
                after=replace(change.after, refund_id=refund_id),
            )
        self._cases.commit(change, now=now, idempotency=idempotency, brief=brief)


def in_era(cases: CaseStore, era: Era) -> CaseStore:
    """The store of a stage of that era."""
    return cast("CaseStore", InEra(cases, era))


def change_case(
    cases: CaseStore, clock: Clock, load: Callable[[], L], decide: Callable[[L, datetime], Decision[T]]
) -> T:
    """Load, decide, commit; again while others come first and the budget lasts.

    Raises ContentionError once the budget is used up, and whatever `load` and `decide` raise.
    """

    def attempt() -> T:
        loaded = load()
        now = clock.now()
        decision = decide(loaded, now)
        if decision.change is not None:
            cases.commit(
                decision.change,
                now=now,
                idempotency=decision.idempotency,
                brief=decision.brief,
            )
        elif decision.beside is not None:
            cases.keep_beside(decision.beside, now=now, idempotency=decision.idempotency)
        return decision.result

    return retry_on_conflict(attempt)


def retry_on_conflict(attempt: Callable[[], T]) -> T:
    """Run until no other write comes first: `attempt` loads and decides anew each time.

    Raises ContentionError once the budget (`ports.retries`) is used up.
    """
    with retry_budget() as budget:
        while True:
            try:
                return attempt()
            # A held order has changed since it was read: reading it again names the rule (R12, R2 or R28).
            except (ConflictingWriteError, IdempotencyRecordExistsError, OrderHeldError) as conflict:
                if not budget.wait():
                    detail = "Others keep changing this; nothing was changed by this call."
                    raise ContentionError(detail) from conflict
