"""The one gate to a case, and the one way in which a person changes it.

`load_case_for` answers 404 to everybody but the parties, the team and the shop's backend, and 403 to those who may see
the case but not do this. `execute` is how every action of a person changes a case: gate, stored response, version,
membership of the team where its member acts, domain, commit.
"""

from collections.abc import Callable, Mapping, Sequence
from datetime import datetime
from typing import TypeVar

from msgspec import Struct, field, structs

from buyer_protection.application.actions.context import Context
from buyer_protection.application.changes import Decision, change_case
from buyer_protection.application.ports.beside import AlreadySo, Beside
from buyer_protection.application.ports.cases import CaseStore, LoadedCase
from buyer_protection.application.ports.idempotency import Answer, IdempotencyRecord
from buyer_protection.application.schemas.documents import dispute_answer
from buyer_protection.domain.dispute import Change, Dispute
from buyer_protection.domain.enums import Action, Role
from buyer_protection.domain.errors import (
    ForbiddenError,
    IdempotencyKeyReusedError,
    NotFoundError,
    StaleVersionError,
)
from buyer_protection.domain.evidence_item import Evidence
from buyer_protection.domain.permissions import check_role
from buyer_protection.domain.proof import sealed
from buyer_protection.domain.rulings import KeptRuling
from buyer_protection.domain.timeline import Actor

T = TypeVar("T")

CASE_MANAGERS = "case_manager"
OPERATORS = "operator"
STAFF_OF = "seller:"


class Caller(Struct, frozen=True):
    """Who calls: the token's subject, groups, language and time zone, or the shop's own backend (`is_system`)."""

    caller_id: str
    groups: frozenset[str] = frozenset()
    is_system: bool = False
    locale: str | None = None
    zone: str | None = None

    @property
    def is_case_manager(self) -> bool:
        """Whether the token carries the team's group."""
        return not self.is_system and CASE_MANAGERS in self.groups

    @property
    def seller_groups(self) -> list[str]:
        """The sellers that the caller is staff of, by the groups `seller:{seller_id}`."""
        return sorted(group.removeprefix(STAFF_OF) for group in self.groups if group.startswith(STAFF_OF))

    def acts_for_seller(self, seller_id: str) -> bool:
        """The seller in person, or staff by the group `seller:{seller_id}`."""
        return not self.is_system and (self.caller_id == seller_id or f"{STAFF_OF}{seller_id}" in self.groups)

    def role_towards(self, buyer_id: str, seller_id: str) -> Role | None:
        """The relation to a case or order. A case manager who is a party is that party only; the backend is none."""
        if self.is_system:
            return Role.SYSTEM
        if self.caller_id == buyer_id:
            return Role.BUYER
        if self.acts_for_seller(seller_id):
            return Role.SELLER
        return Role.CASE_MANAGER if self.is_case_manager else None


class Unless(Struct, frozen=True):
    """What a PUT says with `If-None-Match`: write nothing where anything is kept (`*`), or one of these versions."""

    anything: bool = False
    versions: frozenset[int] = frozenset()


class Command(Struct, frozen=True):
    """What every call brings besides its body: caller, the receipt's id and body hash (POST), `If-Match`.

    `must_exist`: `If-Match: *`. `unless`: `If-None-Match` of a PUT. `correlation_id` names the call in logs, from here
    to the mails that follow from it.
    """

    caller: Caller
    idempotency_id: str | None = None
    body_hash: str = ""
    if_match: int | None = None
    correlation_id: str | None = None
    must_exist: bool = False
    unless: Unless | None = None


class ActionInput(Struct, frozen=True):
    """What a decision is taken on: the case, who acts, when, and the evidence rows asked for."""

    case: Dispute
    role: Role
    actor: Actor
    now: datetime
    evidence: Mapping[str, Evidence] = field(default_factory=dict)
    ruling: KeptRuling | None = None


class Unseen(Struct, frozen=True):
    """What a decision comes to that is no change of the case: what is kept beside it, and the answer (R45)."""

    step: Beside
    answer: Answer


def load_case_for(
    cases: CaseStore,
    command: Command,
    dispute_id: str,
    action: Action,
    evidence_ids: Sequence[str] = (),
    decision_id: str | None = None,
) -> tuple[LoadedCase, Role]:
    """The case and the caller's role on it: 404 where it is absent or not theirs, 403 where it is not theirs to do."""
    loaded = cases.load(
        dispute_id,
        idempotency_id=command.idempotency_id,
        evidence_ids=evidence_ids,
        decision_id=decision_id,
    )
    role = command.caller.role_towards(loaded.case.buyer_id, loaded.case.seller_id) if loaded else None
    if loaded is None or role is None:
        raise NotFoundError(rule="R1")
    check_role(loaded.case, role, action)
    return loaded, role


