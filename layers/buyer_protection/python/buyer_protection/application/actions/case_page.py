"""GET /disputes/{id}/page: all that a page of a case shows, in one answer."""

from collections.abc import Sequence
from datetime import datetime

from msgspec import UNSET, Struct, UnsetType

from buyer_protection.application.actions.context import Context
from buyer_protection.application.actions.evidence import downloads_of
from buyer_protection.application.actions.execute import Command, load_case_for
from buyer_protection.application.actions.messages import MessageDocument, message_document, thread_query
from buyer_protection.application.actions.parts import earlier_token, newest_part
from buyer_protection.application.actions.reads import timeline_query
from buyer_protection.application.ports.evidence_files import EvidenceFiles
from buyer_protection.application.ports.idempotency import Answer
from buyer_protection.application.schemas.documents import (
    DisputeDocument,
    OfferDocument,
    TimelineDocument,
    answer,
    dispute_document,
    offer_document,
    timeline_document,
)
from buyer_protection.application.schemas.evidence_documents import EvidenceDocument, evidence_document
from buyer_protection.application.schemas.guide_documents import SideGuideDocument, case_guide
from buyer_protection.application.schemas.instants import At
from buyer_protection.application.schemas.reading import ViewerDocument
from buyer_protection.domain.dispute import Dispute
from buyer_protection.domain.enums import PARTIES, Action, Role
from buyer_protection.domain.evidence import is_withdrawable
from buyer_protection.domain.evidence_item import Evidence
from buyer_protection.domain.timeline import instant

# How many messages, and how many entries of the timeline, a page begins with.
_NEWEST = 50
# Items whose files come with links, the newest ones: the links of any other are read with the item.
_LINKED = 20


class NewestMessagesDocument(Struct, frozen=True):
    """The last messages, oldest first.

    items: the messages.
    earlier_page_token: leads back to earlier ones, as `page_token` of `GET .../messages`; absent where there are none.
    """

    items: Sequence[MessageDocument]
    earlier_page_token: str | UnsetType = UNSET


class NewestEntriesDocument(Struct, frozen=True):
    """The last entries of the timeline, oldest first.

    items: the entries.
    earlier_page_token: leads back to earlier ones, as `page_token` of `GET .../timeline`; absent where there are none.
    """

    items: Sequence[TimelineDocument]
    earlier_page_token: str | UnsetType = UNSET


class CasePageDocument(Struct, frozen=True):
    """All that a page of a case shows.

    dispute: the dispute as this reader sees it.
    offers: all offers of both sides, oldest first.
    evidence: all standing evidence that the reader sees, oldest first; verified files of the newest items with a link.
    messages: the last 50 messages.
    timeline: the last 50 entries of the timeline.
    guide: what helps as evidence: of the reader's side, for the team of both.
    viewer: as whom the caller reads it.
    as_of: the server's instant.
    """

    dispute: DisputeDocument
    offers: Sequence[OfferDocument]
    evidence: Sequence[EvidenceDocument]
    messages: NewestMessagesDocument
    timeline: NewestEntriesDocument
    guide: Sequence[SideGuideDocument]
    viewer: ViewerDocument
    as_of: At


def get_dispute_page(
    context: Context, files: EvidenceFiles, command: Command, dispute_id: str, *, scanning: bool
) -> Answer:
    """200 with the whole page; 404 to everybody who is no party and not of the team."""
    loaded, role = load_case_for(context.cases, command, dispute_id, Action.READ_CONTENTS)
    case, now, caller = loaded.case, context.clock.now(), command.caller.caller_id
    given = context.cases.evidence(dispute_id)
    order = context.orders.load(case.order_id)
    sides = [role] if role in PARTIES else PARTIES
    document = CasePageDocument(
        dispute=dispute_document(case, role, now, reader_id=caller),
        offers=[offer_document(dispute_id, offer) for offer in context.cases.offers(dispute_id)],
        evidence=_evidence(files, case, given, role, now, scanning),
        messages=_messages(context, case, caller),
        timeline=_timeline(context, case, caller, role),
        guide=[SideGuideDocument(side, case_guide(case, side, given, order)) for side in sides],
        viewer=ViewerDocument(role),
        as_of=instant(now),
    )
    return answer(200, document, version=case.version)


def _evidence(
    files: EvidenceFiles, case: Dispute, given: Sequence[Evidence], role: Role, now: datetime, scanning: bool
) -> list[EvidenceDocument]:
    shown = [item for item in given if item.withdrawn_at is None and item.is_visible_to(role)]
    linked = {item.evidence_id for item in [it for it in shown if it.files][-_LINKED:]}
    return [
        evidence_document(
            case.dispute_id,
            item,
            downloads=downloads_of(files, case.dispute_id, item, role, now, scanning=scanning)
            if item.evidence_id in linked
            else None,
            withdrawable=is_withdrawable(case, item, role, now),
        )
        for item in shown
    ]


def _messages(context: Context, case: Dispute, caller: str) -> NewestMessagesDocument:
    part = newest_part(case.messages, _NEWEST)
    found = context.cases.messages(case.dispute_id, after=part.after, limit=_NEWEST)
    items = [message_document(case.dispute_id, message) for message in found.items]
    return NewestMessagesDocument(items, earlier_token(caller, thread_query(case.dispute_id), part) or UNSET)


def _timeline(context: Context, case: Dispute, caller: str, role: Role) -> NewestEntriesDocument:
    part = newest_part(case.timeline_seq, _NEWEST)
    found = context.cases.timeline(case.dispute_id, after_seq=part.after, limit=_NEWEST)
    items = [timeline_document(entry, role) for entry in found.items]
    return NewestEntriesDocument(items, earlier_token(caller, timeline_query(case.dispute_id), part) or UNSET)
