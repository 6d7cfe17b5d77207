"""A decision before it is made: what both sides would read of it, without any effect (R24)."""

from collections.abc import Callable, Mapping
from datetime import datetime

from msgspec import Struct, structs

from buyer_protection.application.actions.claim import NO_LIMITS, ruled, ruling_of
from buyer_protection.application.actions.context import Context
from buyer_protection.application.actions.execute import (
    ActionInput,
    Command,
    check_version,
    load_case_for,
    require_member,
)
from buyer_protection.application.mails.content import view_of
from buyer_protection.application.mails.delivery import Content
from buyer_protection.application.mails.recipients import mails_for
from buyer_protection.application.ports.idempotency import Answer
from buyer_protection.application.ports.mail_view import MailView
from buyer_protection.application.schemas.documents import (
    DisputeDocument,
    OutcomeDocument,
    answer,
    dispute_document,
    outcome_document,
)
from buyer_protection.application.schemas.requests import DecisionRequest
from buyer_protection.domain.claim import take_effect
from buyer_protection.domain.confirmations import needs_confirmation
from buyer_protection.domain.dispute import Change
from buyer_protection.domain.enums import Action, Role
from buyer_protection.domain.timeline import Actor


class MailPreview(Struct, frozen=True):
    """A mail as its text part would say it, in its reader's language and time zone.

    subject: the mail's subject.
    text: the whole text part.
    """

    subject: str
    text: str


class SidePreview(Struct, frozen=True):
    """What one side would read.

    dispute: the dispute as that side would see it.
    mail: the mail that it would get; null where the order's contacts are not known.
    """

    dispute: DisputeDocument
    mail: MailPreview | None


class DecisionPreviewDocument(Struct, frozen=True):
    """What a decision would do; nothing was written.

    outcome: how the dispute would end; with `return_required`, what is paid once the goods are back.
    confirmation_needed: whether the ruling would wait for a second member's confirmation first (R47).
    """

    outcome: OutcomeDocument
    confirmation_needed: bool
    buyer: SidePreview
    seller: SidePreview


def preview_decision(
    context: Context,
    render: Callable[[MailView], Content],
    site_url: str,
    command: Command,
    dispute_id: str,
    request: DecisionRequest,
    confirm_above: Mapping[str, int] = NO_LIMITS,
) -> Answer:
    """200 with what both would read; refused where the decision itself would be. Keeps nothing, not even the answer."""
    command = structs.replace(command, idempotency_id=None)
    loaded, role = load_case_for(context.cases, command, dispute_id, Action.DECIDE, request.evidence_ids)
    check_version(command, loaded.case)
    now, actor = context.clock.now(), Actor(role, command.caller.caller_id)
    require_member(context, actor.actor_id)
    given = ActionInput(loaded.case, role, actor, now, loaded.evidence or {})
    outcome = ruled(given, ruling_of(request))
    change = take_effect(loaded.case, actor, outcome, now)
    mails = _mails(context, render, site_url, change, now)
    shown = outcome_document(outcome)
    if shown is None:
        raise AssertionError("a ruling says what it would end the case with")
    buyer, seller = (
        SidePreview(dispute_document(change.after, side, now), mails.get(side))
        for side in (Role.BUYER, Role.SELLER)
    )
    document = DecisionPreviewDocument(shown, needs_confirmation(loaded.case, confirm_above), buyer, seller)
    return answer(200, document, version=loaded.case.version)


def _mails(
    context: Context,
    render: Callable[[MailView], Content],
    site_url: str,
    change: Change,
    now: datetime,
) -> dict[Role, MailPreview]:
    """The mails that the decision would cause, by reader."""
    case = change.after
    dossier, order = context.cases.dossier(case.dispute_id), context.orders.load(case.order_id)
    if dossier is None or order is None:
        return {}
    decided = structs.replace(dossier, case=case, timeline=[*dossier.timeline, *change.entries])
    found = {}
    for mail in mails_for(change.entry):
        content = render(view_of(mail, decided, order, site_url, now))
        found[mail.recipient] = MailPreview(content.subject, content.text)
    return found