def stored_response(command: Command, idempotency: IdempotencyRecord | None) -> Answer | None:
    """The answer this very command got before; 422 where the key came with another body."""
    if idempotency is None:
        return None
    if idempotency.body_hash != command.body_hash:
        raise IdempotencyKeyReusedError("This Idempotency-Key was used before with another body.")
    return structs.replace(idempotency.answer, replayed=True)


def check_version(command: Command, case: Dispute) -> None:
    """412 where `If-Match` or `If-None-Match` does not allow the write."""
    check_precondition(command, case.version, f"The dispute is at version {case.version}.")


def check_precondition(command: Command, kept: int | None, detail: str) -> None:
    """412 where the call's conditions do not hold for the version that is kept; None where nothing is (RFC 9110)."""
    if kept is None:
        fails = command.if_match is not None or command.must_exist
    else:
        fails = command.if_match not in (None, kept)
        if command.unless is not None:
            fails = fails or command.unless.anything or kept in command.unless.versions
    if fails:
        raise StaleVersionError(detail)


def _updated(change: Change, role: Role, now: datetime) -> Answer:
    """What an action on a case answers unless it creates something: the dispute as the caller now sees it."""
    return dispute_answer(change.after, role, now, change.entry.person_id)


def execute(
    context: Context,
    command: Command,
    dispute_id: str,
    action: Action,
    decide: Callable[[ActionInput], Change | Unseen | None],
    respond: Callable[[Change, Role, datetime], Answer] = _updated,
    evidence_ids: Sequence[str] = (),
    decision_id: str | None = None,
) -> Answer:
    """One person's action on one case: one read, one decision, one transaction.

    Where `decide` finds nothing to do, the answer is the dispute as it is, and it alone is kept, where the call has a
    key. What it finds to be kept beside the case brings its own answer.
    """

    def load() -> tuple[LoadedCase, Role]:
        return load_case_for(context.cases, command, dispute_id, action, evidence_ids, decision_id)

    def decide_on(found: tuple[LoadedCase, Role], now: datetime) -> Decision[Answer]:
        loaded, role = found
        stored = stored_response(command, loaded.idempotency)
        if stored is not None:
            return Decision(stored)
        check_version(command, loaded.case)
        actor = Actor(role, command.caller.caller_id)
        if role is Role.CASE_MANAGER:
            require_member(context, actor.actor_id)
        change = decide(ActionInput(loaded.case, role, actor, now, loaded.evidence or {}, loaded.ruling))
        if change is None:
            return already_so(command, dispute_id, dispute_answer(loaded.case, role, now, actor.actor_id))
        if isinstance(change, Unseen):
            kept = idempotency_record_of(command, change.answer)
            return Decision(change.answer, idempotency=kept, beside=change.step)
        answer = respond(change, role, now)
        change = sealed(change.from_call(command.correlation_id), context.ids.salt)
        return Decision(answer, change, idempotency_record_of(command, answer))

    return change_case(context.cases, context.clock, load, decide_on)


def already_so(command: Command, dispute_id: str, answer: Answer) -> Decision[Answer]:
    """Nothing to do, which the call's repetition is to hear too, whatever others do in between."""
    record = idempotency_record_of(command, answer)
    return Decision(answer, idempotency=record, beside=AlreadySo(dispute_id) if record else None)


def idempotency_record_of(command: Command, answer: Answer) -> IdempotencyRecord | None:
    """What is kept with the change, so that the same command gets the same answer."""
    return (
        IdempotencyRecord(command.idempotency_id, command.body_hash, answer)
        if command.idempotency_id
        else None
    )


def require_case_manager(caller: Caller) -> None:
    """403 for anybody who is not of the team (R24)."""
    if not caller.is_case_manager:
        raise ForbiddenError("Only the Case Management Team can see this.", rule="R24")


def require_member(context: Context, person_id: str) -> None:
    """403 where that person is not in the team at this instant: a token may be an hour behind (R47)."""
    if not context.is_member(person_id):
        raise ForbiddenError("Who acts on a claim is in the Case Management Team now.", rule="R47")


def require_system(caller: Caller) -> None:
    """403 for anybody but the shop's own backend."""
    if not caller.is_system:
        raise ForbiddenError("Only the shop's own systems call this.")
